"""Many datagrams per system call: recvmmsg and sendmmsg over memory that stays put.

The kernel's structures (Linux, 64-bit: recvmmsg(2), sendmsg(2)) are laid out as NumPy
arrays, so a whole batch is prepared by a few array assignments.
"""

import ctypes
import errno
import os
import socket
import sys
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headwater.dnslist.answers.batch import LONGEST, ROW, SPARE
from headwater.dnslist.answers.batch_names import Places
from headwater.dnslist.answers.keyed_hash import Octets
from headwater.records.errors import MissingProgram

MESSAGE: Final = np.dtype({
    "names": ["name", "name_size", "parts", "part_count", "control", "control_size", "flags",
              "size"],
    "formats": ["u8", "u4", "u8", "u8", "u8", "u8", "i4", "u4"],
    "offsets": [0, 8, 16, 24, 32, 40, 48, 56],
    "itemsize": 64,
})  # fmt: skip
PART: Final = np.dtype([("at", "u8"), ("size", "u8")])
ADDRESS: Final = 32  # a socket address takes 16 (IPv4) or 28 bytes (IPv6)
TRUNCATED: Final = socket.MSG_TRUNC
PASSING: Final = {errno.EAGAIN, errno.EINTR, errno.ENOBUFS, errno.EWOULDBLOCK}


class DatagramBatch:
    """Buffers for up to ``most`` datagrams, and the two calls that fill and empty them."""

    __slots__ = ("_addresses", "_in", "_libc", "_out", "_out_parts", "_tails", "block", "lost",
                 "most")  # fmt: skip

    def __init__(self, most: int) -> None:
        self._libc = _libc()
        self.most = most
        self.lost = 0  # answers the kernel would not take
        self.block: Octets = np.zeros(most * ROW + SPARE, np.uint8)
        self._addresses: Octets = np.zeros((most, ADDRESS), np.uint8)
        self._in = np.zeros(most, MESSAGE)
        self._out = np.zeros(most, MESSAGE)
        in_parts = np.zeros(most, PART)
        in_parts["at"] = self.block.ctypes.data + np.arange(most) * ROW
        in_parts["size"] = LONGEST
        self._out_parts = np.zeros((most, 2), PART)
        self._tails = [in_parts]  # keeps the memory alive
        numbers = np.arange(most)
        self._in["name"] = self._addresses.ctypes.data + numbers * ADDRESS
        self._in["parts"] = in_parts.ctypes.data + numbers * PART.itemsize
        self._in["part_count"] = 1
        self._out["parts"] = self._out_parts.ctypes.data + numbers * 2 * PART.itemsize
        self._out["part_count"] = 2

    def receive(self, fd: int) -> int:
        """Fill the buffers with what is there, without waiting; how many came."""
        self._in["name_size"] = ADDRESS
        address = self._in.ctypes.data
        count: int = self._libc.recvmmsg(fd, address, self.most, socket.MSG_DONTWAIT, None)
        return max(count, 0)

    def lengths(self, count: int) -> Places:
        """Sizes of the first ``count`` datagrams; LONGEST + 1 for what did not fit."""
        sizes = self._in["size"][:count].astype(np.int64)
        sizes[self._in["flags"][:count] & TRUNCATED != 0] = LONGEST + 1
        return sizes

    def clients(self, count: int, family: int) -> npt.NDArray[Any]:
        """Senders: IPv4 as (n) unsigned 32-bit, IPv6 as (n) of 16 bytes."""
        if family == socket.AF_INET:
            words: Any = self._addresses[:count, 4:8].copy().view(">u4")[:, 0]
            return np.asarray(words, np.uint32)
        return self._addresses[:count, 8:24].copy().view("S16")[:, 0]

    def message(self, row: int, size: int) -> bytes:
        return self.block[row * ROW : row * ROW + min(size, LONGEST)].tobytes()

    def send(self, fd: int, rows: Places, heads: Places, tails: tuple[Any, Any]) -> None:
        """To each row's sender: ``heads`` bytes of the row, then its tail.

        ``tails``: addresses in memory and sizes. What the kernel refuses is dropped and
        counted: the client asks again.
        """
        count = len(rows)
        parts, out = self._out_parts[:count], self._out[:count]
        parts["at"][:, 0] = self.block.ctypes.data + rows * ROW
        parts["size"][:, 0] = heads
        parts["at"][:, 1], parts["size"][:, 1] = tails
        out["name"] = self._addresses.ctypes.data + rows * ADDRESS
        out["name_size"] = self._in["name_size"][rows]
        done = 0
        while done < count:
            at = self._out.ctypes.data + done * MESSAGE.itemsize
            sent = self._libc.sendmmsg(fd, at, count - done, socket.MSG_DONTWAIT)
            if sent > 0:
                done += sent
            elif ctypes.get_errno() in PASSING:
                break
            else:
                done, self.lost = done + 1, self.lost + 1
        self.lost += count - done

    def send_whole(self, fd: int, rows: Sequence[int], answers: Sequence[bytes]) -> None:
        """To each row's sender an answer that was made one by one."""
        octets = np.frombuffer(b"".join(answers), np.uint8)
        sizes = np.array([len(answer) for answer in answers], np.int64)
        at = octets.ctypes.data + np.cumsum(sizes) - sizes
        self.send(fd, np.array(rows), np.zeros(len(rows), np.int64), (at, sizes))


def _libc() -> ctypes.CDLL:
    if not sys.platform.startswith("linux") or sys.maxsize < 1 << 32 or os.name != "posix":
        raise MissingProgram("the DNS server needs 64-bit Linux (recvmmsg and sendmmsg)")
    libc = ctypes.CDLL(None, use_errno=True)
    size, pointer, number = ctypes.c_uint, ctypes.c_void_p, ctypes.c_int
    libc.recvmmsg.argtypes = [number, pointer, size, number, pointer]
    libc.sendmmsg.argtypes = [number, pointer, size, number]
    return libc
