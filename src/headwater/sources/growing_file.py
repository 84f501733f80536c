"""A file that another program is writing: its whole records, and whether it has changed."""

from pathlib import Path
from typing import IO, Final, NamedTuple

CHUNK: Final = 1 << 20
LONGEST_RECORD: Final = 1 << 16  # bytes looked at from the end for where the last one ends


class Stamp(NamedTuple):
    """What changes when a file is written to, or another takes its place."""

    inode: int
    size: int
    changed_ns: int


def stamp_of(path: Path) -> Stamp | None:
    """None where there is no such file, or it cannot be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(found.st_ino, found.st_size, found.st_mtime_ns)


def copy_whole_records(path: Path, to: Path, ends: bytes) -> int:
    """Copy the file up to where its last whole record ends; returns the bytes copied.

    ``ends``: what every record ends with. A file whose last part has no such end in it is
    copied as far as it has lines.
    """
    with path.open("rb") as source, to.open("wb") as target:
        size = _whole(source, ends)
        source.seek(0)
        left = size
        while left and (part := source.read(min(CHUNK, left))):
            target.write(part)
            left -= len(part)
    return size - left


def _whole(source: IO[bytes], ends: bytes) -> int:
    size = source.seek(0, 2)
    start = max(0, size - LONGEST_RECORD)
    source.seek(start)
    tail = source.read(size - start)
    for end in (ends, b"\n"):
        at = tail.rfind(end)
        if at >= 0:
            return start + at + len(end)
    return 0
