"""The same flows in three forms: Parquet, a capture of NetFlow v9, and nfcapd's files.

For more flows than one world has, the same subscribers live on for the same hours of more
days, of which one is made at a time: a hundred million flows need no more memory than ten.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
    """Write about so many million flows, ``world_millions`` of them each day."""
    days = max(1, round(millions / world_millions))
    inputs = Inputs(
        flows=0,
        parquet=folder / "parquet",
        captures=folder / "captures",
        settings="",
        hours=round(HOURS) * days,
    )
    for each in (inputs.parquet, inputs.captures):
        each.mkdir(parents=True)
    sent = [0] * Exporter().routers
    for day in range(days):
        world = generate(SEED, SUBSCRIBERS_A_MILLION * world_millions, HOURS, Mix(), day)
        told = inputs.settings or settings(world)
        table = in_whole_packets(export(world, Exporter()))
        del world
        sent = _write(inputs, day, table, (day - days + 1) * DAY_US, sent)
        inputs = replace(inputs, flows=inputs.flows + table.num_rows, settings=told)
        del table
    return inputs


def _write(
    inputs: Inputs, day: int, table: pa.Table, shift_us: int, sent: Sequence[int]
) -> list[int]:
    """One day's files. ``sent``, and returned: packets of each router until then."""
    pq.write_table(_shifted(table, shift_us), inputs.parquet / f"{day:03}.parquet")
    routers = [Router.of(table, number) for number in range(len(sent))]
    (inputs.captures / f"{day:03}.pcap").write_bytes(capture(routers, sent, shift_us))
    # A template takes a packet of its own.
    return [n + len(each.packets) + 1 for n, each in zip(sent, routers, strict=True)]


def _shifted(table: pa.Table, shift_us: int) -> pa.Table:
    by = pa.scalar(shift_us, pa.duration("us"))
    for name in ("started_at", "ended_at"):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pc.add(table.column(name), by))
    return table


def captured(folder: Path) -> Iterator[Path]:
    """The captures in the order of their days."""
    yield from sorted(folder.glob("*.pcap"))
