"""From captured frames to UDP payloads: link layers peeled, IP fragments put together."""

from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import ip_address
from struct import Struct
from typing import Final, NamedTuple

from headwater.records.errors import MalformedInput
from headwater.wire.addresses import canonical
from headwater.wire.cursor import Cursor
from headwater.wire.pcap import Frame

UDP: Final = 17
IPV4, IPV6 = 0x0800, 0x86DD
VLAN_TAGS: Final = frozenset({0x8100, 0x88A8, 0x9100})
MOST_TAGS: Final = 4
MOST_EXTENSIONS: Final = 8
MOST_UNFINISHED: Final = 1024  # datagrams of which some fragments are missing
MOST_FRAGMENTS: Final = 128
LARGEST_DATAGRAM: Final = 65_535

PORTS: Final = Struct("!HHHH")
IPV4_HEADER: Final = Struct("!BBHHHBB2x4s4s")
# Ethernet, IPv4 and UDP at once: EtherType, version and header length, size, fragment,
# protocol, source, UDP length.
PLAIN: Final = Struct("!12xHBxHxxHxBxx4s4x4xHxx")
IPV6_HEADER: Final = Struct("!IHBB16s16s")

# The IPv6 address family in a null or loopback header differs from system to system.
NULL_FAMILIES: Final = {2: IPV4, 10: IPV6, 24: IPV6, 28: IPV6, 30: IPV6}
NULL, ETHERNET, RAW_OLD, RAW_BSD, RAW, LOOP, COOKED = 0, 1, 12, 14, 101, 108, 113
RAW_IPV4, RAW_IPV6, COOKED_2 = 228, 229, 276
# IPv6 extension headers with a length field of their own (RFC 8200 section 4.1).
EXTENSIONS: Final = frozenset({0, 43, 60})
FRAGMENT: Final = 44


class UdpPacket(NamedTuple):
    """One whole UDP datagram."""

    sender: str  # canonical address
    payload: bytes


class NotUdp(MalformedInput):
    """A sound packet of another protocol."""


@dataclass(slots=True)
class _Unfinished:
    parts: dict[int, bytes] = field(default_factory=dict)
    size: int | None = None  # known with the last fragment
    number: int = 0


_Key = tuple[bytes, bytes, int]


