"""The internet is far away: a wire between two namespaces on which packets take their time.

`python -m headwater.lab.actors.distance NAMESPACE DEVICE NAMESPACE DEVICE`

Both ends are TAP devices made here; they vanish with this process. How long a packet
travels depends on the outside address only, so packets of one conversation keep their
order. (The kernel's own netem is not compiled into every kernel.)
"""

import asyncio
import ctypes
import fcntl
import os
import struct
import sys
import zlib
from pathlib import Path

TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TAP_WITHOUT_HEADER = 0x0002 | 0x1000
LARGEST_FRAME = 65_600
NEAREST_MS, FARTHEST_MS = 2, 45  # one way


def enter(namespace: str) -> None:
    """Move this thread into a network namespace (setns(2))."""
    with Path(f"/run/netns/{namespace}").open("rb") as handle:
        if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")


def open_tap(namespace: str, device: str) -> int:
    """A TAP device in that namespace; the descriptor reads and writes its frames."""
    enter(namespace)
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    request = struct.pack("16sH22x", device.encode(), IFF_TAP_WITHOUT_HEADER)
    fcntl.ioctl(descriptor, TUNSETIFF, request)
    return descriptor


def travel_s(frame: bytes, outside_first: bool) -> float:
    """Seconds one way, learnt from the outside address (Ethernet header: 14 octets)."""
    ethertype = frame[12:14]
    if ethertype == b"\x08\x00":  # RFC 791 section 3.1: source at 12, destination at 16
        outside = frame[26:30] if outside_first else frame[30:34]
    elif ethertype == b"\x86\xdd":  # RFC 8200 section 3: source at 8, destination at 24
        outside = frame[22:38] if outside_first else frame[38:54]
    else:
        return 0.0
    spread = FARTHEST_MS - NEAREST_MS
    return (NEAREST_MS + zlib.crc32(outside) % (spread * 10) / 10) / 1000


class Wire:
    """Carries frames between two descriptors, each after its own travelling time."""

    def __init__(self, inside: int, outside: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(inside, self._carry, inside, outside, False)
        self._loop.add_reader(outside, self._carry, outside, inside, True)

    def _carry(self, source: int, sink: int, outside_first: bool) -> None:
        for _ in range(64):
            try:
                frame = os.read(source, LARGEST_FRAME)
            except BlockingIOError:
                return
            self._loop.call_later(travel_s(frame, outside_first), self._arrive, sink, frame)

    @staticmethod
    def _arrive(sink: int, frame: bytes) -> None:
        try:
            os.write(sink, frame)
        except OSError:  # the device is down or full: a lost packet, as on any wire
            return


async def carry(ends: list[str]) -> None:
    """Make both ends, say so on standard output, then carry until killed."""
    inside = open_tap(ends[0], ends[1])
    outside = open_tap(ends[2], ends[3])
    Wire(inside, outside)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(carry(sys.argv[1:5]))
