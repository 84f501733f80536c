"""Mails as tests need them: own networks, a vocabulary, and reports built from a text."""

from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Final

from headwater.records.incident import Incident
from headwater.wire.mail import Mail, read_mail
from headwater.wire.moments import Clue
from headwater.wire.reports.claim import Desk
from headwater.wire.reports.order import Opened, open_report
from headwater.wire.reports.words import default_words

NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)
SENT: Final = datetime(2019, 3, 12, 10, tzinfo=UTC)
OWN: Final = [ip_network("192.0.2.0/24"), ip_network("2001:db8:1::/48")]
WORDS: Final = default_words()
HEAD: Final = (
    "From: Reporter <abuse@reporter.example>\nTo: abuse@isp.example\n"
    "Date: Tue, 12 Mar 2019 10:00:00 +0000\n"
)


def own(address: str) -> bool:
    return any(ip_address(address) in network for network in OWN)


DESK: Final = Desk(own=own, words=WORDS, clue=Clue(sent=SENT))


def raw_mail(subject: str, body: str, headers: str = "") -> bytes:
    kind = (
        "" if "content-type" in headers.lower() else "Content-Type: text/plain; charset=utf-8\n"
    )
    return f"{HEAD}Subject: {subject}\n{kind}{headers}\n{body}".encode()


def mail(subject: str, body: str, headers: str = "") -> Mail:
    return read_mail(raw_mail(subject, body, headers))


def multipart(subject: str, *parts: str, kind: str = "mixed") -> Mail:
    """Parts are their headers, an empty line and their body."""
    joined = "".join(f"--b\n{part}\n" for part in parts)
    return mail(subject, f"{joined}--b--\n", f"Content-Type: multipart/{kind}; boundary=b\n")


def opened(given: Mail) -> Opened:
    return open_report(given, own, WORDS, NOW)


def told(incident: Incident) -> tuple[str, int | None, str | None, str]:
    """Address, port, time of day of the evidence, kind."""
    at = None if incident.seen.of_mail else incident.seen.at.strftime("%H:%M:%S")
    return incident.address, incident.port, at, str(incident.kind)
