"""Who takes a domain's mail, and whether a mail server of our own takes it for a mailbox."""

import smtplib
import socket
from contextlib import closing, suppress
from typing import Final

from headwater.records.errors import MalformedInput, RemoteFault
from headwater.wire.mail_exchangers import Exchangers, mx_question, read_mx

SECONDS: Final = 10.0
LONGEST_ANSWER: Final = 65_535  # RFC 7766 section 8: two bytes say how long it is


def mail_hosts(domain: str, resolver: tuple[str, int], number: int) -> Exchangers:
    """What a resolver says of the domain's MX records, asked over TCP.

    ``number``: the question's, hard to guess. Raises RemoteFault.
    """
    try:
        question = mx_question(domain, number)
        with closing(socket.create_connection(resolver, SECONDS)) as door:
            door.sendall(len(question).to_bytes(2) + question)
            return read_mx(_exactly(door, int.from_bytes(_exactly(door, 2))), number)
    except (OSError, MalformedInput) as why:
        raise RemoteFault(f"the MX records of {domain}: {resolver[0]}: {why}") from why


def _exactly(door: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        more = door.recv(size - len(got))
        if not more:
            raise MalformedInput("the resolver broke off")
        got += more
    return got


def addresses_of(host: str) -> list[str]:
    """Every address of a host; none where it has none. An address is its own."""
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return []
    return sorted({str(entry[4][0]).partition("%")[0] for entry in found})


def takes_mail(server: tuple[str, int], mailbox: str) -> tuple[int, str]:
    """The server's reply to RCPT TO (RFC 5321 section 4.1.1.3). No mail is sent.

    Raises RemoteFault where the talk does not get that far.
    """
    try:
        talk = smtplib.SMTP(*server, timeout=SECONDS)
        try:
            return _asked(talk, mailbox)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                talk.quit()
            talk.close()
    except (OSError, smtplib.SMTPException) as why:
        raise RemoteFault(f"{server[0]} port {server[1]}: {why}") from why


def _asked(talk: smtplib.SMTP, mailbox: str) -> tuple[int, str]:
    talk.ehlo_or_helo_if_needed()
    code, said = talk.mail("")  # the null reverse-path, as a bounce
    if code >= 400:
        raise RemoteFault(f"MAIL FROM:<> was refused: {_text(code, said)}")
    code, said = talk.rcpt(mailbox)
    return code, _text(code, said)


def _text(code: int, said: bytes) -> str:
    words = said.decode("utf-8", "replace")
    return f"{code} " + "".join(c if c.isprintable() else " " for c in words)[:200]
