"""The first octets of sampled packets to flow keys, many packets at once.

Reads Ethernet with VLAN tags, MPLS labels and PPPoE, IPv4, and IPv6 with its extension
headers. All offsets are kept per packet (n); a read beyond the sampled octets is zero,
and a packet that is too short for its own header is marked instead of guessed at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

SAMPLED: Final = 256  # octets kept of each; exporters send 128 by default
MOST_TAGS: Final = 4
MOST_LABELS: Final = 8
MOST_EXTENSIONS: Final = 8

ETHERNET_SIZE: Final = 14
IPV4: Final = 0x0800
IPV6: Final = 0x86DD
VLAN: Final = (0x8100, 0x88A8, 0x9100)  # IEEE 802.1Q, 802.1ad, and one before the standard
MPLS: Final = (0x8847, 0x8848)  # RFC 5332
PPPOE: Final = 0x8864  # RFC 2516
PPP_IPV4: Final = 0x0021
PPP_IPV6: Final = 0x0057

TCP: Final = 6
WITH_PORTS: Final = (6, 17, 33, 132, 136)
# RFC 7045 section 4: extension headers that stand between IPv6 and the next protocol.
EXTENSIONS: Final = (0, 43, 44, 51, 60, 135)
FRAGMENT: Final = 44
AUTHENTICATION: Final = 51

Octets = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(slots=True, kw_only=True)
class Keys:
    """Flow keys of sampled packets (n each); meaningless where ``version`` is 0."""

    version: Ints  # 4, 6, or 0: no IP header that could be read
    src: Octets  # (n, 16), an IPv4 address in the first four
    dst: Octets
    protocol: Ints
    src_port: Ints
    dst_port: Ints
    tcp_flags: Ints
    layer2: Ints  # octets in front of the IP header
    total: Ints  # octets of the IP packet as its header says; 0: it does not


class _Packets:
    """Sampled octets (n, m) with zeros behind them."""

    def __init__(self, packets: Sequence[bytes]) -> None:
        cut = [packet[:SAMPLED] for packet in packets]
        self.sizes = np.array([len(packet) for packet in cut], dtype=np.int64)
        padded = b"".join(packet.ljust(SAMPLED, b"\0") for packet in cut)
        self.octets = np.frombuffer(padded, dtype=np.uint8).reshape(-1, SAMPLED)

    def octet(self, offset: Ints) -> Ints:
        """One octet of each at its own offset (n); zero beyond the end."""
        column = np.minimum(offset, SAMPLED - 1)[:, None]
        value = np.take_along_axis(self.octets, column, axis=1)[:, 0].astype(np.int64)
        return np.where(offset < self.sizes, value, 0)

    def word(self, offset: Ints) -> Ints:
        return self.octet(offset) << 8 | self.octet(offset + 1)

    def run(self, offset: Ints, size: int) -> Octets:
        """``size`` octets of each (n, size)."""
        columns = np.minimum(offset[:, None] + np.arange(size), SAMPLED - 1)
        return np.take_along_axis(self.octets, columns, axis=1)


def read_ethernet(packets: Sequence[bytes]) -> Keys:
    """Keys of Ethernet frames (n)."""
    frames = _Packets(packets)
    offset = np.full(len(packets), ETHERNET_SIZE, dtype=np.int64)
    kind = frames.word(offset - 2)
    for _ in range(MOST_TAGS):
        tagged = np.isin(kind, VLAN)
        offset = np.where(tagged, offset + 4, offset)
        kind = np.where(tagged, frames.word(offset - 2), kind)
    kind, offset = _without_pppoe(frames, kind, offset)
    offset, labelled = _without_labels(frames, kind, offset)
    return _ip(frames, offset, np.isin(kind, (IPV4, IPV6)) | labelled)


def read_ip(packets: Sequence[bytes]) -> Keys:
    """Keys of packets (n) that begin with their IP header."""
    sampled = _Packets(packets)
    start = np.zeros(len(packets), dtype=np.int64)
    return _ip(sampled, start, np.ones(len(packets), dtype=np.bool_))


def _without_pppoe(frames: _Packets, kind: Ints, offset: Ints) -> tuple[Ints, Ints]:
    session = kind == PPPOE
    inner = frames.word(offset + 6)
    for ppp, ethertype in ((PPP_IPV4, IPV4), (PPP_IPV6, IPV6)):
        kind = np.where(session & (inner == ppp), ethertype, kind)
    return kind, np.where(session, offset + 8, offset)


def _without_labels(frames: _Packets, kind: Ints, offset: Ints) -> tuple[Ints, Mask]:
    """Past an MPLS label stack (RFC 3032 section 2.1), and where there was a whole one."""
    labelled = np.isin(kind, MPLS)
    open_stack = labelled
    for _ in range(MOST_LABELS):
        last = frames.octet(offset + 2) & 1 == 1
        offset = np.where(open_stack, offset + 4, offset)
        open_stack = open_stack & ~last
    return offset, labelled & ~open_stack


def _ip(packets: _Packets, start: Ints, is_ip: Mask) -> Keys:
    version = np.where(is_ip, packets.octet(start) >> 4, 0)
    four = (version == 4) & (start + 20 <= packets.sizes)
    six = (version == 6) & (start + 40 <= packets.sizes)
    protocol_six, next_six, unfragmented_six = _extensions(packets, start, six)
    # RFC 791 section 3.1: only the first fragment carries the next header.
    first_four = packets.word(start + 6) & 0x1FFF == 0
    protocol = np.where(four, packets.octet(start + 9), protocol_six)
    after = np.where(four, start + 4 * (packets.octet(start) & 0xF), next_six)
    ports = np.where(four, first_four, unfragmented_six) & np.isin(protocol, WITH_PORTS)
    total_six = packets.word(start + 4)  # RFC 8200 section 3: zero for jumbograms
    total = np.where(four, packets.word(start + 2), total_six + 40 * (total_six > 0))
    return Keys(
        version=np.where(four, 4, np.where(six, 6, 0)),
        src=_address(packets, start, four, 12, 8),
        dst=_address(packets, start, four, 16, 24),
        protocol=protocol,
        src_port=np.where(ports, packets.word(after), 0),
        dst_port=np.where(ports, packets.word(after + 2), 0),
        tcp_flags=np.where(ports & (protocol == TCP), packets.octet(after + 13), 0),
        layer2=start,
        total=total,
    )


def _address(packets: _Packets, start: Ints, four: Mask, at_four: int, at_six: int) -> Octets:
    return packets.run(np.where(four, start + at_four, start + at_six), 16)


def _extensions(packets: _Packets, start: Ints, six: Mask) -> tuple[Ints, Ints, Mask]:
    """Protocol, its offset, and whether it is there (n each), behind extension headers."""
    protocol = packets.octet(start + 6)
    offset = start + 40
    whole = six
    for _ in range(MOST_EXTENSIONS):
        skip = six & np.isin(protocol, EXTENSIONS)
        fragment = skip & (protocol == FRAGMENT)
        whole = whole & ~(fragment & (packets.word(offset + 2) >> 3 != 0))
        length = packets.octet(offset + 1)
        size = np.where(protocol == AUTHENTICATION, (length + 2) * 4, (length + 1) * 8)
        following = packets.octet(offset)
        offset = np.where(skip, offset + np.where(fragment, 8, size), offset)
        protocol = np.where(skip, following, protocol)
    return protocol, offset, whole
