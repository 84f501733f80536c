"""The same flows in three forms: Parquet, a capture of NetFlow v9, and nfcapd's files.

One world is made; for more flows than it has, the same hours come again on the days
before, so that a hundred million flows need no more memory than one world.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.generator import Exporter, Mix, export, generate, settings
from benchmarks.speed.netflow import Router, capture, in_whole_packets

DAY_US: Final = 86_400_000_000
SUBSCRIBERS_A_MILLION: Final = 4_700  # make about a million records in six hours
HOURS: Final = 6.0
SEED: Final = 21


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Where the flows are."""

    flows: int
    parquet: Path
    captures: Path
    settings: str
    hours: int


def make(folder: Path, millions: int, world_millions: int) -> Inputs:
    """Write about so many million flows, a world of ``world_millions`` again each day."""
    world = generate(SEED, SUBSCRIBERS_A_MILLION * world_millions, HOURS, Mix())
    table = in_whole_packets(export(world, Exporter()))
    told = settings(world)
    del world
    days = max(1, round(millions / world_millions))
    parquet, captures = folder / "parquet", folder / "captures"
    for each in (parquet, captures):
        each.mkdir(parents=True)
    routers = [Router.of(table, number) for number in range(Exporter().routers)]
    for day in range(days):
        shift_us = (day - days + 1) * DAY_US
        pq.write_table(_shifted(table, shift_us), parquet / f"{day:03}.parquet")
        (captures / f"{day:03}.pcap").write_bytes(capture(routers, day, shift_us))
    return Inputs(
        flows=table.num_rows * days,
        parquet=parquet,
        captures=captures,
        settings=told,
        hours=round(HOURS) * days,
    )


def _shifted(table: pa.Table, shift_us: int) -> pa.Table:
    by = pa.scalar(shift_us, pa.duration("us"))
    for name in ("started_at", "ended_at"):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pc.add(table.column(name), by))
    return table


def captured(folder: Path) -> Iterator[Path]:
    """The captures in the order of their days."""
    yield from sorted(folder.glob("*.pcap"))
