"""Everything one text says about addresses, and which of them it accuses.

Lines are read as they come: fields with names ("Source IP: x"), rows under a header,
lines of logs, prose. What one text shows of an address is settled by the strongest showing.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from headwater.records.incident import IncidentKind, Moment
from headwater.wire.mentions import Mention, read_port
from headwater.wire.reports.claim import Claim, Desk, excerpt
from headwater.wire.reports.fields import Side
from headwater.wire.reports.lines import Line, Part, Strength, parts
from headwater.wire.reports.text import LONGEST_LINE, Heading, Text

_SOURCE_PORT: Final = re.compile(
    r"\b(?:source|src|s|client|remote|attacker)[ _-]?p(?:or)?t\b[\"']?\s?[:=]\s?[\"']?"
    r"(\d{1,5})\b",
    re.IGNORECASE,
)

# Confidence that an address shown so plainly is the accused one, of own addresses.
SURENESS: Final = {
    Strength.LABELLED: 0.95, Strength.SAID: 0.85, Strength.LOGGED: 0.85, Strength.NAMED: 0.8,
    Strength.LISTED: 0.7, Strength.MENTIONED: 0.5,
}  # fmt: skip
LEAST_WORDS: Final = 2  # of abuse, for an address that is only listed or mentioned
# Kinds of which a port beside the address, not said whose, is the accused's own.
OWN_PORT_KINDS: Final = frozenset({
    IncidentKind.COPYRIGHT, IncidentKind.PROXY, IncidentKind.MALWARE, IncidentKind.OTHER,
    IncidentKind.PHISHING,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """One showing of one address."""

    address: str
    side: Side
    strength: Strength
    line: int
    excerpt: str
    port: int | None = None
    moment: Moment | None = None
    until: Moment | None = None


def line_finds(text: Text, desk: Desk, used: set[int]) -> Iterator[Find]:
    """What lines that nothing else has read show."""
    heading = Heading(text)
    for number, mentions in text.mentions.items():
        above = heading.of(number)
        if number in used:
            continue
        own = any(desk.own(m.address) for m in mentions)
        times = text.times_in(number) if own else []
        line = Line(
            text=text.lines[number],
            base=text.starts[number],
            mentions=mentions,
            heading=above,
            timed=bool(times),
        )
        shown = _Shown(text, number, times) if own else None
        for mention, part in zip(mentions, parts(line, desk.words), strict=True):
            if shown:
                yield shown.find(mention, part)
            elif part.side is Side.SOURCE and part.strength >= Strength.LOGGED:
                yield Find(
                    address=mention.address,
                    side=part.side,
                    strength=part.strength,
                    line=number,
                    excerpt="",
                )


class _Shown:
    """What a line says of all its addresses, read once however many there are."""

    __slots__ = ("_excerpt", "_in_signature", "_number", "_port", "_times")

    def __init__(self, text: Text, number: int, times: Sequence[Moment]) -> None:
        line = text.lines[number][:LONGEST_LINE]
        port = _SOURCE_PORT.search(line)
        self._number, self._times = number, times
        self._excerpt = excerpt(line)
        self._port = read_port(port[1]) if port else None
        self._in_signature = number > text.signature

    def find(self, mention: Mention, part: Part) -> Find:
        return Find(
            address=mention.address,
            side=part.side,
            strength=Strength.MENTIONED if self._in_signature else part.strength,
            line=self._number,
            excerpt=self._excerpt,
            port=mention.port or self._port,
            moment=self._times[0] if self._times else None,
            until=self._times[-1] if len(self._times) > 1 else None,
        )


def accused(finds: Sequence[Find], desk: Desk, speaks: int = LEAST_WORDS) -> list[Find]:
    """Of all showings those that accuse an own address; several lines of one stay several.

    ``speaks``: how many words of abuse the mail has. Few: a mere mention accuses nobody.
    """
    own = [f for f in finds if desk.own(f.address)]
    victims = {
        f.address for f in own if f.side is Side.TARGET and f.strength >= Strength.LOGGED
    }
    least_plain = Strength.LOGGED if speaks else Strength.LABELLED
    plain = [f for f in own if f.side is Side.SOURCE and f.strength >= least_plain]
    if plain:
        sure = {f.address for f in plain if f.strength is Strength.LABELLED} - victims
        if sure:  # what is labelled needs no prose; lines of evidence still count
            plain = [f for f in plain if f.address in sure or f.moment]
        named = {f.address for f in plain} - (victims - sure)
        return [f for f in own if f.address in named and f.side is not Side.TARGET]
    if not speaks:
        return []
    rest = [f for f in own if f.address not in victims and f.side is not Side.TARGET]
    named_alone = [f for f in rest if f.strength >= Strength.NAMED]
    if named_alone:
        return named_alone
    # Listed, or just named in prose: only where there is no doubt whom it means.
    if any(f.strength >= Strength.LOGGED for f in finds if not desk.own(f.address)):
        return []
    listed = [f for f in rest if f.strength >= Strength.LISTED]
    if listed:
        return listed if speaks >= LEAST_WORDS else []
    alone = len({f.address for f in rest}) == 1
    return rest if alone and speaks >= LEAST_WORDS else []


def claims_of(finds: Sequence[Find], desk: Desk, speaks: int) -> Iterator[Claim]:
    """One claim for each address and port: from its first time to its last, with a count."""
    grouped: dict[str, list[Find]] = defaultdict(list)
    for find in accused(finds, desk, speaks):
        grouped[find.address].append(find)
    for address, shown in grouped.items():
        yield _claim(address, shown)


def _claim(address: str, shown: list[Find]) -> Claim:
    timed = sorted((f.moment for f in shown if f.moment), key=lambda m: m.at)
    ends = [f.until.at for f in shown if f.until] + [m.at for m in timed]
    best = max(shown, key=lambda f: (f.strength, f.moment is not None, -f.line))
    ports = {f.port for f in shown if f.port}
    last = max(ends, default=None)
    return Claim(
        address=address,
        port=next(iter(ports)) if len(ports) == 1 else _port_of(best, timed, shown),
        moment=timed[0] if timed else None,
        until=last if timed and last and last > timed[0].at else None,
        confidence=SURENESS[best.strength],
        excerpt=best.excerpt,
        times=max(1, sum(1 for f in shown if f.moment)),
    )


def _port_of(best: Find, timed: list[Moment], shown: list[Find]) -> int | None:
    """Of several ports that of the first time: it is what a shared address is looked up by."""
    first = [f.port for f in shown if f.moment and timed and f.moment == timed[0] and f.port]
    return first[0] if first else best.port
