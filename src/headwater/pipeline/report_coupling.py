"""For the report: what comes in at a proxy and what leaves it, session by session."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.lake.engine import Engine
from headwater.measures.columns import Ints, codes, ints, is_text
from headwater.measures.coupling import HEADER_OCTETS, Matches, match
from headwater.measures.in_turn import Visits
from headwater.measures.lags import lags, lags_by_chance, liveliest
from headwater.measures.pairing import Pairing, Sessions, pair
from headwater.pipeline.questions import question
from headwater.records.answer import Answer
from headwater.records.finding import Finding
from headwater.records.report import (
    LAG_STEP_US,
    LAG_STEPS,
    Coupling,
)
from headwater.records.window import Window, from_us

HOUR_US: Final = 3_600_000_000
BEFORE_US, AFTER_US = 100_000, 2_000_000  # as `relay` pairs the legs
STRIP_US: Final = tuple(s * 1_000_000 for s in (5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600))
STRIP_EVENTS: Final = 16
FEWEST_VISITS: Final = 4  # of which one can see anything
MOST_TICKS: Final = 120  # of one leg in a strip
MOST_POINTS: Final = 150

BY_SESSION: Final = frozenset({"relay", "dials-back"})
BY_VOLUME: Final = frozenset({"carries", "carries-to"})

DOORS = pa.schema([("host", pa.string()), ("peer", pa.string()), ("port", pa.int32())])
Door = dict[str, Any]


def doors(answer: Answer, findings: Iterable[Finding]) -> list[Door]:
    """For each proxy that relays, where its work comes in: by its surest claim.

    Claims about single sessions come first: those are what the plots show.
    """
    named = {proxy.address for proxy in answer.proxies}
    best: dict[str, tuple[bool, float, Door]] = {}
    for finding in findings:
        if finding.subject not in named or finding.kind not in BY_SESSION | BY_VOLUME:
            continue
        rank = (finding.kind in BY_SESSION, finding.confidence)
        if finding.subject not in best or rank > best[finding.subject][:2]:
            door = {
                "host": finding.subject,
                "peer": finding.proof.get("peer"),
                "port": finding.proof["port"],
                "by_volume": finding.kind in BY_VOLUME,
                "in_turn": bool(finding.proof.get("in_turn")),
            }
            best[finding.subject] = (*rank, door)
    return [door for *_, door in best.values()]


def couplings(engine: Engine, chosen: Sequence[Door], window: Window) -> dict[str, Coupling]:
    """Both legs of each door's host, compared."""
    extra = {
        "doors": pa.Table.from_pylist(chosen, schema=DOORS),
        "scale": pa.table({"start_us": [window.start_us]}),
    }
    answer = engine.ask(question("pipeline", "report_legs.sql"), window, extra)
    by_host = {door["host"]: door for door in chosen}
    if not answer.num_rows:
        return {}
    host, hosts = codes(answer, "host")
    far, fars = codes(answer, "far")
    peer = np.array([_code(fars, by_host[name]["peer"]) for name in hosts], np.int64)
    inward = is_text(answer, "leg", "in")
    # What calls for work is not the work: the gateway's own sessions are no outbound leg.
    kept = np.flatnonzero(inward | (far != peer[host]))
    answer, host, far, inward = answer.take(kept), host[kept], far[kept], inward[kept]
    sessions = Sessions.of(answer, host, far)
    pairing = pair(sessions, inward, host[None, :], window.start_us)
    matches = match(pairing.inbound.legs, pairing.outbound.legs, BEFORE_US, AFTER_US)
    from_us_of = ints(answer, "from_us")
    rows = pairing.inbound.row
    lasted_us = ints(answer, "closed_at")[rows] - ints(answer, "opened_at")[rows]
    found = {}
    for group, visits in enumerate(pairing.visits()):
        name = hosts[int(pairing.keys[0, group])]
        paired = int(np.count_nonzero(matches.partner[visits] >= 0))
        # What was told by volume, of sampled records, seldom shows session by session.
        if (
            paired if by_host[name]["by_volume"] else visits.stop - visits.start
        ) < FEWEST_VISITS:
            continue
        begin = int(from_us_of[pairing.inbound.row[visits.start]])
        legs = _Legs(pairing, matches, group, visits, window)
        if by_host[name]["in_turn"]:
            legs.sum_up(pairing, lasted_us, visits.start)
        found[name] = _coupling(in_words(by_host[name]), legs, begin)
    return found


