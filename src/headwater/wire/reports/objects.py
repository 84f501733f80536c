"""Nested values (JSON, XML) as flat records of named texts, read like rows of a table."""

from collections.abc import Iterator, Sequence
from typing import Final

from headwater.records.incident import IncidentKind
from headwater.wire.reports.claim import Desk, Gathered
from headwater.wire.reports.evidence import OWN_PORT_KINDS
from headwater.wire.reports.tables import claim_of, columns_of, read_row

MOST_RECORDS: Final = 100_000
MOST_FIELDS: Final = 200
DEEPEST: Final = 8
Record = Sequence[tuple[str, str]]


def records(value: object, name: str = "", depth: int = 0) -> Iterator[Record]:
    """Each object as a record: its own plain values and those of objects inside it.

    ``{"source": {"ip": ..., "port": ...}, "at": ...}`` gives ``source ip``, ``source port``,
    ``at``. Lists of objects give a record for each.
    """
    if isinstance(value, list) and depth <= DEEPEST:
        for item in value[:MOST_RECORDS]:
            yield from records(item, name, depth + 1)
    elif isinstance(value, dict) and depth <= DEEPEST:
        flat = list(_flat(value, "", depth))[:MOST_FIELDS]
        if flat:
            yield flat
        yield from _lists_inside(value, depth)


def _lists_inside(value: dict[str, object], depth: int) -> Iterator[Record]:
    for key, inner in value.items():
        if isinstance(inner, list):
            yield from records(inner, str(key), depth + 1)
        elif isinstance(inner, dict) and depth < DEEPEST:
            yield from _lists_inside(inner, depth + 1)


def _flat(value: dict[str, object], prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        name = f"{prefix} {key}".strip()
        if isinstance(inner, dict) and depth < DEEPEST:
            yield from _flat(inner, name, depth + 1)
        elif isinstance(inner, str | int | float) and not isinstance(inner, bool):
            yield name, str(inner)[:1_000]
        elif isinstance(inner, list) and inner and isinstance(inner[0], str):
            yield name, str(inner[0])[:1_000]


def accuse_records(
    found: Iterator[Record], kind: IncidentKind | None, desk: Desk, gathered: Gathered
) -> None:
    for count, record in enumerate(found):
        if count >= MOST_RECORDS:
            return
        columns = columns_of([name for name, _ in record], desk.words)
        row = read_row([value for _, value in record], columns, desk) if columns else None
        if row:
            gathered.accuse(claim_of(row, kind, kind is None or kind in OWN_PORT_KINDS))
