"""Lists on disk, plain or gzipped: their lines, their digest, nothing unbounded."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from headwater.records.errors import MalformedInput

GZIP_MAGIC: Final = b"\x1f\x8b"  # RFC 1952 section 2.3.1
LONGEST_LINE: Final = 1 << 16  # bytes; the rest of a longer line is skipped
LARGEST_UNPACKED: Final = 16 << 30  # bytes
CHUNK: Final = 1 << 20


def digest_of(path: Path, *words: str) -> str:
    """Names a file's content together with what was said about it."""
    digest = hashlib.sha256("\0".join(words).encode() + b"\0")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def lines_of(path: Path) -> Iterator[str]:
    """The file's lines as text. Raises MalformedInput where gzip data is broken."""
    total = 0
    with _opened(path) as file:
        while line := file.readline(LONGEST_LINE):
            total += len(line)
            if total > LARGEST_UNPACKED:
                raise MalformedInput(f"{path}: unpacks to more than {LARGEST_UNPACKED} bytes")
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                total += _skip_line(file)
            yield line.decode("utf-8", "replace")


def bytes_of(path: Path, largest: int) -> bytes:
    """The whole file. Raises MalformedInput where it is larger than ``largest`` bytes."""
    with _opened(path) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise MalformedInput(f"{path}: larger than {largest} bytes")
    return content


def _skip_line(file: BinaryIO) -> int:
    skipped = 0
    while rest := file.readline(LONGEST_LINE):
        skipped += len(rest)
        if rest.endswith(b"\n"):
            break
    return skipped


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("rb") as plain:
        packed = plain.read(2) == GZIP_MAGIC
        plain.seek(0)
        try:
            yield cast(BinaryIO, gzip.GzipFile(fileobj=plain)) if packed else plain
        except (EOFError, zlib.error, gzip.BadGzipFile) as wrong:
            raise MalformedInput(f"{path}: broken gzip data: {wrong}") from None
