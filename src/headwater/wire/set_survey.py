"""Where the data sets of many templated packets stand, found for all packets at once.

A packet is *plain* if it holds whole data sets and nothing else, and its exporter's clock
can be believed. All others (templates, options, damage) are for ``TemplatedPackets.read``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headwater.wire.datagram_runs import DatagramRun, cut
from headwater.wire.export_packets import EARLY_US, LATE_US, SECOND

FIRST_DATA_SET: Final = 256
MOST_SETS: Final = 16  # of a plain packet
SET: Final = np.dtype([("number", ">u2"), ("size", ">u2")])
NETFLOW9_HEAD: Final = np.dtype([
    ("version", ">u2"), ("count", ">u2"), ("uptime", ">u4"), ("seconds", ">u4"),
    ("sequence", ">u4"), ("domain", ">u4"),
])  # fmt: skip
IPFIX_HEAD: Final = np.dtype([
    ("version", ">u2"), ("size", ">u2"), ("seconds", ">u4"), ("sequence", ">u4"),
    ("domain", ">u4"),
])  # fmt: skip
NO_UPTIME: Final = -1

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Packets (n) of a run, the data sets (m) of those that are plain, and what they share."""

    plain: Mask  # (n)
    stream: Ints  # (n): which of ``streams`` it belongs to
    streams: list[tuple[str, int]]  # exporter and observation domain
    sequence: Ints  # (n)
    exported_us: Ints  # (n)
    uptime_ms: Ints  # (n), -1: this version does not say
    packet: Ints  # (m): the packet it came with, rising
    starts: Ints  # (m): of its records, in the run's octets
    sizes: Ints  # (m): octets of its records, padding included
    kind: Ints  # (m): which of ``kinds`` it is
    kinds: list[tuple[int, int]]  # place in ``streams``, and template


def survey(run: DatagramRun, head: "np.dtype[np.void]") -> Survey:
    """Look at a run whose packets all begin with ``head``."""
    heads = run.heads(head)
    ends = run.starts + run.sizes
    exported, believed = believable(heads["seconds"].astype(np.int64) * SECOND, run.received)
    plain = believed & (run.sizes > head.itemsize)
    if "size" in (head.names or ()):
        plain &= heads["size"] == run.sizes
    packet, sets, starts = _sets(run, run.starts + head.itemsize, ends, plain)
    stays = plain[packet]
    packet, sets, starts = packet[stays], sets[stays], starts[stays]
    stream, streams = _streams(run, heads["domain"].astype(np.int64))
    kind, kinds = _distinct(stream[packet], sets["number"].astype(np.int64))
    says_uptime = "uptime" in (head.names or ())
    return Survey(
        plain=plain,
        stream=stream,
        streams=streams,
        sequence=heads["sequence"].astype(np.int64),
        exported_us=exported,
        uptime_ms=heads["uptime"].astype(np.int64)
        if says_uptime
        else np.full(len(run), NO_UPTIME, np.int64),
        packet=packet,
        starts=starts,
        sizes=sets["size"].astype(np.int64) - SET.itemsize,
        kind=kind,
        kinds=kinds,
    )


def believable(said_us: Ints, received_us: Ints) -> tuple[Ints, Mask]:
    """Times of export (n), and where there is no fault in them: as ``dated`` finds it."""
    exported = np.where(said_us == 0, received_us, said_us)
    late = exported - received_us
    return exported, (received_us <= 0) | ((late >= -LATE_US) & (late <= EARLY_US))


def _sets(
    run: DatagramRun, places: Ints, ends: Ints, plain: Mask
) -> tuple[Ints, npt.NDArray[Any], Ints]:
    """Packet, header and start of the records of each set (m); strikes from ``plain``."""
    octets = np.frombuffer(run.octets, np.uint8)
    found = list(_walk(octets, places, ends, plain))
    packet, sets, starts = (np.concatenate(parts) for parts in zip(*found, strict=True))
    if len(found) > 1:
        order = np.argsort(packet, kind="stable")
        packet, sets, starts = packet[order], sets[order], starts[order]
    return packet, sets, starts


def _walk(
    octets: npt.NDArray[np.uint8], places: Ints, ends: Ints, plain: Mask
) -> Iterator[tuple[Ints, npt.NDArray[Any], Ints]]:
    """The first set of each packet, the second of those that have one, and so on."""
    active = np.flatnonzero(plain)
    for _ in range(MOST_SETS):
        sets = cut(octets, places[active], SET)
        sizes, left = sets["size"].astype(np.int64), (ends - places)[active]
        whole = (sets["number"] >= FIRST_DATA_SET) & (sizes > SET.itemsize) & (sizes <= left)
        plain[active[~whole]] = False
        active, sets, sizes = active[whole], sets[whole], sizes[whole]
        yield active, sets, places[active] + SET.itemsize
        places = places.copy()
        places[active] += sizes
        active = active[places[active] < ends[active]]
        if not len(active):
            return
    plain[active] = False


def _streams(run: DatagramRun, domain: Ints) -> tuple[Ints, list[tuple[str, int]]]:
    names, sender = run.senders
    place, known = _distinct(sender, domain)
    return place, [(names[code], number) for code, number in known]


def _distinct(high: Ints, low: Ints) -> tuple[Ints, list[tuple[int, int]]]:
    """Which of the distinct pairs each pair (n) is; both below 2**32."""
    known, place = np.unique(high << 32 | low, return_inverse=True)
    return place, [(key >> 32, key & 0xFFFF_FFFF) for key in known.tolist()]
