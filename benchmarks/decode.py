"""Flows per second and core of the templated decoders, beside the PyPI package ``netflow``.

    pip install netflow        # the peer; without it, ours are measured alone
    python -m benchmarks.decode [DATAGRAMS]

Synthetic packets of 30 records: v9 and IPFIX, IPv4 and IPv6, a thousand subscribers talking
to twenty thousand servers. "with text" is the whole way from datagrams to FLOWS batches;
"without text" is the same less the time that the addresses' text takes; "records" is what
remains of the whole way, text included, once the headers of the packets have been walked
one by one: the templated decoding of the collected sets. Medians of several runs; as in
`timeit`, the collector of garbage does not look at the packets that the benchmark holds.
"""

import gc
import importlib
import os
import platform
import sys
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from struct import pack
from time import process_time
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from headwater.records.intake import Datagram, FlowBatch, FlowReading
from headwater.sources.capture_files import PACKETS_AT_A_TIME
from headwater.wire.addresses import address_dictionary
from headwater.wire.datagram_runs import DatagramRun
from headwater.wire.flow_export import ROWS_PER_BATCH, FlowDecoder
from headwater.wire.templated_packets import IPFIX, NETFLOW9, TemplatedPackets

EXPORTED_S = 1_767_225_600
RECORDS = 30
REPEATS = 5
PEER_DATAGRAMS = 400
DISTINCT = (1_000, 20_000)  # subscribers, servers
EXPORTER = "192.0.2.254"

Rows = npt.NDArray[np.void]

COMMON = [
    ("octetDeltaCount", 1, 4), ("packetDeltaCount", 2, 4), ("ingressInterface", 10, 4),
    ("egressInterface", 14, 4), ("sourceTransportPort", 7, 2),
    ("destinationTransportPort", 11, 2), ("protocolIdentifier", 4, 1),
    ("tcpControlBits", 6, 1), ("ipVersion", 60, 1), ("ipClassOfService", 5, 1),
]  # fmt: skip
ADDRESSES = {
    4: [("sourceIPv4Address", 8, 4), ("destinationIPv4Address", 12, 4)],
    6: [("sourceIPv6Address", 27, 16), ("destinationIPv6Address", 28, 16)],
}
TIMES = {
    9: [("flowStartSysUpTime", 22, 4), ("flowEndSysUpTime", 21, 4)],
    10: [("flowStartMilliseconds", 152, 8), ("flowEndMilliseconds", 153, 8)],
}


def records(version: int, family: int, count: int) -> Rows:
    """``count`` records as an exporter writes them."""
    fields = ADDRESSES[family] + COMMON + TIMES[version]
    layout = np.dtype([(name, "u1", (size,)) for name, _, size in fields])
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 256, (count, layout.itemsize), dtype=np.uint8)
    rows = noise.view(layout).reshape(-1)
    now = EXPORTED_S * 1_000 if version == 10 else 600_000
    for (name, _, size), oldest in zip(TIMES[version], (500_000, 250_000), strict=True):
        rows[name] = octets(now - rng.integers(oldest - 250_000, oldest, count), size)
    rows["protocolIdentifier"] = 6
    for (name, _, size), distinct in zip(ADDRESSES[family], DISTINCT, strict=True):
        pool = rng.integers(0, 256, (distinct, size), dtype=np.uint8)
        rows[name] = pool[rng.zipf(1.3, count) % distinct]
    return rows


def octets(values: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.uint8]:
    return values.astype(">i8").view(np.uint8).reshape(-1, 8)[:, 8 - size :]


