"""Logs and other texts that come packed, zip or gzip: unpacked within bounds."""

import re
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.wire.mail import Mail
from headwater.wire.mail_text import decoded, plain
from headwater.wire.unpack import unpack

MOST_BYTES: Final = 8 * 2**20  # of all texts together; more is a table's business
MOST_TEXTS: Final = 10
_PACKED: Final = (b"PK\x03\x04", b"\x1f\x8b")
_OTHER: Final = re.compile(
    r"\.(?:csv|tsv|json|xml|pdf|png|jpe?g|gif|docx?|xlsx?|exe|dll|pcap|zip|gz|html?)$",
    re.IGNORECASE,
)


def packed_texts(mail: Mail) -> list[str]:
    """The texts in a mail's archives; damaged ones, and what is no text, are left out."""
    texts: list[str] = []
    left = MOST_BYTES
    for part in mail.parts:
        if not part.body.startswith(_PACKED):
            continue
        try:
            members = unpack(part.name, part.body, left)
        except MalformedInput:
            continue
        for member in members:
            left -= len(member.content)
            is_text = not _OTHER.search(member.name) and b"\0" not in member.content[:4096]
            if is_text and len(texts) < MOST_TEXTS:
                texts.append(plain(decoded(member.content, "utf-8")))
    return texts
