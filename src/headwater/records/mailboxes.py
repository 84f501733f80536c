"""Abuse mailboxes to follow: the file mailboxes.toml of a workspace, typed.

[mailboxes.abuse]
host = "imap.example.net"
user = "abuse"
password_file = "/etc/headwater/abuse.password"

[mailboxes.quiet]           # unpublished: one reporter writes to it
host = "imap.example.net"
user = "quiet"
password_file = "/etc/headwater/quiet.password"
trusted = true
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
)

from headwater.records.errors import Misconfigured

MAILBOXES_FILE: Final = "mailboxes.toml"
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

Words = Annotated[StrictStr, Field(min_length=1, max_length=255)]


class Mailbox(BaseModel):
    """How to reach one IMAP mailbox, and how much its mails are worth."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Words
    port: StrictInt = Field(default=993, ge=1, le=65_535)
    user: Words
    password_file: Words  # its first line is the password
    folder: Words = "INBOX"
    done_folder: StrictStr = ""  # read mails are moved there; "": they are marked as seen
    tls: StrictBool = True  # false only on loopback
    trusted: StrictBool = False  # nobody but known reporters knows the address


def parse_mailboxes(raw: Mapping[str, Any], source: str = MAILBOXES_FILE) -> dict[str, Mailbox]:
    """Mailboxes by name. Raises Misconfigured naming the key and what was expected."""
    boxes = raw.get("mailboxes")
    if set(raw) != {"mailboxes"} or not isinstance(boxes, Mapping) or not boxes:
        raise Misconfigured(
            f"{source}: expected sections such as [mailboxes.abuse], nothing else"
        )
    return {name: _mailbox(name, box, source) for name, box in boxes.items()}


def _mailbox(name: str, raw: object, source: str) -> Mailbox:
    where = f"{source}: mailboxes.{name}"
    if not _NAME.fullmatch(name):
        raise Misconfigured(f"{where}: expected a name of letters, digits, _ and -")
    try:
        box = Mailbox.model_validate(raw)
    except ValidationError as invalid:
        fault = invalid.errors(include_url=False)[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise Misconfigured(f"{where}.{key}: {fault['msg']}") from None
    if not box.tls and box.host not in _LOOPBACK:
        raise Misconfigured(
            f"{where}.tls = false: a password is sent in clear only to loopback"
        )
    return box
