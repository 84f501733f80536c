"""Watch: whom reports of malware or scanning concern, and a closer look at them.

A report puts the subscriber on watch who held the address when it was seen; where no lease
is known, the address itself. What the host does for the first time after that is told.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.detectors import watched as detector
from headwater.lake.engine import LakeEngine
from headwater.lake.tables import Lake
from headwater.measures.holders import Verdict
from headwater.measures.prefixes import PrefixTable
from headwater.pipeline.holdings import leased_by
from headwater.pipeline.questions import question
from headwater.pipeline.subjects import Subjects, by_subject, chains
from headwater.pipeline.tenures import Tenure, tenures
from headwater.pipeline.who import LeaseBook, as_questions, rows_about
from headwater.records.finding import Finding
from headwater.records.incident import IncidentKind
from headwater.records.lease import FOREVER_US
from headwater.records.settings import Settings
from headwater.records.window import Window, to_us

WATCHED_FOR: Final = timedelta(days=14)  # after the last report
LOOK_BACK: Final = timedelta(days=1)  # before the first: what was there already is not new
MOST_NAMED: Final = 3  # reporters in one line
REPORT: Final = "report "
COLUMNS: Final = ["seen_at", "subject", "subject_kind", "kind", "source", "port", "detail"]
WATCHED: Final = pa.schema(
    [
        ("host", pa.string()),
        ("reported", pa.string()),
        ("since_us", pa.int64()),
        ("why", pa.string()),
        ("told_by", pa.string()),
        ("reports", pa.int64()),
    ]
)
MASTERS: Final = pa.schema([("server", pa.string())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Somebody on watch."""

    address: str  # that was reported first
    subscriber: str | None  # None: no lease is known
    since: datetime
    until: datetime
    why: str  # malware | scan
    told_by: tuple[str, ...]
    reports: int

    @property
    def words(self) -> str:
        more = f" and {len(self.told_by) - MOST_NAMED} more" * (len(self.told_by) > MOST_NAMED)
        return ", ".join(self.told_by[:MOST_NAMED]) + more


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    address: str
    port: int | None
    seen_at: datetime
    why: str
    told_by: str


def watch_list(lake: Lake, settings: Settings, now: datetime) -> list[Watched]:
    """Everybody on watch at that time, the latest first.

    Nobody is where leases leave a doubt who it was, nor who is in ``never_accuse``.
    """
    told = list(_reports(lake, settings, now))
    if not told:
        return []
    parties: defaultdict[tuple[str | None, str], list[_Report]] = defaultdict(list)
    for report, (certain, subscriber) in zip(told, _holders(lake, settings, told), strict=True):
        if certain:
            parties[subscriber, "" if subscriber else report.address].append(report)
    found = [_watched(subscriber, of) for (subscriber, _), of in parties.items()]
    return sorted(found, key=lambda one: (one.since, one.address), reverse=True)


def _watched(subscriber: str | None, reports: Sequence[_Report]) -> Watched:
    first = min(reports, key=lambda one: one.seen_at)
    kinds = {one.why for one in reports}
    return Watched(
        address=first.address,
        subscriber=subscriber,
        since=first.seen_at,
        until=max(one.seen_at for one in reports) + WATCHED_FOR,
        why=str(IncidentKind.MALWARE if IncidentKind.MALWARE in kinds else IncidentKind.SCAN),
        told_by=tuple(sorted({one.told_by for one in reports})),
        reports=len(reports),
    )


def _reports(lake: Lake, settings: Settings, now: datetime) -> Iterator[_Report]:
    rows = lake.read("sightings", columns=COLUMNS)
    at = rows["seen_at"].cast(pa.int64())
    recent = pc.and_(pc.greater_equal(at, to_us(now - WATCHED_FOR)), pc.less(at, to_us(now)))
    kinds = pc.is_in(
        rows["kind"].cast(pa.string()), value_set=pa.array(["malware", "reported"])
    )
    rows = rows.filter(pc.and_(recent, kinds))
    own, spared = (PrefixTable(x) for x in (settings.own_networks, settings.never_accuse))
    addresses = rows["subject"]
    for row, mine, kept in zip(
        rows.to_pylist(), own.holds_text(addresses), spared.holds_text(addresses), strict=True
    ):
        why = _why(row)
        if why and mine and not kept and row["subject_kind"] == "address":
            yield _Report(
                address=row["subject"],
                port=row["port"],
                seen_at=row["seen_at"],
                why=why,
                told_by=row["source"].removeprefix(REPORT),
            )


def _why(row: Mapping[str, Any]) -> str | None:
    if row["kind"] == "malware":
        return str(IncidentKind.MALWARE)
    try:
        said = json.loads(row["detail"] or "{}")
    except ValueError:
        return None
    kind = said.get("incident_kind") if isinstance(said, dict) else None
    return str(IncidentKind.SCAN) if kind == IncidentKind.SCAN else None


