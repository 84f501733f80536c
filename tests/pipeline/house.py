"""A lake with the records a test writes, and the sessions that come of them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from headwater.lake.layout import HOUR_US
from headwater.lake.tables import Lake
from headwater.pipeline.orient import Oriented, orient
from headwater.records.tables import FLOWS

BASE_US = 490_000 * HOUR_US
S = 1_000_000
HOST, OTHER, SERVER = "192.0.2.10", "192.0.2.11", "198.51.100.80"
SYN, SYN_ACK, RST_ACK, ALL = 0x02, 0x12, 0x14, 0x1B

Row = dict[str, Any]


def flow(start_s: float, src: str, dst: str, ports: tuple[int, int], **changed: Any) -> Row:
    start = BASE_US + int(start_s * S)
    row: Row = {
        "started_at": start,
        "ended_at": start + int(changed.pop("lasts_s", 2) * S),
        "src": src,
        "dst": dst,
        "src_port": ports[0],
        "dst_port": ports[1],
        "protocol": 6,
        "tcp_flags": ALL,
        "packets": 10,
        "bytes": 4000,
        "exporter": "203.0.113.1",
        "sampling": 1,
    }
    return row | changed


def both(
    start_s: float, client: str, server: str, ports: tuple[int, int], **changed: Any
) -> list[Row]:
    lag_s = changed.pop("lag_s", 0.02)
    back = changed.pop("back", {})
    return [
        flow(start_s, client, server, ports, **changed),
        flow(start_s + lag_s, server, client, ports[::-1], **(changed | back)),
    ]


def table(rows: Iterable[Row]) -> pa.Table:
    given = list(rows)
    columns = []
    for field in FLOWS:
        values = pa.array([row.get(field.name) for row in given], _plain(field.type))
        columns.append(values.cast(field.type))
    return pa.table(columns, schema=FLOWS)


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return pa.string()
    return pa.int64() if pa.types.is_timestamp(kind) else kind


def is_own(names: pa.StringArray) -> Any:
    return np.array([name.startswith("192.0.2.") for name in names.to_pylist()], bool)


class House:
    def __init__(self, folder: Path) -> None:
        self.lake = Lake(folder / "lake")
        self.imports = 0

    def add(self, rows: Iterable[Row]) -> None:
        self.imports += 1
        with self.lake.append("flows", f"import {self.imports}") as change:
            change.write(table(rows))

    def orient(self, own_name: str = "own") -> Oriented:
        return orient(self.lake, is_own, own_name)

    def sessions(self, rows: Iterable[Row] = ()) -> list[Row]:
        given = list(rows)
        if given:
            self.add(given)
            self.orient()
        found: list[Row] = self.lake.read("sessions").to_pylist()
        return sorted(found, key=lambda row: (row["started_at"], row["client"], row["port"]))
