"""Rows of a compiled template as flows: which elements fill which column."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headwater.wire.addresses import v4_as_v6
from headwater.wire.flow_columns import Columns, Origin
from headwater.wire.flow_times import Clock, reverse_times, times
from headwater.wire.information_elements import (
    IANA,
    INITIAL_TCP_FLAGS,
    REVERSE_DELAY_MILLISECONDS,
    UNION_TCP_FLAGS,
    Element,
    element,
    reverse,
)
from headwater.wire.sampling import Context, rates_of_flows
from headwater.wire.templates import Layout, Rows, column, first_of, integers, numbers

V4: Final = (element("sourceIPv4Address"), element("destinationIPv4Address"))
V6: Final = (element("sourceIPv6Address"), element("destinationIPv6Address"))
IP_VERSION: Final = element("ipVersion")
PROTOCOL: Final = (element("protocolIdentifier"), element("nextHeaderIPv6"))
SOURCE_PORT: Final = tuple(
    element(name) for name in ("sourceTransportPort", "udpSourcePort", "tcpSourcePort")
)
DESTINATION_PORT: Final = tuple(
    element(name)
    for name in ("destinationTransportPort", "udpDestinationPort", "tcpDestinationPort")
)
FLAGS: Final = (element("tcpControlBits"), INITIAL_TCP_FLAGS, UNION_TCP_FLAGS)
# Deltas first: a total grows over the records of one flow and would count twice. The
# "post" counters are of the same packets behind a middlebox, for want of the others.
OCTETS: Final = (
    element("octetDeltaCount"), element("octetTotalCount"), element("postOctetDeltaCount"),
)  # fmt: skip
PACKETS: Final = (
    element("packetDeltaCount"), element("packetTotalCount"), element("postPacketDeltaCount"),
)  # fmt: skip
CONVERSATION: Final = (element("initiatorOctets"), element("responderOctets"))
CONVERSATION_PACKETS: Final = (element("initiatorPackets"), element("responderPackets"))
REVERSE_OCTETS: Final = tuple(reverse(which) for which in OCTETS)
REVERSE_PACKETS: Final = tuple(reverse(which) for which in PACKETS)
REVERSE_FLAGS: Final = tuple(reverse(which) for which in FLAGS)
DIRECTION: Final = element("biflowDirection")
# RFC 5477 section 8.5: the first octets of a packet, from its IP header or from its frame.
SECTIONS: Final = (Element(IANA, 313), Element(IANA, 315))

Array = npt.NDArray[Any]


def is_biflow(names: frozenset[Element]) -> bool:
    """RFC 5103 section 3: counters of both directions in one record."""
    return first_of(names, REVERSE_OCTETS) is not None


def is_conversation(names: frozenset[Element]) -> bool:
    """Firewalls' records of a whole connection: initiator's and responder's octets."""
    return names.issuperset(CONVERSATION) and first_of(names, OCTETS) is None


def why_no_flow(layout: Layout) -> str:
    """What a record needs to be a flow and this layout lacks; empty where nothing."""
    names = layout.names
    if not (names.issuperset(V4) or names.issuperset(V6)):
        if any(field.element in SECTIONS for field in layout.fields):
            return "a sampled packet itself: have the exporter send flows, or sFlow"
        return "no source and destination address"
    if first_of(names, PROTOCOL) is None:
        return "no protocol"
    if first_of(names, OCTETS) is None and not is_conversation(names):
        return "no octet counter"
    return ""


def columns_of(
    layout: Layout,
    rows: Rows,
    packet: npt.NDArray[np.int64],
    origins: Sequence[Origin],
    context: Context,
) -> Iterator[Columns]:
    """Flows (n) of one layout; two of these where records hold both directions."""
    names = layout.names
    exported = np.array([origin.exported_us for origin in origins])[packet]
    uptime = np.array([origin.uptime_ms for origin in origins])[packet]
    clock = Clock(rows, exported, uptime, context.boot_ms)
    forward = _forward(layout, rows, packet, clock, context)
    if is_biflow(names):
        back = _biflow_reverse(names, clock, forward)
        yield from _both(forward, back, *_began(names, rows))
    elif is_conversation(names):
        back = _responder(names, rows, forward)
        yield from _both(forward, back, np.ones(len(rows), dtype=np.bool_), None)
    else:
        if DIRECTION in names:
            forward.initiator, forward.initiator_known = _said(rows)
        yield forward


def _forward(
    layout: Layout, rows: Rows, packet: npt.NDArray[np.int64], clock: Clock, context: Context
) -> Columns:
    names = layout.names
    conversation = is_conversation(names)
    octets = _counter(names, rows, CONVERSATION[:1] if conversation else OCTETS)
    packets = CONVERSATION_PACKETS[:1] if conversation else PACKETS
    started, ended = times(clock, names)
    src, dst = _addresses(names, rows)
    return Columns(
        packet=packet,
        started_us=started,
        ended_us=ended,
        src=src,
        dst=dst,
        src_port=_number(names, rows, SOURCE_PORT),
        dst_port=_number(names, rows, DESTINATION_PORT),
        protocol=_number(names, rows, PROTOCOL),
        packets=_packets(names, rows, packets, octets),
        octets=octets,
        sampling=rates_of_flows(context, names, rows),
        tcp_flags=_flags(names, rows, FLAGS),
        src_as=_plain(names, rows, "bgpSourceAsNumber"),
        dst_as=_plain(names, rows, "bgpDestinationAsNumber"),
        input_if=_plain(names, rows, "ingressInterface"),
        output_if=_plain(names, rows, "egressInterface"),
    )


