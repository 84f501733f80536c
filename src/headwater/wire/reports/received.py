"""Who handed a mail over: the client of each Received line (RFC 5321 section 4.4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from headwater.records.incident import Moment
from headwater.wire.mail import Mail
from headwater.wire.mentions import find_mentions
from headwater.wire.moments import Clue, find_moments
from headwater.wire.reports.claim import Own

_FROM: Final = re.compile(r"\bfrom\s(.*?)(?:\sby\s|;|$)", re.IGNORECASE | re.DOTALL)
_CLAIMED: Final = re.compile(r"(?:helo|ehlo|ident)[ =:]{1,2}\[?$", re.IGNORECASE)
_FOLDED: Final = re.compile(
    r"^[ \t>|*]*Received:[ \t]*(?P<value>from[^\n]*(?:\n[ \t>|]++(?![\w-]+:\s)[^\n]*){0,8})",
    re.IGNORECASE | re.MULTILINE,
)
# What mail systems add about the client they took a mail from.
CLIENT_HEADERS: Final = (
    "x-originating-ip", "x-source-ip", "x-sender-ip", "x-client-ip", "x-remote-ip",
    "x-aol-ip", "x-mail-from-ip", "x-spam-source-ip", "x-sourceip", "x-senderip", "x-real-ip",
    "x-spamtrap-ip", "x-source", "x-php-originating-ip", "x-hmxmroriginatingip",
    "x-originalarrivalip",
)  # fmt: skip
MOST_HOPS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    address: str
    moment: Moment | None
    line: str
    taken_by: str | None = None  # the address of the server that wrote the line
    rank: int  # 0: the last server's word; higher: farther from who reports, easier forged


def hops(values: list[str], clue: Clue) -> Iterator[Hop]:
    """The client of each Received value, newest first; what names none is left out."""
    for rank, value in enumerate(values[:MOST_HOPS]):
        said = _FROM.search(value[:2000])
        address = _client(said[1]) if said else None
        if said and address:
            moments = [f.moment for f in find_moments(value[-200:], clue) if f.has_clock]
            yield Hop(
                address=address,
                moment=moments[-1] if moments else None,
                line=value,
                rank=rank,
                taken_by=_client(value[said.end() :][:200]),
            )


def _client(text: str) -> str | None:
    """Of several addresses the last that is not just claimed in HELO."""
    found = [
        m.address for m in find_mentions(text) if not _CLAIMED.search(text[: m.start][-12:])
    ]
    return found[-1] if found else None


def handed_over_by(mail: Mail, own: Own, clue: Clue) -> Hop | None:
    """The own address that handed this mail on, by its newest Received line that names one."""
    for hop in hops(mail.all("received"), clue):
        if own(hop.address) and not is_inside(hop, own):
            return hop
    for name in CLIENT_HEADERS:
        for mention in find_mentions(mail.header(name)):
            if own(mention.address):
                return Hop(
                    address=mention.address,
                    moment=None,
                    line=f"{name}: {mail.header(name)}",
                    rank=9,
                )
    return None


def is_inside(hop: Hop, own: Own) -> bool:
    """Both ends own and different: one of the operator's servers to another."""
    return bool(hop.taken_by and hop.taken_by != hop.address and own(hop.taken_by))


def received_in_text(text: str) -> list[tuple[int, int, str]]:
    """Received lines quoted in a text: start, end and unfolded value of each."""
    if "eceived:" not in text:
        return []
    return [
        (m.start(), m.end(), " ".join(m["value"].replace(">", " ").split()))
        for m in _FOLDED.finditer(text)
    ]