def _holders(
    lake: Lake, settings: Settings, told: Sequence[_Report]
) -> list[tuple[bool, str | None]]:
    """For each report: whether it is certain whom it concerns, and that subscriber.

    An address that no lease ever named is its own subject.
    """
    if not lake.manifest("leases").files:
        return [(True, None)] * len(told)
    addresses = [one.address for one in told]
    rows = rows_about(lake, sorted(set(addresses)))
    book = LeaseBook(rows, settings.leases.clocks())
    ports = np.array([-1 if one.port is None else one.port for one in told], np.int64)
    at = np.array([to_us(one.seen_at) for one in told], np.int64)
    found = book.holders.answer(as_questions(addresses, at, ports))
    never = ~book.ever_held(addresses)
    return [
        (verdict == Verdict.NAMED or bool(free), book.names[who] if who >= 0 else None)
        for verdict, who, free in zip(found.verdict, found.subscriber, never, strict=True)
    ]


def look_closer(
    lake: Lake,
    settings: Settings,
    engine: LakeEngine,
    window: Window,
    subjects: Subjects,
    company: Iterable[Finding],
) -> list[Finding]:
    """A finding about each host on watch that was there in the window.

    ``subjects``: what the hunt calls hosts; ``company``: its findings about outsiders.
    """
    listed = watch_list(lake, settings, window.end)
    if not listed:
        return []
    whole = Window(min(window.start, min(x.since for x in listed) - LOOK_BACK), window.end)
    paths = _paths(lake, settings, engine, listed, whole)
    called = _by_address(subjects)
    hosts = {
        str(number): host
        for number, path in paths.items()
        if (host := _host(path, called, window)) is not None
    }
    if not hosts:
        return []
    asked = by_subject(engine, Subjects(tenures={n: paths[int(n)] for n in hosts}))
    answer = asked.ask(
        question("detectors", detector.DETECTOR.question),
        whole,
        {"watched": _as_table(listed, hosts), "masters": _masters(company)},
    )
    found = detector.DETECTOR.weigh(answer, window)
    return [replace(one, subject=hosts[one.subject]) for one in found]


def _paths(
    lake: Lake, settings: Settings, engine: LakeEngine, listed: Sequence[Watched], whole: Window
) -> dict[int, tuple[Tenure, ...]]:
    """By the number of each on watch: the addresses that the reported host held in turn."""
    plain: dict[int, tuple[Tenure, ...]] = {
        number: (Tenure(address=one.address, since_us=0, until_us=FOREVER_US),)
        for number, one in enumerate(listed)
        if one.subscriber is None
    }
    named = {one.subscriber: n for n, one in enumerate(listed) if one.subscriber is not None}
    if not named:
        return plain
    reported = [listed[number].address for number in named.values()]
    addresses = {*leased_by(lake, engine, list(named), whole), *reported}
    margin = settings.leases.clocks()
    book = LeaseBook(rows_about(lake, sorted(addresses)), margin)
    held = [
        one
        for one in tenures(book, sorted(addresses))
        if one.subscriber in named
        and one.tenure.since_us < whole.end_us
        and one.tenure.until_us > whole.start_us
    ]
    found = {}
    for subscriber, path in chains(held):
        one = listed[named[subscriber]]
        if any(_is_at(tenure, one.address, one.since) for tenure in path):
            found[named[subscriber]] = path
    return plain | found


def _is_at(tenure: Tenure, address: str, moment: datetime) -> bool:
    return tenure.address == address and tenure.since_us <= to_us(moment) < tenure.until_us


Called = Mapping[str, Sequence[tuple[str, Tenure]]]  # by address: a subject, and when


def _by_address(subjects: Subjects) -> Called:
    called: defaultdict[str, list[tuple[str, Tenure]]] = defaultdict(list)
    for name, held in subjects.tenures.items():
        for one in held:
            called[one.address].append((name, one))
    return called


def _host(path: Sequence[Tenure], called: Called, window: Window) -> str | None:
    """What the hunt calls the host; None where it was not there in the window."""
    here = [
        one for one in path if one.since_us < window.end_us and one.until_us > window.start_us
    ]
    for one in here:
        for name, other in called.get(one.address, ()):
            if one.since_us < other.until_us and other.since_us < one.until_us:
                return name
    return here[-1].address if here else None


def _as_table(listed: Sequence[Watched], hosts: Mapping[str, str]) -> pa.Table:
    rows = [
        {
            "host": number,
            "reported": listed[int(number)].address,
            "since_us": to_us(listed[int(number)].since),
            "why": listed[int(number)].why,
            "told_by": listed[int(number)].words,
            "reports": listed[int(number)].reports,
        }
        for number in hosts
    ]
    return pa.Table.from_pylist(rows, schema=WATCHED)


def _masters(company: Iterable[Finding]) -> pa.Table:
    servers = sorted({one.subject for one in company if one.kind == "master"})
    return pa.table([pa.array(servers, pa.string())], schema=MASTERS)
