"""Bring in abuse reports: each incident of an own address once, as a sighting."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.tables import Lake
from headwater.pipeline.read_reports import Reader, ReadMail, read_all
from headwater.pipeline.refusals import Refusals
from headwater.records.incident import Incident, IncidentKind
from headwater.records.intake import Refused
from headwater.records.tables import INSTANT
from headwater.records.window import to_us
from headwater.sources.mailbox import RawMail
from headwater.sources.report_pile import Pile

SOURCE: Final = "report "  # before the reporter's name, in the column "source"
ROWS_AT_ONCE: Final = 20_000
MOST_EXAMPLES: Final = 20
_KNOWN: Final = r'"incident": "(?P<name>[0-9a-f]{16})"'
_MEANS: Final = {IncidentKind.SPAM: "spam", IncidentKind.PROXY: "proxy"}
_DAY_US: Final = 86_400_000_000


@dataclass(slots=True)
class ReportsTold:
    """What became of all mails of one import."""

    mails: int = 0
    reports: int = 0
    sightings: int = 0
    repeated: int = 0  # incidents that were known already
    outside: int = 0  # accused addresses that are not own: set aside
    unread: Counter[str] = field(default_factory=Counter)  # why -> mails for a person
    apart: Counter[str] = field(default_factory=Counter)  # no report: bounce, newsletter ...
    read_by: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    lost: int = 0  # the pile is full
    refusals: Refusals = field(default_factory=Refusals)


class KnownIncidents:
    """Which incidents the table holds, as numbers of 64 bits."""

    def __init__(self, lake: Lake) -> None:
        self._known: set[int] = set()
        if lake.manifest("sightings").files:
            rows = lake.read("sightings", columns=["source", "detail"])
            self._read(rows)

    def _read(self, rows: pa.Table) -> None:
        mine = rows.filter(pc.starts_with(rows["source"], SOURCE))
        found = pc.extract_regex(mine["detail"], _KNOWN)
        for name in pc.struct_field(found, "name").to_pylist():
            if name:
                self._known.add(int(name, 16))

    def is_new(self, name: str) -> bool:
        """Whether an incident was unknown till now; it is known after."""
        number = int(name, 16)
        if number in self._known:
            return False
        self._known.add(number)
        return True


def name_of(incident: Incident) -> str:
    """The same for the same incident, whoever reports it, however often.

    An incident is an address, what it did, and when; where the report has no time of its
    own, the reporter and the day its mail was sent.
    """
    seen_us = to_us(incident.seen.at)
    when = (
        f"{seen_us // _DAY_US} {incident.reporter}" if incident.seen.of_mail else f"{seen_us}"
    )
    words = f"{incident.address} {incident.port or ''} {incident.kind} {when}"
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def import_reports(
    mails: Iterable[RawMail | Refused],
    reader: Reader,
    lake: Lake,
    pile: Pile,
    processes: int = 1,
    known: KnownIncidents | None = None,
) -> ReportsTold:
    """Read mails; new incidents become sightings, all at once; the unread go to the pile."""
    told = ReportsTold()
    known = known or KnownIncidents(lake)
    rows = _rows(read_all(mails, reader, processes), told, known, pile)
    first = next(rows, None)
    if first is None:
        return told
    with lake.append("sightings", f"reports-{to_us(reader.now)}") as change:
        change.write(first)
        for batch in rows:
            change.write(batch)
    return told


def _rows(
    read: Iterable[ReadMail | Refused], told: ReportsTold, known: KnownIncidents, pile: Pile
) -> Iterator[pa.Table]:
    batch: list[tuple[str, Incident, str]] = []
    for mail in read:
        told.mails += 1
        if isinstance(mail, Refused):
            told.refusals.add(mail)
            continue
        _count(mail, told, pile)
        for incident in mail.opened.incidents:
            name = name_of(incident)
            if known.is_new(name):
                batch.append((name, incident, mail.digest))
                told.kinds[str(incident.kind)] += 1
            else:
                told.repeated += 1
        if len(batch) >= ROWS_AT_ONCE:
            told.sightings += len(batch)
            yield sightings_of(batch)
            batch = []
    if batch:
        told.sightings += len(batch)
        yield sightings_of(batch)


def _count(mail: ReadMail, told: ReportsTold, pile: Pile) -> None:
    opened = mail.opened
    told.outside += opened.outside
    if opened.not_a_report:
        told.apart[opened.not_a_report] += 1
    elif opened.unread:
        told.unread[opened.unread.partition(":")[0]] += 1
        told.lost += not pile.add(mail.digest, mail.raw)
    else:
        told.reports += 1
        told.read_by[opened.read_by] += 1


def sightings_of(found: list[tuple[str, Incident, str]]) -> pa.Table:
    """Rows of the table ``sightings`` for incidents with their names and mails' digests."""
    incidents = [incident for _, incident, _ in found]
    return pa.table(
        {
            "seen_at": _instants([to_us(i.seen.at) for i in incidents]),
            "subject": pa.array([i.address for i in incidents], pa.string()),
            "subject_kind": pa.repeat("address", len(found)),
            "kind": pa.array([_kind(i) for i in incidents], pa.string()),
            "means": pa.array([_MEANS.get(i.kind, "other") for i in incidents], pa.string()),
            "source": pa.array([SOURCE + i.reporter for i in incidents], pa.string()),
            "until": _instants([to_us(i.until) if i.until else None for i in incidents]),
            "port": pa.array([i.port for i in incidents], pa.int32()),
            "detail": pa.array([_detail(*one) for one in found], pa.string()),
        }
    )


def _instants(microseconds: list[int | None] | list[int]) -> pa.Array:
    return pa.array(microseconds, pa.int64()).cast(INSTANT)


def _kind(incident: Incident) -> str:
    return "malware" if incident.kind is IncidentKind.MALWARE else "reported"


def _detail(name: str, incident: Incident, mail: str) -> str:
    return json.dumps({"incident": name, "mail": mail, **incident_words(incident)})


def incident_words(incident: Incident) -> dict[str, object]:
    """What a report says beyond the columns: for the table's detail and for printing."""
    return {
        "incident_kind": str(incident.kind),
        "zone": str(incident.seen.zone),
        "time_from": "mail" if incident.seen.of_mail else "evidence",
        "confidence": incident.confidence,
        "read_by": incident.read_by,
        "times": incident.times,
        "excerpt": incident.excerpt,
    }
