"""Facts about domains into the lake and out of it."""

import hashlib
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.dataset as ds

from headwater.lake.tables import Lake
from headwater.records.domain import DomainFact
from headwater.records.tables import INSTANT


def keep(lake: Lake, facts: Sequence[DomainFact]) -> None:
    """Add facts to the ``domains`` table, all or none."""
    if not facts:
        return
    with lake.append("domains", _digest(facts)) as change:
        change.write(_rows(facts))


def facts_about(lake: Lake, names: Iterable[str]) -> list[DomainFact]:
    """Every fact about these names, the latest first."""
    wanted = pa.array(sorted(set(names)), pa.string())
    with lake.reading(["domains"]):
        paths = [str(path) for path in lake.files("domains")]
        if not paths:
            return []
        rows = ds.dataset(paths, format="parquet").to_table(
            filter=ds.field("name").isin(wanted)
        )
    found = [DomainFact(**row) for row in rows.to_pylist()]
    return sorted(found, key=lambda fact: fact.as_of, reverse=True)


def _rows(facts: Sequence[DomainFact]) -> pa.Table:
    return pa.table(
        {
            "name": pa.array([fact.name for fact in facts], pa.string()),
            "fact": pa.array([fact.fact for fact in facts], pa.string()),
            "value": pa.array([fact.value for fact in facts], pa.string()),
            "as_of": pa.array([fact.as_of for fact in facts], INSTANT),
            "source": pa.array([fact.source for fact in facts], pa.string()),
        }
    )


def _digest(facts: Sequence[DomainFact]) -> str:
    lines = (f"{f.name}\0{f.fact}\0{f.value}\0{f.as_of}\0{f.source}" for f in facts)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
