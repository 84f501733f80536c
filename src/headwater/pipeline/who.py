"""Whose address was it then: the subscriber with the proof, or why that cannot be said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from headwater.lake import layout
from headwater.lake.tables import Lake
from headwater.measures.columns import Bools, Ints, codes
from headwater.measures.holders import (
    ALL_PORTS,
    ANY_PORT,
    Doubt,
    Holders,
    Keys,
    Questions,
    Verdict,
    words_of,
)
from headwater.measures.intervals import NO_SESSION, OPEN, Statements, settle, stretches
from headwater.records.lease import Margins
from headwater.records.window import MICROSECOND, to_us
from headwater.wire.address_text import read_addresses

Margin = timedelta | Margins

WORDS: Final = {
    Doubt.EDGE: "within the margin of a start or end",
    Doubt.NO_STOP: "its end was never told",
    Doubt.PORT: "the address is shared, and no port was given",
}
EVER_US: Final = 1 << 61  # a margin within which every stretch touches every moment
OVERLAP: Final = "several held it at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A subscriber who held the address then, or may have."""

    subscriber: str
    doubts: tuple[str, ...]  # empty: certainly


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A lease as a source told it."""

    held: str
    port_from: int | None
    port_to: int | None
    starts_at: datetime
    sure_until: datetime
    ends_at: datetime | None
    told_at: datetime
    subscriber: str
    session: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The answer on one address at one moment."""

    address: str
    port: int | None
    at: datetime
    verdict: str  # subscriber | cannot say | no lease
    subscriber: str | None
    candidates: tuple[Candidate, ...]
    margin_s: float
    leases: tuple[Proof, ...]  # what the sources said of that moment


class LeaseBook:
    """Leases in memory, settled and ready to be asked about."""

    def __init__(self, rows: pa.Table, margin: Margin) -> None:
        """``rows``: of the table ``leases``."""
        said, self.names, self.keys = statements_of(rows, margin)
        self.held = stretches(settle(said))
        self.holders = Holders(self.keys, self.held)

    def subscribers(
        self, addresses: Sequence[str], at_us: Ints, ports: Ints | None = None
    ) -> list[str | None]:
        """Whom each address can be named for at its moment; None where nobody."""
        found = self.holders.answer(as_questions(addresses, at_us, ports)).subscriber
        return [self.names[who] if who >= 0 else None for who in found.tolist()]

    def ever_held(self, addresses: Sequence[str]) -> Bools:
        """Whether any lease at any time was of each address, or of a prefix around it."""
        held = np.zeros(len(addresses), bool)
        held[self.ever(addresses)[0]] = True
        return held

    def ever(self, addresses: Sequence[str]) -> tuple[Ints, Ints]:
        """Pairs: the number of an address, and of a stretch in which somebody held it."""
        asked = as_questions(addresses, np.zeros(len(addresses), np.int64))
        always = replace(self.held, margin=np.full(self.held.count, EVER_US))
        everything = Holders(self.keys, always)
        found = list(everything.candidates(asked, np.zeros(len(addresses), bool)))
        none = np.zeros(0, np.int64)
        return (
            np.concatenate([none, *(one.question for one in found)]),
            np.concatenate([none, *(one.stretch for one in found)]),
        )

    def look(
        self, address: str, at_us: int, port: int | None
    ) -> tuple[Verdict, list[Candidate]]:
        """The verdict on one address, and everybody it may have been."""
        ports = np.array([ANY_PORT if port is None else port])
        asked = as_questions([address], np.array([at_us]), ports)
        verdict = Verdict(self.holders.answer(asked).verdict[0])
        doubts: dict[int, list[int]] = {}
        for found in self.holders.candidates(asked, np.zeros(1, bool)):
            who = int(self.held.subscriber[found.stretch[0]])
            doubts.setdefault(who, []).append(int(found.doubt[0]))
        return verdict, _candidates({self.names[who]: seen for who, seen in doubts.items()})


def who(lake: Lake, address: str, port: int | None, at: datetime, margin: Margin) -> Holder:
    """Who held the address (canonical) at that moment, as far as it can be said."""
    rows = rows_about(lake, [address], port)
    verdict, candidates = LeaseBook(rows, margin).look(address, to_us(at), port)
    named = candidates[0].subscriber if verdict is Verdict.NAMED else None
    proofs = tuple(_proofs(rows, to_us(at), margins_us(rows, margin), candidates))
    return Holder(
        address=address,
        port=port,
        at=at,
        verdict={Verdict.NAMED: "subscriber", Verdict.CANNOT_SAY: "cannot say"}.get(
            verdict, "no lease"
        ),
        subscriber=named,
        candidates=tuple(candidates),
        margin_s=_widest(proofs, margin).total_seconds(),
        leases=proofs,
    )


def _candidates(doubts: dict[str, list[int]]) -> list[Candidate]:
    """The surest first. A doubt counts only where no stretch of theirs is without any."""
    certain = [name for name, seen in doubts.items() if Doubt.NONE in seen]
    found = []
    for name, seen in doubts.items():
        clear = name in certain
        why = [
            words
            for doubt, words in WORDS.items()
            if not clear and any(d & doubt for d in seen)
        ]
        if clear and len(certain) > 1:
            why = [OVERLAP]
        found.append(Candidate(subscriber=name, doubts=tuple(why)))
    return sorted(found, key=lambda one: (one.subscriber not in certain, one.subscriber))


