"""Subjects: whom evidence belongs to where subscribers change their addresses.

A subscriber that held several addresses in turn is one subject; an address that several
held in turn is several. Detectors need not know: they are shown sessions in which such a
host has one name all the time, ``ADDRESS@INSTANT`` (the address it held last, and since
when), that leases can be asked about. Everybody else keeps the plain address.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from itertools import groupby, pairwise
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.engine import Engine, LakeEngine, Shown
from headwater.lake.question import parse
from headwater.lake.tables import Lake
from headwater.measures.prefixes import PrefixTable
from headwater.pipeline.questions import question
from headwater.pipeline.tenures import Held, Tenure, tenures
from headwater.pipeline.who import LeaseBook
from headwater.records.finding import Finding
from headwater.records.lease import FOREVER_US
from headwater.records.settings import Settings
from headwater.records.window import Window, from_us

HELD: Final = "held"  # the kind of the findings that say what a subject's addresses were
MOST_OVERLAP: Final = 0.5  # of the shorter tenure: more, and both addresses were used at once
MOVES: Final = pa.schema(
    [
        ("address", pa.string()),
        ("since_us", pa.int64()),
        ("until_us", pa.int64()),
        ("subject", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """The tenures of each subject by its name, in the order of time."""

    tenures: Mapping[str, tuple[Tenure, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[Tenure, ...]:
        """Nothing where the name is a plain address."""
        return self.tenures.get(name, ())

    def addresses(self, name: str) -> list[str]:
        """Every address that the name means."""
        return [one.address for one in self.of(name)] or [name]

    def now(self, name: str) -> str:
        """The address that it held last."""
        return self.addresses(name)[-1]

    def moves(self) -> pa.Table:
        """MOVES: a row for each tenure."""
        rows = [
            {
                "address": one.address,
                "since_us": one.since_us,
                "until_us": one.until_us,
                "subject": name,
            }
            for name, held in self.tenures.items()
            for one in held
        ]
        return pa.Table.from_pylist(rows, schema=MOVES)

    def findings(self, names: Iterable[str], window: Window) -> list[Finding]:
        """What the addresses were of those subjects that are among the names, to be kept."""
        met = sorted(set(names) & set(self.tenures))
        return [_held_finding(name, self.tenures[name], window) for name in met]


NOBODY_MOVED: Final = Subjects()


def by_subject(engine: LakeEngine, subjects: Subjects) -> LakeEngine:
    """The engine that shows each subject as one host."""
    if not subjects.tenures:
        return engine
    views = {
        "sessions": parse(question("pipeline", "by_subject.sql"))[0].sql,
        "facts": parse(question("pipeline", "facts_by_subject.sql"))[0].sql,
    }
    return Shown(engine, {"moves": subjects.moves()}, views)


def subjects_of(lake: Lake, settings: Settings, engine: Engine, window: Window) -> Subjects:
    """Who changed addresses in the window, and whose addresses were others' as well."""
    if not lake.manifest("leases").files:
        return NOBODY_MOVED
    margins = settings.leases.clocks()
    rows = changing_leases(engine, window, margins.widest)
    if not rows.num_rows:
        return NOBODY_MOVED
    addresses = _addresses(rows, engine, window, settings)
    held = tenures(LeaseBook(rows, margins), addresses)
    within = [
        one
        for one in held
        if one.tenure.since_us < window.end_us and one.tenure.until_us > window.start_us
    ]
    found = [path for _, path in chains(within)]
    return Subjects(tenures={_name(one): one for one in _changing(found)})


def changing_leases(engine: Engine, window: Window, margin: timedelta) -> pa.Table:
    """Every statement that has a say on addresses that changed hands in the window."""
    margin_us = margin // timedelta(microseconds=1)
    asked = {"from_us": [window.start_us - margin_us], "until_us": [window.end_us + margin_us]}
    return engine.ask(
        question("pipeline", "changing_leases.sql"), window, {"asked": pa.table(asked)}
    )


