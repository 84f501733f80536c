"""Files opened for reading, unpacked on the way where they are compressed."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import pyarrow as pa

from headwater.records.errors import MalformedInput

# A file that unpacks to this and to more than RATIO times its size is an attack: ten times
# what the densest real log reaches.
ALLOWED_BYTES: Final = 1 << 30
RATIO: Final = 1000


OnRead = Callable[[int], None]


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Stream:
    """The bytes of a file, unpacked; reading raises MalformedInput where that fails."""

    def __init__(self, packed: BinaryIO, unpacked: _Stream, size: int, on_read: OnRead) -> None:
        self._packed = packed
        self._unpacked = unpacked
        self._allowed = max(ALLOWED_BYTES, RATIO * size)
        self._ahead = b""
        self._on_read = on_read

    def read(self, size: int, /) -> bytes:
        """The next bytes: fewer than ``size`` at the end only, then none."""
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data if len(data) == size else data + self.read(size - len(data))
        try:
            data = self._unpacked.read(size)
        except (EOFError, OSError, zlib.error, lzma.LZMAError, pa.ArrowException) as why:
            raise MalformedInput(f"compressed file damaged or cut short: {why}") from why
        self._on_read(self._packed.tell())
        self._allowed -= len(data)
        if self._allowed < 0:
            raise MalformedInput("unpacks to far more than a log would")
        return data

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay to be read."""
        if len(self._ahead) < size:
            self._ahead += self.read(size - len(self._ahead)) if not self._ahead else b""
        return self._ahead[:size]


UNPACKERS: Final[dict[bytes, Callable[[BinaryIO], _Stream]]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"\x28\xb5\x2f\xfd": lambda file: pa.CompressedInputStream(file, "zstd"),
}


def ignore(_octets: int) -> None:
    """Nobody watches."""


@contextmanager
def opened(path: Path, on_read: OnRead = ignore) -> Iterator[Stream]:
    """The file's bytes; gzip, bzip2, xz and zstd are known by their first octets.

    ``on_read`` hears how many octets of the file itself were read so far.
    """
    with path.open("rb") as file:
        unpack = _unpacker(file)
        size = path.stat().st_size
        yield Stream(file, unpack(file) if unpack else file, size, on_read)


def is_packed(path: Path) -> bool:
    """Whether the file is compressed in one of the ways ``opened`` unpacks."""
    with path.open("rb") as file:
        return _unpacker(file) is not None


def _unpacker(file: BinaryIO) -> Callable[[BinaryIO], _Stream] | None:
    head = file.read(6)
    file.seek(0)
    found = (unpack for magic, unpack in UNPACKERS.items() if head.startswith(magic))
    return next(found, None)