def as_questions(addresses: Sequence[str], at_us: Ints, ports: Ints | None = None) -> Questions:
    """Questions about addresses (canonical) at moments; without ``ports``, at any port."""
    none = np.full(len(at_us), ANY_PORT)
    return Questions(
        addresses=read_addresses(pa.array(addresses, pa.string())),
        port=none if ports is None else ports,
        at_us=np.asarray(at_us, np.int64),
    )


def margins_us(rows: pa.Table, margin: Margin) -> Ints:
    """The margin of each row's source, in microseconds."""
    if isinstance(margin, timedelta):
        return np.full(rows.num_rows, margin // MICROSECOND)
    source, names = codes(rows, "source")
    by_name = np.array([margin.of(name) // MICROSECOND for name in names], np.int64)
    return by_name[source]


def _widest(proofs: Iterable[Proof], margin: Margin) -> timedelta:
    """Of all whose word it was; of all there are, where nobody had a word."""
    if isinstance(margin, timedelta):
        return margin
    return max((margin.of(one.source) for one in proofs), default=margin.widest)


def statements_of(rows: pa.Table, margin: Margin) -> tuple[Statements, list[str], Keys]:
    """Rows of ``leases`` as numbers; the subscribers' names; what each holding is."""
    subscriber, names = codes(rows, "subscriber")
    session, sessions = codes(rows, "session")
    if "" in sessions:
        session = np.where(session == sessions.index(""), NO_SESSION, session)
    held, texts = codes(rows, "held")
    first, last = (
        _filled(rows, "port_from", ALL_PORTS[0]),
        _filled(rows, "port_to", ALL_PORTS[1]),
    )
    whole = (held << 32) | (first << 16) | last
    kinds, holding = np.unique(whole, return_inverse=True)
    said = Statements(
        holding=holding.astype(np.int64),
        starts=_filled(rows, "starts_at", 0),
        sure=_filled(rows, "sure_until", 0),
        ends=_filled(rows, "ends_at", int(OPEN)),
        told=_filled(rows, "told_at", 0),
        subscriber=subscriber,
        session=session,
        margin=margins_us(rows, margin),
    )
    return said, names, _keys(texts, kinds)


def _keys(texts: list[str], kinds: Ints) -> Keys:
    """What each number of a holding is."""
    held = pa.array(texts, pa.string())
    parts = pc.split_pattern(held, "/")
    addresses = read_addresses(pc.list_element(parts, 0) if texts else held)
    high, low = words_of(addresses)
    family = addresses.family.astype(np.int64)
    length = np.where(family == 4, 32, 128)
    cut = pc.greater(pc.list_value_length(parts), 1).to_numpy(zero_copy_only=False)
    cut = cut.astype(bool)
    if cut.any():
        lengths = pc.list_element(parts.filter(pa.array(cut)), 1).cast(pa.int64())
        length[cut] = lengths.to_numpy(zero_copy_only=False)
    at = kinds >> 32
    return Keys(
        family=family[at],
        length=length[at],
        high=high[at],
        low=low[at],
        port_from=(kinds >> 16) & 0xFFFF,
        port_to=kinds & 0xFFFF,
    )


def _filled(rows: pa.Table, name: str, absent: int) -> Ints:
    column = pc.fill_null(rows[name].cast(pa.int64()), absent)
    return column.to_numpy().astype(np.int64)


def rows_about(lake: Lake, addresses: Sequence[str], port: int | None = None) -> pa.Table:
    """Every lease of the addresses (canonical), and of each prefix around them."""
    held = ds.field("held").isin(sorted({x for one in addresses for x in _around(one)}))
    if port is not None:
        held &= ds.field("port_from").is_null() | (
            (ds.field("port_from") <= port) & (ds.field("port_to") >= port)
        )
    with lake.reading(["leases"]):
        paths = [str(path) for path in lake.files("leases")]
        schema = layout.stored_shape("leases")
        return ds.dataset(paths, schema=schema, format="parquet").to_table(filter=held)


def _around(address: str) -> list[str]:
    whole = ip_network(address)
    prefixes = (whole.supernet(new_prefix=length) for length in range(whole.max_prefixlen))
    return [address, *map(str, prefixes)]


def _proofs(
    rows: pa.Table, at_us: int, margin_us: Ints, candidates: list[Candidate]
) -> list[Proof]:
    """What was said of that moment by sources that name one of the candidates."""
    starts, ends = _filled(rows, "starts_at", 0), _filled(rows, "ends_at", int(OPEN))
    near = (starts <= at_us + margin_us) & (ends > at_us - margin_us)
    named = pa.array([one.subscriber for one in candidates], pa.string())
    chosen = pc.and_(pc.is_in(rows["subscriber"], named), pa.array(near))
    found: list[dict[str, Any]] = rows.filter(chosen).sort_by("starts_at").to_pylist()
    return [Proof(**row) for row in found]
