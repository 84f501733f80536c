"""Plain UDP packets among captured frames, many at once.

Nearly all export packets come alike: Ethernet, IPv4 without options, one whole datagram.
All others are for ``UdpReader``, one by one.
"""

from ipaddress import IPv4Address
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from headwater.wire.datagram_runs import cut
from headwater.wire.pcap import FrameRun
from headwater.wire.udp_packets import ETHERNET, IPV4, UDP

ETHERNET_SIZE, IPV4_SIZE, UDP_SIZE = 14, 20, 8
VERSION_AND_LENGTH: Final = 0x45  # version 4, no options
FRAGMENTED: Final = 0x3FFF  # RFC 791 section 3.1: more fragments, and the offset
HEAD: Final = np.dtype([
    ("macs", "V12"), ("kind", ">u2"),
    ("first", "u1"), ("service", "u1"), ("size", ">u2"), ("identity", ">u2"),
    ("fragment", ">u2"), ("hops", "u1"), ("protocol", "u1"), ("header_sum", ">u2"),
    ("src", ">u4"), ("dst", ">u4"),
    ("src_port", ">u2"), ("dst_port", ">u2"), ("length", ">u2"), ("sum", ">u2"),
])  # fmt: skip

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class PlainUdp(NamedTuple):
    """What plain frames of a run (n) carry; meaningless where they are not ``plain``."""

    plain: Mask
    senders: list[str]
    starts: Ints  # of the payload, in the run's octets
    ends: Ints


def plain_udp(run: FrameRun) -> PlainUdp:
    """The payloads of plain frames."""
    octets = np.frombuffer(run.octets, np.uint8)
    head = cut(octets, run.starts, HEAD)
    sizes = run.ends - run.starts
    length, total = head["length"].astype(np.int64), head["size"].astype(np.int64)
    plain = (
        (run.link == ETHERNET)
        & (sizes >= HEAD.itemsize)
        & (head["kind"] == IPV4)
        & (head["first"] == VERSION_AND_LENGTH)
        & (head["fragment"] & FRAGMENTED == 0)
        & (head["protocol"] == UDP)
        & (length >= UDP_SIZE)
        & (length <= total - IPV4_SIZE)
        & (total <= sizes - ETHERNET_SIZE)
    )
    starts = run.starts + HEAD.itemsize
    return PlainUdp(plain, _texts(head["src"], plain), starts, starts + length - UDP_SIZE)


def _texts(words: "npt.NDArray[np.uint32]", plain: Mask) -> list[str]:
    known, codes = np.unique(np.where(plain, words, 0), return_inverse=True)
    texts = [str(IPv4Address(word)) for word in known.tolist()]
    return [texts[code] for code in codes.tolist()]
