"""Flows as the packets of routers: NetFlow v9 (RFC 3954) in UDP, in a capture file."""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

RECORDS: Final = 30
HOUR_MS: Final = 3_600_000
TEMPLATE: Final = 256
# Element number and octets, in the order of a common router's template.
FIELDS: Final = (
    ("octets", 1, 4), ("packets", 2, 4), ("protocol", 4, 1), ("tos", 5, 1), ("flags", 6, 1),
    ("src_port", 7, 2), ("src", 8, 4), ("input", 10, 2), ("dst_port", 11, 2), ("dst", 12, 4),
    ("output", 14, 2), ("last", 21, 4), ("first", 22, 4),
)  # fmt: skip
RECORD: Final = np.dtype([(name, f">u{size}") for name, _, size in FIELDS])
PACKET: Final = np.dtype(
    [
        ("seconds", "<u4"), ("micros", "<u4"), ("kept", "<u4"), ("size", "<u4"),
        ("ethernet", "V12"), ("kind", ">u2"),
        ("ip", "V2"), ("ip_size", ">u2"), ("ip_rest", "V8"), ("src", ">u4"), ("dst", ">u4"),
        ("src_port", ">u2"), ("dst_port", ">u2"), ("udp_size", ">u2"), ("sum", ">u2"),
        ("version", ">u2"), ("count", ">u2"), ("uptime", ">u4"), ("exported", ">u4"),
        ("sequence", ">u4"), ("domain", ">u4"),
        ("set", ">u2"), ("set_size", ">u2"), ("records", RECORD, (RECORDS,)),
    ]
)  # fmt: skip
FRAME: Final = 16  # the capture's own header of a packet
PAYLOAD: Final = FRAME + 14 + 20 + 8  # octets before NetFlow begins
COLLECTOR: Final = 0xC000_02FE  # 192.0.2.254

Packets = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Router:
    """All data packets of one exporter, in the order of their times."""

    number: int
    packets: Packets

    @classmethod
    def of(cls, table: pa.Table, number: int) -> "Router":
        """Its share of a table of flows, whole packets of it."""
        mine = table.filter(pc.equal(_exporters(table), number)).sort_by("ended_at")
        ended = mine.column("ended_at").cast(pa.int64()).to_numpy() // 1000
        started = mine.column("started_at").cast(pa.int64()).to_numpy()
        boot = int(started.min() // 1000) - HOUR_MS
        rows = np.zeros(len(ended), RECORD)
        _fill(rows, mine, boot)
        last = ended.reshape(-1, RECORDS)[:, -1]
        return cls(number, _packed(rows, last, boot, number))


def in_whole_packets(table: pa.Table) -> pa.Table:
    """The flows without the few of each router that would not fill its last packet."""
    codes, stays = _exporters(table).to_numpy(), np.ones(table.num_rows, np.bool_)
    for number in np.unique(codes):
        mine = np.flatnonzero(codes == number)
        stays[mine[len(mine) // RECORDS * RECORDS :]] = False
    return table.filter(pa.array(stays))


def _exporters(table: pa.Table) -> pa.ChunkedArray:
    """Each flow's router, by number."""
    column = table.column("exporter").unify_dictionaries()
    return pa.chunked_array([chunk.indices for chunk in column.chunks])


def _fill(rows: Packets, mine: pa.Table, boot: int) -> None:
    rows["first"] = mine.column("started_at").cast(pa.int64()).to_numpy() // 1000 - boot
    rows["last"] = mine.column("ended_at").cast(pa.int64()).to_numpy() // 1000 - boot
    for name, column in (("octets", "bytes"), ("packets", "packets")):
        rows[name] = np.minimum(mine.column(column).to_numpy(), 2**32 - 1)
    for name in ("src_port", "dst_port", "protocol"):
        rows[name] = mine.column(name).to_numpy()
    rows["flags"] = pc.fill_null(mine.column("tcp_flags"), 0).to_numpy()
    for name in ("src", "dst"):
        coded = mine.column(name).unify_dictionaries().combine_chunks()
        words = np.array([_word(text) for text in coded.dictionary.to_pylist()], np.uint32)
        rows[name] = words[coded.indices.to_numpy()]
    rows["input"], rows["output"] = 1, 2


def _word(text: str) -> int:
    a, b, c, d = map(int, text.split("."))
    return a << 24 | b << 16 | c << 8 | d


def _packed(
    rows: Packets, exported_ms: npt.NDArray[np.int64], boot: int, number: int
) -> Packets:
    packets = np.zeros(len(exported_ms), PACKET)
    seconds = exported_ms // 1000 + 1
    size = PACKET.itemsize - FRAME
    packets["seconds"] = packets["exported"] = seconds
    packets["kept"] = packets["size"] = size
    packets["ethernet"] = np.void(b"\x02" + bytes(5) + b"\x02" + bytes(4) + b"\x01")
    packets["kind"] = 0x0800
    packets["ip"] = np.void(b"\x45\x00")
    packets["ip_size"] = size - 14
    packets["ip_rest"] = np.void(bytes(4) + b"\x40\x11" + bytes(2))
    packets["src"] = address(number)
    packets["dst"] = COLLECTOR
    packets["src_port"], packets["dst_port"] = 2055, 2055
    packets["udp_size"] = size - 34
    packets["version"], packets["count"] = 9, RECORDS
    packets["uptime"] = seconds * 1000 - boot
    packets["sequence"] = np.arange(1, len(packets) + 1)
    packets["domain"] = 1
    packets["set"], packets["set_size"] = TEMPLATE, RECORDS * RECORD.itemsize + 4
    packets["records"] = rows.reshape(-1, RECORDS)
    return packets


def address(number: int) -> int:
    """Of a router: in 192.0.2.0/24."""
    return 0xC000_0201 + number


def capture(routers: Sequence[Router], sent: Sequence[int], shift_us: int) -> bytes:
    """A capture file of one day; each router's template comes first.

    ``sent``: how many packets each router sent on the days before.
    """
    head = pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 16, 1)
    templates = [
        _template(router, before, shift_us)
        for router, before in zip(routers, sent, strict=True)
    ]
    every = [router.packets for router in routers]
    # Without its type said, the numbers would be turned into this machine's byte order.
    packets = np.concatenate(every, dtype=PACKET, casting="no")
    packets = packets[np.argsort(packets["seconds"], kind="stable")]
    packets["seconds"] += np.uint32(shift_us // 1_000_000 % 2**32)
    packets["exported"] = packets["seconds"]
    before = np.array(sent, np.uint32)
    packets["sequence"] += before[packets["src"].astype(np.int64) - address(0)]
    return b"".join([head, *templates, packets.tobytes()])


def _template(router: Router, before: int, shift_us: int) -> bytes:
    first = router.packets[:1].copy()
    fields = b"".join(pack("!HH", number, size) for _, number, size in FIELDS)
    body = pack("!HHHH", 0, len(fields) + 8, TEMPLATE, len(FIELDS)) + fields
    size = PAYLOAD - FRAME + 20 + len(body)
    first["seconds"] += np.uint32(shift_us // 1_000_000 % 2**32)
    first["exported"] = first["seconds"]
    first["kept"] = first["size"] = size
    first["ip_size"], first["udp_size"], first["count"] = size - 14, size - 34, 1
    first["sequence"] = before
    return first.tobytes()[: PAYLOAD + 20] + body
