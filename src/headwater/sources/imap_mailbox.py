"""An IMAP mailbox followed: new mails are handed on, and marked only after they are kept.

RFC 9051; IDLE (RFC 2177) where the server has it, asking again every minute where not.
A mail is fetched without marking it. It is marked (or moved) after its handler returned, so
that a crash in between reads it again and loses none.
"""

import imaplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from imap_tools import (
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailBoxUnencrypted,
    MailMessageFlags,
)

from headwater.records.errors import Misconfigured, RemoteFault
from headwater.records.intake import Refused
from headwater.records.mailboxes import Mailbox
from headwater.sources.mailbox import RawMail
from headwater.wire.mail import MOST_BYTES

MAILS_AT_ONCE: Final = 100
TIMEOUT_S: Final = 60.0
IDLE_S: Final = 25 * 60  # RFC 2177: again before half an hour is over
LOOK_AGAIN_S: Final = 60.0

Handle = Callable[[Sequence[RawMail | Refused]], None]
Stopped = Callable[[], bool]
Wait = Callable[[float], None]


def follow(
    box: Mailbox, handle: Handle, stopped: Stopped, wait: Wait, idle_s: float = IDLE_S
) -> None:
    """Hand on new mails until stopped. Raises RemoteFault where the server fails."""
    with connected(box) as mailbox:
        while not stopped():
            if take_new(box, mailbox, handle):
                continue
            _await_mail(mailbox, idle_s, stopped, wait)


def take_new(box: Mailbox, mailbox: BaseMailBox, handle: Handle) -> int:
    """Hand on at most so many unread mails and mark them; how many there were."""
    try:
        uids = mailbox.uids("UNSEEN")[:MAILS_AT_ONCE]
        if not uids:
            return 0
        handle([_fetched(box, mailbox, uid) for uid in uids])
        if box.done_folder:
            mailbox.move(uids, box.done_folder)
        else:
            mailbox.flag(uids, MailMessageFlags.SEEN, True)
        return len(uids)
    except _FAULTS as wrong:
        raise RemoteFault(f"{box.host}: {wrong}") from wrong


_FAULTS: Final = (imaplib.IMAP4.error, ImapToolsError, OSError)


def _fetched(box: Mailbox, mailbox: BaseMailBox, uid: str) -> RawMail | Refused:
    source = f"imap://{box.host}/{box.folder}"
    size = mailbox.client.uid("fetch", uid, "(RFC822.SIZE)")[1]
    told = _size(size)
    if told > MOST_BYTES:
        return Refused(
            source=source, position=f"uid {uid}", reason=f"mail too big: {told} bytes"
        )
    answer = mailbox.client.uid("fetch", uid, "(BODY.PEEK[])")[1]
    raw = next((p[1] for p in answer if isinstance(p, tuple) and len(p) > 1), None)
    if not isinstance(raw, bytes):
        return Refused(source=source, position=f"uid {uid}", reason="mail not delivered")
    return RawMail(raw=raw, source=source, position=f"uid {uid}")


def _size(answer: object) -> int:
    text = str(answer)
    at = text.find("RFC822.SIZE ")
    digits = text[at + 12 : at + 24].split(")")[0].split(" ")[0] if at >= 0 else ""
    return int(digits) if digits.isdigit() else 0


@contextmanager
def connected(box: Mailbox) -> Iterator[BaseMailBox]:
    """Signed in, with the folder open. Raises RemoteFault, Misconfigured."""
    password = _password(box)
    mailbox = _reached(box)
    try:
        mailbox.login(box.user, password, initial_folder=box.folder)
    except _FAULTS as wrong:
        mailbox.client.shutdown()
        raise RemoteFault(f"{box.host}: cannot sign in as {box.user}: {wrong}") from wrong
    try:
        yield mailbox
    finally:
        _sign_out(mailbox)


def _reached(box: Mailbox) -> BaseMailBox:
    try:
        if box.tls:
            secure = ssl.create_default_context()
            return MailBox(box.host, box.port, TIMEOUT_S, ssl_context=secure)
        return MailBoxUnencrypted(box.host, box.port, TIMEOUT_S)
    except _FAULTS as wrong:
        raise RemoteFault(f"{box.host}: cannot be reached: {wrong}") from wrong


def _sign_out(mailbox: BaseMailBox) -> None:
    try:
        mailbox.logout()
    except _FAULTS:
        return  # the server has gone already


def _password(box: Mailbox) -> str:
    try:
        return Path(box.password_file).read_text("utf-8").split("\n", 1)[0].strip()
    except OSError as wrong:
        raise Misconfigured(f"password_file = {box.password_file}: {wrong.strerror}") from None


def _await_mail(mailbox: BaseMailBox, idle_s: float, stopped: Stopped, wait: Wait) -> None:
    """Until the server says that something changed, or it is time to look again."""
    try:
        if "IDLE" not in mailbox.client.capabilities:
            wait(LOOK_AGAIN_S)
            return
        with mailbox.idle as idle:
            waited = 0.0
            step = min(5.0, idle_s)
            while waited < idle_s and not stopped():
                if idle.poll(timeout=step):
                    return
                waited += step
    except _FAULTS as wrong:
        raise RemoteFault(f"connection lost while waiting: {wrong}") from wrong