def _counter(names: frozenset[Element], rows: Rows, wanted: Sequence[Element]) -> Array:
    which = first_of(names, wanted)
    return np.zeros(len(rows), dtype=np.uint64) if which is None else integers(rows, which)


def _number(names: frozenset[Element], rows: Rows, wanted: Sequence[Element]) -> Array:
    which = first_of(names, wanted)
    return np.zeros(len(rows), dtype=np.uint8) if which is None else numbers(rows, which)


def _packets(
    names: frozenset[Element], rows: Rows, wanted: Sequence[Element], octets: Array
) -> Array:
    """Some firewalls count octets alone: then one packet, the least that carried them."""
    if first_of(names, wanted) is None:
        return (octets > 0).astype(np.uint64)
    return _counter(names, rows, wanted)


def _plain(names: frozenset[Element], rows: Rows, name: str) -> Array | None:
    which = element(name)
    return numbers(rows, which) if which in names else None


def _flags(names: frozenset[Element], rows: Rows, wanted: Sequence[Element]) -> Array | None:
    """All of the flags columns together, or None where there is none."""
    union: Array | None = None
    for which in wanted:
        if which in names:
            seen = numbers(rows, which)
            union = seen if union is None else union | seen
    return union


def _addresses(names: frozenset[Element], rows: Rows) -> tuple[Array, Array]:
    """IPv4 (n) integers or IPv6 (n, 16) octets; both as octets where a template has both."""
    four, six = (names.issuperset(pair) for pair in (V4, V6))
    if not six:
        src, dst = (rows[column(which)].astype(np.uint32) for which in V4)
        return src, dst
    octets = [np.ascontiguousarray(rows[column(which)]) for which in V6]
    if not four:
        return octets[0], octets[1]
    words = [rows[column(which)].astype(np.uint32) for which in V4]
    is_six = _holds_six(names, rows, octets)[:, None]
    src, dst = (
        np.where(is_six, octet, v4_as_v6(word))
        for octet, word in zip(octets, words, strict=True)
    )
    return src, dst


def _holds_six(names: frozenset[Element], rows: Rows, octets: Sequence[Array]) -> Array:
    if IP_VERSION in names:
        version = integers(rows, IP_VERSION)
        if np.isin(version, (4, 6)).all():
            return np.equal(version, 6)
    return np.logical_or(octets[0].any(axis=1), octets[1].any(axis=1))


def _biflow_reverse(names: frozenset[Element], clock: Clock, forward: Columns) -> Columns:
    rows = clock.rows
    started, ended = reverse_times(clock, names, (forward.started_us, forward.ended_us))
    octets = _counter(names, rows, REVERSE_OCTETS)
    packets = _packets(names, rows, REVERSE_PACKETS, octets)
    flags = _flags(names, rows, REVERSE_FLAGS)
    back = _turned(forward, octets, packets, flags)
    return replace(back, started_us=started, ended_us=ended)


def _responder(names: frozenset[Element], rows: Rows, forward: Columns) -> Columns:
    octets = integers(rows, CONVERSATION[1])
    return _turned(
        forward, octets, _packets(names, rows, CONVERSATION_PACKETS[1:], octets), None
    )


def _turned(forward: Columns, octets: Array, packets: Array, flags: Array | None) -> Columns:
    return replace(
        forward,
        src=forward.dst,
        dst=forward.src,
        src_port=forward.dst_port,
        dst_port=forward.src_port,
        octets=octets,
        packets=packets,
        tcp_flags=flags,
        src_as=forward.dst_as,
        dst_as=forward.src_as,
        input_if=forward.output_if,
        output_if=forward.input_if,
    )


def _began(names: frozenset[Element], rows: Rows) -> tuple[Array | None, Array | None]:
    """Whether the source of each biflow (n) is the initiator, and where that is known.

    Without a word on it, RFC 5103 section 6.3 leaves the order to the exporter: softflowd
    puts the lower address first. YAF counts the answer's delay from the source's packet.
    """
    if DIRECTION in names:
        return _said(rows)
    if REVERSE_DELAY_MILLISECONDS in names:
        return np.ones(len(rows), dtype=np.bool_), None
    return None, None


def _both(
    forward: Columns, back: Columns, first: Array | None, known: Array | None
) -> Iterator[Columns]:
    if first is not None:
        forward.initiator, forward.initiator_known = first, known
        back.initiator, back.initiator_known = ~first, known
    yield forward
    # Where nothing came back there is no second flow: a flow has packets (RFC 7011).
    answered = (back.packets > 0) | (back.octets > 0)
    yield back if answered.all() else only(back, answered)


def _said(rows: Rows) -> tuple[Array, Array]:
    """RFC 5103 section 6.3: 1 the source is the initiator, 2 the destination is."""
    direction = integers(rows, DIRECTION)
    return direction == 1, np.isin(direction, (1, 2))


def only(columns: Columns, mask: Array) -> Columns:
    """The rows (n) where ``mask`` is true."""
    chosen: dict[str, Any] = {
        name: None if (value := getattr(columns, name)) is None else value[mask]
        for name in Columns.__slots__
    }
    return Columns(**chosen)