def _addresses(rows: pa.Table, engine: Engine, window: Window, settings: Settings) -> list[str]:
    """Own addresses that were leased, and those met that may be in a leased prefix."""
    held = pc.unique(rows["held"].combine_chunks())
    prefixes = pc.match_substring(held, "/")
    found = held.filter(pc.invert(prefixes))
    if pc.any(prefixes).as_py():
        met = engine.ask(question("pipeline", "own_v6.sql"), window)["address"]
        found = pc.unique(pa.concat_arrays([found, met.cast(pa.string()).combine_chunks()]))
    own = PrefixTable(settings.own_networks).holds_text(found)
    return [str(address) for address in found.filter(pa.array(own)).to_pylist()]


def chains(held: Iterable[Held]) -> Iterator[tuple[str, tuple[Tenure, ...]]]:
    """A subscriber, and tenures of one machine of theirs that follow each other.

    In a delegated prefix the rest of the address tells machines apart.
    """
    by_key: defaultdict[tuple[str, int, int, int], list[Tenure]] = defaultdict(list)
    for one in held:
        address = ip_address(one.tenure.address)
        rest = int(address) & ((1 << (address.max_prefixlen - one.prefix)) - 1)
        key = (one.subscriber, address.version, one.prefix, rest)
        by_key[key].append(one.tenure)
    for (subscriber, *_), found in by_key.items():
        for path in _in_turn(sorted(found, key=lambda one: (one.since_us, one.until_us))):
            yield subscriber, path


def _in_turn(found: list[Tenure]) -> Iterator[tuple[Tenure, ...]]:
    """One chain; where addresses were held at the same time, one for each address."""
    if not any(_at_once(*two) for two in pairwise(found)):
        yield tuple(found)
        return
    for _, same in groupby(sorted(found, key=_address), key=_address):
        yield tuple(same)


def _address(one: Tenure) -> str:
    return one.address


def _at_once(one: Tenure, after: Tenure) -> bool:
    """Whether two addresses were held side by side for more than a change-over takes."""
    both = min(one.until_us, after.until_us) - after.since_us
    shorter = min(one.until_us - one.since_us, after.until_us - after.since_us)
    return one.address != after.address and both > MOST_OVERLAP * shorter


def _changing(chains: Iterable[tuple[Tenure, ...]]) -> list[tuple[Tenure, ...]]:
    """Chains of several addresses, and those of an address that is in another chain, too."""
    every = list(chains)
    holders: defaultdict[str, int] = defaultdict(int)
    for chain in every:
        for address in {one.address for one in chain}:
            holders[address] += 1
    return [
        chain
        for chain in every
        if len({one.address for one in chain}) > 1 or holders[chain[0].address] > 1
    ]


def _name(chain: tuple[Tenure, ...]) -> str:
    """The same in every window that ends while the last address is held."""
    since = from_us(chain[-1].since_us)
    return f"{chain[-1].address}@{since.isoformat().replace('+00:00', 'Z')}"


def _held_finding(name: str, held: tuple[Tenure, ...], window: Window) -> Finding:
    since = [from_us(max(one.since_us, window.start_us)) for one in held]
    begun = [
        f"{one.address} from {at:%m-%d %H:%M}" for one, at in zip(held, since, strict=True)
    ]
    return Finding(
        detector="leases",
        subject=name,
        kind=HELD,
        confidence=1.0,
        window=window,
        summary=f"one subscriber held {', '.join(begun)} UTC",
        proof={
            "tenures": [
                [one.address, one.since_us, min(one.until_us, FOREVER_US)] for one in held
            ]
        },
    )


def subjects_in(findings: Iterable[Finding]) -> Subjects:
    """The subjects that a kept run spoke of."""
    return Subjects(
        tenures={
            finding.subject: tuple(
                Tenure(address=address, since_us=since, until_us=until)
                for address, since, until in finding.proof["tenures"]
            )
            for finding in findings
            if finding.kind == HELD
        }
    )