def datagrams(version: int, family: int, rows: Rows) -> list[bytes]:
    """One packet with the template, then packets of 30 records."""
    fields = ADDRESSES[family] + COMMON + TIMES[version]
    data = rows.tobytes()
    template = pack("!HH", 256, len(fields)) + b"".join(pack("!HH", n, s) for _, n, s in fields)
    set_id = 0 if version == 9 else 2
    packets = [packet(version, 0, pack("!HH", set_id, len(template) + 4) + template, 1)]
    size = RECORDS * rows.itemsize
    for number in range(len(rows) // RECORDS):
        body = data[number * size : (number + 1) * size]
        flow_set = pack("!HH", 256, len(body) + 4) + body
        sequence = number + 1 if version == 9 else number * RECORDS
        packets.append(packet(version, sequence, flow_set, RECORDS))
    return packets


def packet(version: int, sequence: int, sets: bytes, count: int) -> bytes:
    if version == 9:
        return pack("!HHIIII", 9, count, 600_000, EXPORTED_S, sequence, 1) + sets
    return pack("!HHIII", 10, len(sets) + 16, EXPORTED_S, sequence, 1) + sets


def received(payloads: Sequence[bytes]) -> list[Datagram]:
    return [
        Datagram(
            payload=payload,
            exporter=EXPORTER,
            received_us=EXPORTED_S * 1_000_000,
            position=position,
        )
        for position, payload in enumerate(payloads, 1)
    ]


def together(sent: Sequence[Datagram]) -> DatagramRun:
    """The packets as they come from a capture."""
    return DatagramRun(
        payloads=[datagram.payload for datagram in sent],
        exporters=[datagram.exporter for datagram in sent],
        received_us=[datagram.received_us for datagram in sent],
        positions=[datagram.position for datagram in sent],
    )


def decode(sent: DatagramRun) -> int:
    decoder = FlowDecoder()
    readings: list[FlowReading] = []
    for start in range(0, len(sent), PACKETS_AT_A_TIME):
        readings += decoder.feed(sent[start : start + PACKETS_AT_A_TIME])
    readings += decoder.finish()
    assert all(isinstance(reading, FlowBatch) for reading in readings), readings[:3]
    return sum(r.flows.num_rows for r in readings if isinstance(r, FlowBatch))


def decode_records(sent: Sequence[Datagram], version: int) -> float:
    """Seconds of processor time per flow, the walk over the packets' headers left out."""
    packets = TemplatedPackets(NETFLOW9 if version == 9 else IPFIX)
    spent, flows = 0.0, 0
    for place, datagram in enumerate(sent, 1):
        packets.read(datagram, "-")
        if packets.rows >= ROWS_PER_BATCH or place == len(sent):
            start = process_time()
            readings = list(packets.flush("-"))
            spent += process_time() - start
            flows += sum(r.flows.num_rows for r in readings if isinstance(r, FlowBatch))
    return spent / flows


def addresses_to_text(columns: Sequence[npt.NDArray[Any]]) -> int:
    """Only what turns addresses into text, on the same addresses in the same batches."""
    for start in range(0, len(columns[0]), ROWS_PER_BATCH):
        for column in columns:
            address_dictionary(column[start : start + ROWS_PER_BATCH])
    return len(columns[0])


def decode_with_peer(peer: ModuleType, payloads: Sequence[bytes]) -> int:
    templates: dict[str, dict[int, object]] = {"netflow": {}, "ipfix": {}}
    return sum(len(peer.parse_packet(payload, templates).flows) for payload in payloads)


def seconds(work: Callable[[], int]) -> float:
    """Processor time per flow, the median of several runs."""
    spent = []
    for _ in range(REPEATS):
        start = process_time()
        flows = work()
        spent.append((process_time() - start) / flows)
    return median(spent)


def find_peer() -> ModuleType | None:
    try:
        return importlib.import_module("netflow")
    except ModuleNotFoundError:
        print("The peer is missing (pip install netflow): ours are measured alone.")
        return None


def address_columns(family: int, rows: Rows) -> list[npt.NDArray[Any]]:
    columns = [np.ascontiguousarray(rows[name]) for name, _, _ in ADDRESSES[family]]
    if family == 6:
        return columns
    return [column.view(">u4").astype(np.uint32).reshape(-1) for column in columns]


def measure(version: int, family: int, count: int, peer: ModuleType | None) -> str:
    rows = records(version, family, count * RECORDS)
    payloads = datagrams(version, family, rows)
    sent = received(payloads)
    words = address_columns(family, rows)
    gc.collect()
    gc.freeze()
    alone = median(decode_records(sent, version) for _ in range(REPEATS))
    whole = seconds(partial(decode, together(sent)))
    text = seconds(partial(addresses_to_text, words))
    name = f"{'v9' if version == 9 else 'IPFIX'}, IPv{family}"
    line = f"{name:14}{1 / alone:>14,.0f}{1 / (whole - text):>14,.0f}{1 / whole:>14,.0f}"
    if peer:
        theirs = seconds(partial(decode_with_peer, peer, payloads[: PEER_DATAGRAMS + 1]))
        line += f"{1 / theirs:>14,.0f}{theirs / whole:>9,.0f}x"
    return line


def main(count: int) -> None:
    machine = f"{platform.machine()}, {os.cpu_count()} processors"
    print(f"{machine}, Python {platform.python_version()}")
    print(f"{count:,} packets of {RECORDS} records; flows per second of processor time\n")
    peer = find_peer()
    heads = ("records", "without text", "with text", "netflow")
    print(" " * 14 + "".join(f"{head:>14}" for head in heads) + f"{'ratio':>10}")
    for version, family in ((9, 4), (9, 6), (10, 4), (10, 6)):
        print(measure(version, family, count, peer))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
