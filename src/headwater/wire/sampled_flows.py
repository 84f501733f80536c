"""Sampled packets as flows of one packet each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from headwater.records.intake import FlowReading, Refused
from headwater.wire.flow_columns import Columns, Origin, settle
from headwater.wire.packet_headers import Keys, read_ethernet, read_ip


class Shape(Enum):
    """What the octets of a sample are."""

    ETHERNET = "frame"
    IP = "packet"
    IPV4_RECORD = "sampled IPv4"
    IPV6_RECORD = "sampled IPv6"


class Sample(NamedTuple):
    """One sampled packet as exported."""

    shape: Shape
    octets: bytes
    frame: int  # octets of the packet with its layer 2 header; 0: the record says it
    origin: Origin
    rate: int
    input_if: int
    output_if: int


# sFlow version 5, "Sampled IPv4" and "Sampled IPv6": length is that of the IP packet.
_TAIL: Final = [
    ("src_port", ">u4"),
    ("dst_port", ">u4"),
    ("tcp_flags", ">u4"),
    ("class", ">u4"),
]
_HEAD: Final = [("total", ">u4"), ("protocol", ">u4")]
RECORDS: Final = {
    Shape.IPV4_RECORD: np.dtype([*_HEAD, ("src", "u1", 4), ("dst", "u1", 4), *_TAIL]),
    Shape.IPV6_RECORD: np.dtype([*_HEAD, ("src", "u1", 16), ("dst", "u1", 16), *_TAIL]),
}
VERSIONS: Final = {Shape.IPV4_RECORD: 4, Shape.IPV6_RECORD: 6}
READERS: Final[dict[Shape, Callable[[Sequence[bytes]], Keys]]] = {
    Shape.ETHERNET: read_ethernet,
    Shape.IP: read_ip,
}

Ints = npt.NDArray[np.int64]


@dataclass(slots=True)
class _Group:
    """Samples of one shape with their keys and IP octets (n each)."""

    samples: Sequence[Sample]
    keys: Keys
    octets: Ints


def flows_of(samples: Sequence[Sample], source: str) -> Iterator[FlowReading]:
    """Flows of sampled packets; those that are not IP, or were cut too short, refused."""
    for shape in Shape:
        chosen = [sample for sample in samples if sample.shape is shape]
        if chosen:
            group = _frames(chosen, shape) if shape in READERS else _records(chosen, shape)
            yield from _unread(group, source)
            for version, width in ((4, 4), (6, 16)):
                yield from _settled(group, version, width, source)


def _frames(samples: Sequence[Sample], shape: Shape) -> _Group:
    keys = READERS[shape]([sample.octets for sample in samples])
    frame = np.array([sample.frame for sample in samples], dtype=np.int64)
    above = np.maximum(frame - keys.layer2, 0)
    # Behind a short packet Ethernet pads and every frame has its check sum: layer 2, too.
    # A header without a length (segmentation offload) leaves the frame's.
    return _Group(samples, keys, np.where(keys.total > 0, np.minimum(above, keys.total), above))


def _records(samples: Sequence[Sample], shape: Shape) -> _Group:
    layout = RECORDS[shape]
    size = layout.itemsize
    whole = np.array([len(sample.octets) >= size for sample in samples])
    rows = np.frombuffer(
        b"".join(sample.octets[:size].ljust(size, b"\0") for sample in samples), dtype=layout
    )
    numbers: dict[str, Any] = {
        name: rows[name].astype(np.int64)
        for name in ("protocol", "src_port", "dst_port", "tcp_flags", "total")
    }
    keys = Keys(
        version=np.where(whole, VERSIONS[shape], 0),
        src=rows["src"],
        dst=rows["dst"],
        layer2=np.zeros(len(rows), dtype=np.int64),
        **numbers,
    )
    return _Group(samples, keys, keys.total)


def _unread(group: _Group, source: str) -> Iterator[Refused]:
    for row in np.flatnonzero(group.keys.version == 0).tolist():
        sample = group.samples[row]
        yield Refused(
            source=source,
            position=f"packet {sample.origin.position}",
            reason=f"not an IP packet: {sample.shape.value} of {len(sample.octets)} octets",
        )


def _settled(group: _Group, version: int, width: int, source: str) -> Iterator[FlowReading]:
    chosen = np.flatnonzero(group.keys.version == version)
    samples = [group.samples[row] for row in chosen.tolist()]
    origins = list(dict.fromkeys(sample.origin for sample in samples))
    places = {origin: place for place, origin in enumerate(origins)}
    packet = np.array([places[sample.origin] for sample in samples], dtype=np.int64)
    received = np.array([sample.origin.exported_us for sample in samples], dtype=np.int64)
    keys = group.keys
    columns = Columns(
        packet=packet,
        started_us=received,
        ended_us=received,
        src=_addresses(keys.src[chosen, :width]),
        dst=_addresses(keys.dst[chosen, :width]),
        src_port=keys.src_port[chosen],
        dst_port=keys.dst_port[chosen],
        protocol=keys.protocol[chosen],
        packets=np.ones(len(samples), dtype=np.uint64),
        octets=group.octets[chosen].astype(np.uint64),
        sampling=np.array([sample.rate for sample in samples], dtype=np.int64),
        tcp_flags=keys.tcp_flags[chosen],
        input_if=np.array([sample.input_if for sample in samples], dtype=np.int64),
        output_if=np.array([sample.output_if for sample in samples], dtype=np.int64),
    )
    yield from settle(columns, origins, source)


def _addresses(octets: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    if octets.shape[1] == 16:
        return octets
    return np.ascontiguousarray(octets).view(">u4").astype(np.uint32).reshape(-1)
