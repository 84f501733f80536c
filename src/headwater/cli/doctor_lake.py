"""What the tables on disk tell about imports, exporters and clocks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.cli.remark import Level, Remark
from headwater.lake import locks, staging
from headwater.lake.tables import Lake
from headwater.measures.prefixes import PrefixTable
from headwater.records.settings import Settings
from headwater.records.tables import TABLES
from headwater.records.window import from_us

ROWS_LOOKED_AT: Final = 500_000
CLOCK_TOLERANCE: Final = timedelta(hours=1)
OLDEST_SENSIBLE: Final = timedelta(days=3650)
LEAST_OWN_SHARE: Final = 0.5
LEAST_DIRECTION_SHARE: Final = 0.01
LEASES_BEHIND: Final = timedelta(days=1)
FEWEST_FLOWS: Final = 100  # of an exporter, before its share of a direction means anything
# Of flows with data of which every packet is counted nine in ten show how they began; of one
# packet in two, half would.
LEAST_BEGUN_SHARE: Final = 0.5
TCP: Final = 6
SYN, PSH = 0x02, 0x08  # RFC 9293 section 3.1
ENDS: Final = ["exporter", "src", "dst", "src_port", "dst_port"]

Mask = npt.NDArray[np.bool_]


def remarks_on_lake(lake: Lake, settings: Settings, now: datetime) -> Iterator[Remark]:
    """Damage, unfinished imports, flows that cannot be yours, odd clocks, old leases."""
    damaged = [remark for table in TABLES for remark in _damage(lake, table)]
    yield from damaged
    yield from _unfinished(lake)
    if damaged:
        return
    if not lake.manifest("flows").files:
        yield Remark(
            level=Level.ODD,
            what="there are no flows yet",
            do="headwater import flows FILE...",
        )
        return
    yield from _clocks(lake, now)
    yield from _leases(lake)
    newest = _newest(lake)
    yield from _directions(newest, PrefixTable(settings.own_networks))
    yield from _sampled_unsaid(newest)


def _damage(lake: Lake, table: str) -> Iterator[Remark]:
    for found in lake.damage(table):
        yield Remark(
            level=Level.BROKEN,
            what=f"table {table} is damaged: {found}",
            do="restore the file from a backup, or remove the table's folder and import again",
        )


def _unfinished(lake: Lake) -> Iterator[Remark]:
    for leftover in sorted(lake.root.glob(f"*/{staging.PREFIX}*")):
        with locks.unread(leftover / staging.LIVE) as dead:
            if dead:
                yield Remark(
                    level=Level.ODD,
                    what=f"an import into {leftover.parent.name} was stopped half-way;"
                    " nothing of it was kept",
                    do="run that import again; it clears the remains away",
                )


def _clocks(lake: Lake, now: datetime) -> Iterator[Remark]:
    files = lake.manifest("flows").files
    first, last = from_us(min(f.start_us for f in files)), from_us(max(f.end_us for f in files))
    if last > now + CLOCK_TOLERANCE:
        yield Remark(
            level=Level.ODD,
            what=f"some flows are from the future, up to {last:%Y-%m-%d %H:%M} UTC",
            do="check the clocks (NTP) of the routers and of this machine",
        )
    if first < now - OLDEST_SENSIBLE:
        yield Remark(
            level=Level.ODD,
            what=f"some flows are from {first:%Y-%m-%d}: a router's clock was never set",
            do="set up NTP on your routers; hunt --since leaves such flows out",
        )


def _leases(lake: Lake) -> Iterator[Remark]:
    leases, flows = lake.manifest("leases").files, lake.manifest("flows").files
    if not leases:
        return  # many networks have no use for them
    last = from_us(max(f.end_us for f in leases))
    if last < from_us(max(f.end_us for f in flows)) - LEASES_BEHIND:
        yield Remark(
            level=Level.ODD,
            what=f"the newest lease began {last:%Y-%m-%d %H:%M} UTC, long before the newest"
            " flows: whose addresses they show cannot be said",
            do="headwater import leases FILE... as often as flows",
        )


def _newest(lake: Lake) -> pa.Table:
    """What is asked of the newest flows, a bounded number of rows."""
    columns = [*ENDS, "protocol", "tcp_flags", "sampling"]
    taken: list[pa.Table] = []
    with lake.reading(["flows"]):
        for path in reversed(lake.files("flows")):
            with pq.ParquetFile(str(path)) as file:
                for group in range(file.num_row_groups):
                    taken.append(file.read_row_group(group, columns=columns))
                    if sum(part.num_rows for part in taken) >= ROWS_LOOKED_AT:
                        return pa.concat_tables(taken)
    return pa.concat_tables(taken)


def _directions(flows: pa.Table, own: PrefixTable) -> Iterator[Remark]:
    out, into = own.holds_text(_texts(flows, "src")), own.holds_text(_texts(flows, "dst"))
    share = float(np.mean(out | into)) if len(out) else 1.0
    if share < LEAST_OWN_SHARE:
        yield Remark(
            level=Level.ODD,
            what=f"of the newest flows, {1 - share:.0%} have neither side in own_networks",
            do="check own_networks, and that the exporters see your customers' side",
        )
    exporters = pc.fill_null(flows["exporter"].cast(pa.string()), "(not named)")
    for name in sorted(pc.unique(exporters).to_pylist()):
        mine: Mask = pc.equal(exporters, name).to_numpy()
        yield from _one_way(name, out[mine], into[mine])


def _one_way(name: str, out: Mask, into: Mask) -> Iterator[Remark]:
    if len(out) < FEWEST_FLOWS:
        return
    shares = {"from": float(np.mean(out)), "to": float(np.mean(into))}
    for direction, share in shares.items():
        if share < LEAST_DIRECTION_SHARE < max(shares.values()):
            yield Remark(
                level=Level.ODD,
                what=f"exporter {name} shows no flows {direction} your networks",
                do="export both directions: ingress on every interface, or ingress and"
                " egress at the edge",
            )


def _sampled_unsaid(flows: pa.Table) -> Iterator[Remark]:
    whole = pc.and_(pc.equal(flows["protocol"], TCP), pc.equal(flows["sampling"], 1))
    asked = flows.filter(whole).select([*ENDS, "tcp_flags"]).unify_dictionaries()
    flags = pc.fill_null(asked["tcp_flags"], 0)
    for name, flag in (("syn", SYN), ("psh", PSH)):
        asked = asked.append_column(name, pc.bit_wise_and(flags, flag))
    each = asked.group_by(ENDS).aggregate([("syn", "max"), ("psh", "max")])
    each = each.filter(pc.greater(each["psh_max"], 0))
    exporters = pc.fill_null(each["exporter"].cast(pa.string()), "(not named)")
    for name in sorted(pc.unique(exporters).to_pylist()):
        begun = each.filter(pc.equal(exporters, name))["syn_max"].to_numpy() > 0
        share = float(np.mean(begun))
        if len(begun) >= FEWEST_FLOWS and share < LEAST_BEGUN_SHARE:
            yield Remark(
                level=Level.ODD,
                what=f"exporter {name} says that it counts every packet, but only {share:.1%}"
                " of its TCP flows show their beginning, as if it sampled",
                do=f'if it does: [exporters."{name}"] sampling = N, and import into a new'
                " workspace",
            )


def _texts(flows: pa.Table, column: str) -> Any:
    return flows[column].cast(pa.string()).combine_chunks().dictionary_encode()
