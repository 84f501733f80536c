"""Lists on disk, plain or compressed: their lines, their digest, nothing unbounded."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.sources.opened import Stream, opened

LONGEST_LINE: Final = 1 << 16  # bytes; the rest of a longer line is skipped
CHUNK: Final = 1 << 20


def digest_of(path: Path, *words: str) -> str:
    """Names a file's content together with what was said about it."""
    digest = hashlib.sha256("\0".join(words).encode() + b"\0")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def lines_of(path: Path) -> Iterator[str]:
    """The file's lines as text, without their ends.

    Raises MalformedInput where compressed data is damaged or far too much.
    """
    with opened(path) as stream:
        for line in _lines(stream):
            yield line[:LONGEST_LINE].decode("utf-8", "replace")


def bytes_of(path: Path, largest: int) -> bytes:
    """The whole file. Raises MalformedInput where it is larger than ``largest`` bytes."""
    with opened(path) as stream:
        content = stream.read(largest + 1)
    if len(content) > largest:
        raise MalformedInput(f"larger than {largest} bytes")
    return content


def _lines(stream: Stream) -> Iterator[bytes]:
    rest, skipping = b"", False
    while chunk := stream.read(CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        if skipping and lines:
            del lines[0]
            skipping = False
        yield from lines
        if skipping:
            rest = b""
        elif len(rest) > LONGEST_LINE:
            yield rest
            rest, skipping = b"", True
    if rest:
        yield rest
