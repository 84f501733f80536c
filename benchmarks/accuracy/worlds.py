"""A world on its way into a lake, as an operator's imports would fill one."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.generator import (
    Exporter,
    World,
    conversations,
    export_parts,
    listings,
    settings,
)
from benchmarks.generator.blocklists import POLICY_LIST, PROXY_LIST
from headwater.lake.duck import DuckEngine
from headwater.lake.engine import LakeEngine
from headwater.lake.tables import Lake
from headwater.pipeline.up_to_date import bring_up_to_date
from headwater.records.settings import Settings, parse_settings
from headwater.records.window import Window

MEMORY = "3GB"  # of each of two processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A lake with sessions, ready to be hunted."""

    lake: Lake
    engine: LakeEngine
    settings: Settings
    window: Window
    records: int


def fill(world: World, truth: dict[str, Any], exporter: Exporter, folder: Path) -> Filled:
    """Flows, lists and networks imported, conversations joined and oriented."""
    lake = Lake(folder / "lake")
    records = 0
    with lake.append("flows", "world") as change:
        for part in export_parts(world, exporter):
            change.write(_as_counted_on_the_wire(part))
            records += part.num_rows
    _add_lists(lake, world)
    _add_networks(lake, world)
    engine = DuckEngine(lake, memory_limit=MEMORY, threads=1, spill_dir=folder / "spill")
    told = parse_settings(tomllib.loads(settings(world)))
    bring_up_to_date(lake, told)
    span = truth["window"]
    window = Window(*(datetime.fromisoformat(span[end]) for end in ("start", "end")))
    return Filled(lake=lake, engine=engine, settings=told, window=window, records=records)


def _as_counted_on_the_wire(part: pa.Table) -> pa.Table:
    """Exported counters times the sampling rate, as every import does it."""
    rate = part.column("sampling").cast(pa.int64())
    for name in ("packets", "bytes"):
        place = part.schema.get_field_index(name)
        part = part.set_column(
            place, name, pc.multiply(part.column(name).cast(pa.int64()), rate)
        )
    return part


def _add_lists(lake: Lake, world: World) -> None:
    means = {PROXY_LIST: "proxy", POLICY_LIST: "policy"}
    rows = [
        {
            "seen_at": datetime.fromisoformat(seen_at),
            "subject": subject,
            "subject_kind": "network" if "/" in subject else "address",
            "kind": "listed",
            "means": means.get(name, "spam"),
            "source": name,
        }
        for name, entries in listings(world).items()
        for subject, seen_at in entries
    ]
    with lake.append("sightings", "world") as change:
        change.write(pa.Table.from_pylist(rows))


def _add_networks(lake: Lake, world: World) -> None:
    names = ("prefix", "as_number", "as_name", "country")
    rows = [dict(zip(names, row, strict=True)) for row in world.stage.places.networks()]
    as_of = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    with lake.append("networks", "world") as change:
        change.write(pa.Table.from_pylist([{**row, "as_of": as_of} for row in rows]))


def who_opened_what(world: World) -> pa.Table:
    """The truth about directions: each (client, server, ports, protocol) once."""
    columns = ["client", "server", "port", "client_port", "protocol"]
    table = conversations(world).select(columns)
    return table.group_by(columns).aggregate([])
