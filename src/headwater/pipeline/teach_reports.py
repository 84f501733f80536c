"""Teach a pattern on one mail of the pile and try it on the others before it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from headwater.pipeline.own_addresses import membership
from headwater.pipeline.read_reports import Reader
from headwater.records.errors import MalformedInput, Misconfigured
from headwater.records.incident import Incident
from headwater.wire.mail import Mail, read_mail
from headwater.wire.reports.order import Opened, open_report
from headwater.wire.reports.pattern import Pattern, opinion_of
from headwater.wire.reports.words import default_words, words_with

LEAST_SHARE: Final = 0.5  # of the mails that look alike, a pattern must read at least this


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a pattern made of the pile."""

    incidents: tuple[Incident, ...]  # of the mail it was taught on
    alike: int  # mails it recognises, that one included
    read: tuple[str, ...]  # names of those it read

    @property
    def share(self) -> float:
        return len(self.read) / self.alike if self.alike else 0.0


def try_pattern(
    pattern: Pattern,
    taught_on: Mail,
    address: str,
    pile: Iterable[tuple[str, bytes]],
    reader: Reader,
) -> Trial:
    """Raises Misconfigured where the pattern is not fit to be kept: why, in words."""
    alone = replace(reader, patterns=())
    incidents = _read(pattern, taught_on, alone).incidents
    _check_taught(incidents, address)
    alike, read = 0, []
    opinion = opinion_of(pattern)
    for name, raw in pile:
        try:
            mail = read_mail(raw)
        except MalformedInput:
            continue
        if opinion.recognises(mail):
            alike += 1
            read += [name] if _read(pattern, mail, alone).incidents else []
    trial = Trial(incidents=incidents, alike=alike, read=tuple(read))
    if alike and trial.share < LEAST_SHARE:
        raise Misconfigured(
            f"of {alike} mails that look alike the pattern reads only {len(read)}: not kept"
        )
    return trial


def _read(pattern: Pattern, mail: Mail, reader: Reader) -> Opened:
    words = words_with(reader.extra_words) if reader.extra_words else default_words()
    own = membership(reader.own_networks, reader.never_accuse)
    opened = open_report(mail, own, words, reader.now, (opinion_of(pattern),))
    by_pattern = opened.read_by == opinion_of(pattern).name
    return opened if by_pattern else Opened(unread="not by the pattern")


def _check_taught(incidents: tuple[Incident, ...], address: str) -> None:
    accused = {i.address for i in incidents}
    if address not in accused:
        raise Misconfigured(
            f"the pattern does not find {address} in its own mail, or it is not an own address"
        )
    if accused != {address}:
        others = ", ".join(sorted(accused - {address})[:5])
        raise Misconfigured(f"the pattern also accuses {others}: mark a place that tells apart")