class UdpReader:
    """Reads frames in order; keeps unfinished datagrams, a bounded number of them."""

    def __init__(self) -> None:
        self._unfinished: OrderedDict[_Key, _Unfinished] = OrderedDict()
        self._senders: dict[bytes, str] = {}
        self.abandoned: list[int] = []  # frames that began a datagram never completed

    def read(self, frame: Frame) -> UdpPacket | None:
        """The datagram that this frame completes, or None where fragments are missing.

        Raises MalformedInput where the frame is broken, NotUdp where it is something else.
        """
        if frame.link == ETHERNET and (packet := self._plain(frame.data)):
            return packet
        cursor = Cursor(frame.data)
        kind = _peel(cursor, frame)
        if kind == IPV4:
            return self._ipv4(cursor, frame)
        if kind == IPV6:
            return self._ipv6(cursor, frame)
        raise NotUdp("not an export packet: not IP")

    def _plain(self, data: bytes) -> UdpPacket | None:
        """A whole datagram as nearly all come, from a sender seen before; else None."""
        if len(data) < PLAIN.size:
            return None
        kind, first, size, fragment, protocol, src, length = PLAIN.unpack_from(data)
        if (
            kind != IPV4
            or first != 0x45  # version 4, no options
            or fragment & 0x3FFF
            or protocol != UDP
            or not PORTS.size <= length <= size - IPV4_HEADER.size <= len(data) - 34
        ):
            return None
        sender = self._senders.get(src)
        return UdpPacket(sender, data[PLAIN.size : 34 + length]) if sender else None

    def finish(self) -> list[int]:
        """Frame numbers of datagrams whose other fragments never came."""
        left = self.abandoned + [kept.number for kept in self._unfinished.values()]
        self._unfinished.clear()
        self.abandoned = []
        return left

    def _ipv4(self, cursor: Cursor, frame: Frame) -> UdpPacket | None:
        first, _, size, identity, fragment, _, protocol, src, dst = IPV4_HEADER.unpack(
            cursor.take(IPV4_HEADER.size)
        )
        header = (first & 0x0F) * 4
        if first >> 4 != 4 or header < IPV4_HEADER.size:
            raise MalformedInput("broken IPv4 header: version or length")
        if protocol != UDP:
            raise NotUdp("not an export packet: not UDP")
        cursor.take(header - IPV4_HEADER.size)
        data = _available(cursor, size - header, frame)
        more, offset = bool(fragment & 0x2000), (fragment & 0x1FFF) * 8
        if not more and not offset:
            return self._udp(src, data)
        return self._gather((src, dst, identity), offset, data, more, frame.number)

    def _ipv6(self, cursor: Cursor, frame: Frame) -> UdpPacket | None:
        first, size, following, _, src, dst = IPV6_HEADER.unpack(cursor.take(IPV6_HEADER.size))
        if first >> 28 != 6:
            raise MalformedInput("broken IPv6 header: version")
        inside = Cursor(_available(cursor, size, frame))
        for _ in range(MOST_EXTENSIONS):
            if following == UDP:
                return self._udp(src, bytes(inside.take(inside.remaining)))
            if following == FRAGMENT:
                return self._ipv6_fragment(inside, src, dst, frame)
            if following not in EXTENSIONS:
                raise NotUdp("not an export packet: not UDP")
            following, length = inside.take(2)
            inside.take(length * 8 + 6)
        raise MalformedInput("broken IPv6 header: too many extension headers")

    def _ipv6_fragment(
        self, cursor: Cursor, src: bytes, dst: bytes, frame: Frame
    ) -> UdpPacket | None:
        following, place, identity = cursor.fields(Struct("!BxHI"))
        if following != UDP:
            raise NotUdp("not an export packet: not UDP")
        data = bytes(cursor.take(cursor.remaining))
        return self._gather(
            (src, dst, identity), place & 0xFFF8, data, bool(place & 1), frame.number
        )

    def _udp(self, src: bytes, data: bytes) -> UdpPacket:
        if len(data) < PORTS.size:
            raise MalformedInput(f"broken UDP header: {len(data)} octets")
        size = PORTS.unpack_from(data)[2]
        if not PORTS.size <= size <= len(data):
            raise MalformedInput(f"broken UDP header: length {size} of {len(data)} octets")
        sender = self._senders.get(src)
        if sender is None:
            if len(self._senders) >= LARGEST_DATAGRAM:
                self._senders.clear()
            sender = self._senders[src] = canonical(str(ip_address(src)))
        return UdpPacket(sender, data[PORTS.size : size])

    def _gather(
        self, key: _Key, offset: int, data: bytes, more: bool, number: int
    ) -> UdpPacket | None:
        kept = self._unfinished.setdefault(key, _Unfinished(number=number))
        if len(self._unfinished) > MOST_UNFINISHED:
            self.abandoned.append(self._unfinished.popitem(last=False)[1].number)
        if (
            offset + len(data) > LARGEST_DATAGRAM
            or len(kept.parts) >= MOST_FRAGMENTS
            or offset in kept.parts
        ):
            del self._unfinished[key]
            raise MalformedInput("broken fragments: too large, too many or one twice")
        kept.parts[offset] = data
        if not more:
            kept.size = offset + len(data)
        if kept.size is None or sum(map(len, kept.parts.values())) < kept.size:
            return None
        del self._unfinished[key]
        return self._udp(key[0], _joined(kept))


def _joined(kept: _Unfinished) -> bytes:
    data = b""
    for offset in sorted(kept.parts):
        if offset != len(data):  # RFC 5722: fragments that overlap are an attack
            raise MalformedInput("broken fragments: they overlap")
        data += kept.parts[offset]
    return data


def _available(cursor: Cursor, size: int, frame: Frame) -> bytes:
    if size > cursor.remaining and not frame.whole:
        raise MalformedInput(
            "packet cut short by the capture: record with a larger snap length"
        )
    return bytes(cursor.take(size))


def _peel(cursor: Cursor, frame: Frame) -> int:
    """Take the link header; the EtherType of what follows."""
    link = frame.link
    if link == ETHERNET:
        cursor.take(12)
        return _untagged(cursor)
    if link in (RAW, RAW_OLD, RAW_BSD, RAW_IPV4, RAW_IPV6):
        return _by_version(frame.data)
    if link == COOKED:
        cursor.take(14)
        return _untagged(cursor)
    if link == COOKED_2:
        kind = _word(cursor)
        cursor.take(18)
        return kind
    if link in (NULL, LOOP):
        family = bytes(cursor.take(4))
        # LINKTYPE_NULL is in the byte order of the capturing host: small numbers tell.
        little, big = int.from_bytes(family, "little"), int.from_bytes(family, "big")
        return NULL_FAMILIES.get(min(little, big), 0)
    raise NotUdp(f"not an export packet: link type {link} is not read")


def _untagged(cursor: Cursor) -> int:
    for _ in range(MOST_TAGS):
        kind = _word(cursor)
        if kind not in VLAN_TAGS:
            return kind
        cursor.take(2)
    raise MalformedInput("broken Ethernet header: too many VLAN tags")


def _word(cursor: Cursor) -> int:
    return int.from_bytes(cursor.take(2), "big")


def _by_version(data: bytes) -> int:
    return {4: IPV4, 6: IPV6}.get(data[0] >> 4, 0) if data else 0