def _code(names: Sequence[str], wanted: str | None) -> int:
    return names.index(wanted) if wanted in names else -1


def in_words(door: Door) -> str:
    """In words, what comes in there."""
    if door["peer"] is None:
        return f"visits to port {door['port']}"
    return f"calls to {door['peer']} port {door['port']}"


class _Legs:
    """One host's two legs: instants, payloads, and which outbound one each visit has."""

    def __init__(
        self, pairing: Pairing, matches: Matches, group: int, visits: slice, window: Window
    ) -> None:
        came, went = pairing.inbound.legs, pairing.outbound.legs
        host = int(pairing.keys[0, group])
        begin, end = np.searchsorted(went.group, (host, host + 1))
        offset = window.start_us - 86_400_000_000
        self.in_us = came.start_us[visits] + offset
        self.out_us = went.start_us[begin:end] + offset
        partner = matches.partner[visits]
        self.paired = np.flatnonzero(partner >= 0)
        other = partner[self.paired]
        self.partner_us = went.start_us[other] + offset
        self.came_in = _payload(came, np.arange(visits.start, visits.stop)[self.paired])
        self.went_out = _payload(went, other)

    def sum_up(self, pairing: Pairing, lasted_us: Ints, first: int) -> None:
        """Set beside each visit all errands that it carried, in place of one of them."""
        legs = pairing.inbound.legs, pairing.outbound.legs
        visits = Visits(*legs, BEFORE_US, lasted_us, first + self.paired)
        self.went_out = _payload(visits.together()[1], np.arange(len(self.paired)))


def _payload(legs: Any, rows: Ints) -> Ints:
    octets = (legs.up_bytes + legs.down_bytes)[rows]
    packets = (legs.up_packets + legs.down_packets)[rows]
    return np.maximum(octets - HEADER_OCTETS * packets, 1)


def _coupling(inward: str, legs: _Legs, begin_us: int) -> Coupling:
    begin, length = liveliest(legs.in_us, STRIP_EVENTS, STRIP_US)
    lead = length // 20
    strip = Window(from_us(begin - lead), from_us(begin + length))
    return Coupling(
        inward=inward,
        window=Window(from_us(begin_us), from_us(begin_us + HOUR_US)),
        inbound=len(legs.in_us),
        lags=tuple(lags(legs.in_us, legs.out_us, LAG_STEP_US, LAG_STEPS).tolist()),
        by_chance=tuple(
            lags_by_chance(legs.in_us, legs.out_us, LAG_STEP_US, LAG_STEPS).round(3).tolist()
        ),
        strip=strip,
        in_us=_inside(legs.in_us, strip),
        out_us=_inside(legs.out_us, strip),
        pairs=_pairs(legs, strip),
        balance=_balance(legs),
    )


def _inside(instants: Ints, strip: Window) -> tuple[int, ...]:
    chosen = instants[(instants >= strip.start_us) & (instants < strip.end_us)]
    return tuple(chosen[:MOST_TICKS].tolist())


def _pairs(legs: _Legs, strip: Window) -> tuple[tuple[int, int], ...]:
    both = zip(legs.in_us[legs.paired].tolist(), legs.partner_us.tolist(), strict=True)
    inside = ((a, b) for a, b in both if strip.start_us <= a and b < strip.end_us)
    return tuple(sorted((a, b) for a, b in inside if a < strip.end_us)[:MOST_TICKS])


def _balance(legs: _Legs) -> tuple[tuple[int, int], ...]:
    step = max(1, -(-len(legs.paired) // MOST_POINTS))
    came, went = legs.came_in[::step].tolist(), legs.went_out[::step].tolist()
    return tuple(zip(came, went, strict=True))
