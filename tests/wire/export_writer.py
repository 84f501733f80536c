"""A small writer of export packets, for the way there and back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import groupby
from struct import pack
from typing import Any

import pyarrow as pa

from headwater.records.intake import Datagram, FlowBatch, FlowReading, Refused, SequenceGap
from headwater.records.tables import FLOWS
from headwater.wire.flow_export import FlowDecoder
from headwater.wire.information_elements import Element, element

EXPORTER = "192.0.2.254"
NOW_S = 1_767_225_600  # 2026-01-01 00:00:00 UTC
NOW_US = NOW_S * 1_000_000
UPTIME_MS = 600_000
VARIABLE = 0xFFFF

Value = int | bytes
Spec = tuple[Element, int]


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow as a test writes it down; times in seconds after NOW_S."""

    src: str = "192.0.2.1"
    dst: str = "198.51.100.2"
    src_port: int = 40_000
    dst_port: int = 443
    protocol: int = 6
    tcp_flags: int = 0x1B
    packets: int = 10
    octets: int = 4_000
    start_s: float = -60.0
    end_s: float = -1.0


def number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")


def address(text: str) -> bytes:
    return ip_address(text).packed


def field(name: str, size: int) -> Spec:
    return element(name), size


def spec(field: Spec, *, ipfix: bool) -> bytes:
    (enterprise, element_number), size = field
    if not enterprise or not ipfix:
        return pack("!HH", element_number, size)
    return pack("!HHI", element_number | 0x8000, size, enterprise)


def value_octets(value: Value, size: int) -> bytes:
    octets = (
        value if isinstance(value, bytes) else number(value, 8 if size == VARIABLE else size)
    )
    if size != VARIABLE:
        return octets
    if len(octets) < 255:
        return bytes([len(octets)]) + octets
    return b"\xff" + number(len(octets), 2) + octets


def record(specs: Sequence[Spec], values: Sequence[Value]) -> bytes:
    return b"".join(
        value_octets(value, size) for (_, size), value in zip(specs, values, strict=True)
    )


def make_set(set_id: int, body: bytes, *, padding: int = 0) -> bytes:
    return pack("!HH", set_id, len(body) + 4 + padding) + body + bytes(padding)


def template(template_id: int, specs: Sequence[Spec], *, ipfix: bool = True) -> bytes:
    body = pack("!HH", template_id, len(specs)) + b"".join(spec(s, ipfix=ipfix) for s in specs)
    return make_set(2 if ipfix else 0, body)


def withdrawal(template_id: int, *, options: bool = False) -> bytes:
    return make_set(3 if options else 2, pack("!HH", template_id, 0))


def options_template(
    template_id: int, scopes: Sequence[Spec], specs: Sequence[Spec], *, ipfix: bool = True
) -> bytes:
    """For v9, a scope's element number is its scope type (RFC 3954 section 6.1)."""
    written = b"".join(spec(s, ipfix=ipfix) for s in (*scopes, *specs))
    if ipfix:
        head = pack("!HHH", template_id, len(scopes) + len(specs), len(scopes))
        return make_set(3, head + written)
    return make_set(1, pack("!HHH", template_id, 4 * len(scopes), 4 * len(specs)) + written)


def ipfix_message(
    *sets: bytes, sequence: int = 0, domain: int = 1, exported_s: int = NOW_S
) -> bytes:
    body = b"".join(sets)
    return pack("!HHIII", 10, len(body) + 16, exported_s, sequence, domain) + body


def netflow9_packet(
    *sets: bytes,
    sequence: int = 0,
    source_id: int = 1,
    exported_s: int = NOW_S,
    uptime_ms: int = UPTIME_MS,
    count: int = 1,
) -> bytes:
    head = pack("!HHIIII", 9, count, uptime_ms, exported_s, sequence, source_id)
    return head + b"".join(sets)


def netflow5_packet(
    flows: Sequence[Flow],
    *,
    sequence: int = 0,
    sampling: int = 0,
    count: int | None = None,
    exported_s: int = NOW_S,
    uptime_ms: int = UPTIME_MS,
) -> bytes:
    promised = len(flows) if count is None else count
    head = pack("!HHIIIIBBH", 5, promised, uptime_ms, exported_s, 0, sequence, 0, 1, sampling)
    return head + b"".join(netflow5_record(flow, uptime_ms) for flow in flows)


def netflow5_record(flow: Flow, uptime_ms: int) -> bytes:
    first, last = ((uptime_ms + round(t * 1_000)) % 2**32 for t in (flow.start_s, flow.end_s))
    return (
        address(flow.src)
        + address(flow.dst)
        + bytes(4)
        + pack("!HHIIII", 3, 4, flow.packets, flow.octets, first, last)
        + pack("!HHBBBBHHBBH", flow.src_port, flow.dst_port, 0, flow.tcp_flags, flow.protocol,
               0, 64_500, 64_501, 24, 24, 0)
    )  # fmt: skip


def datagrams(
    payloads: Iterable[bytes], exporter: str = EXPORTER, received_us: int = NOW_US
) -> list[Datagram]:
    return [
        Datagram(payload=payload, exporter=exporter, received_us=received_us, position=position)
        for position, payload in enumerate(payloads, 1)
    ]


@dataclass(frozen=True, slots=True)
class Readings:
    """Everything a decoder said, by kind."""

    rows: list[dict[str, Any]]
    refused: list[Refused]
    gaps: list[SequenceGap]

    @property
    def reasons(self) -> dict[str, int]:
        """Records refused, by the head of the reason."""
        heads = sorted((r.reason.split(":")[0], r.records) for r in self.refused)
        return {
            head: sum(count for _, count in group)
            for head, group in groupby(heads, key=lambda pair: pair[0])
        }


def sorted_out(readings: Iterable[FlowReading]) -> Readings:
    """By kind; checks on the way that every batch has the shape of the table."""
    answer = Readings([], [], [])
    for reading in readings:
        match reading:
            case FlowBatch(flows=batch):
                assert batch.schema == FLOWS
                batch.validate(full=True)
                check_nulls(batch)
                answer.rows.extend(batch.to_pylist())
            case Refused():
                answer.refused.append(reading)
            case SequenceGap():
                answer.gaps.append(reading)
    return answer


def check_nulls(batch: pa.RecordBatch) -> None:
    required = [name for name in FLOWS.names if not FLOWS.field(name).nullable]
    assert {name: batch.column(name).null_count for name in required} == dict.fromkeys(
        required, 0
    )


def decode(*payloads: bytes, exporter: str = EXPORTER, received_us: int = NOW_US) -> Readings:
    """What a fresh decoder says about these packets, from the first to the end."""
    decoder = FlowDecoder("capture")
    sent = datagrams(payloads, exporter, received_us)
    return sorted_out([*decoder.feed(sent), *decoder.finish()])


def at(seconds: float) -> datetime:
    """An instant so many seconds after NOW_S, to the microsecond."""
    microseconds = NOW_US + round(seconds * 1_000_000)
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(
        microsecond=microseconds % 1_000_000
    )
