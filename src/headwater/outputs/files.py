"""Delivering into a file: the old one or the new one, never half of one."""

import os
from collections.abc import Iterable
from pathlib import Path


def deliver(pieces: Iterable[bytes | memoryview], path: Path) -> int:
    """Write the pieces beside ``path``, then rename over it. Bytes written.

    Its folder is made where there is none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with fresh.open("wb") as file:
            size = sum(file.write(piece) for piece in pieces)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return size
