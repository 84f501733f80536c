"""Snapshots on disk: mapped, and noticed when a new one was renamed over the old."""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.dnslist.answers.proxies import PROXY_ROWS, ProxyTable
from headwater.dnslist.answers.snapshot import Snapshot, read_snapshot
from headwater.records.errors import MalformedInput

NOTHING: Final = (0, 0, 0)


def open_snapshot(path: Path) -> Snapshot:
    """Map a snapshot. Raises MalformedInput for what is none, FileNotFoundError."""
    if not path.stat().st_size:
        raise MalformedInput("an empty file is no snapshot")
    # A plain array over the map: the memmap class would slow every look-up.
    return read_snapshot(np.memmap(path, np.uint8, mode="r").view(np.ndarray))


def open_proxies(path: Path) -> ProxyTable:
    """The table of proxies from an Arrow file. Raises MalformedInput, FileNotFoundError."""
    made_at = int(path.stat().st_mtime)
    try:
        with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
            rows = reader.read_all()
            sound = rows.schema.equals(PROXY_ROWS) and not any(c.null_count for c in rows)
            if not sound:
                raise MalformedInput("a table of something else")
            return ProxyTable(rows, made_at)
    except (pa.ArrowException, KeyError) as fault:
        raise MalformedInput(f"not a table of proxies: {fault}") from None


class Watched:
    """Notices when a file was replaced."""

    __slots__ = ("_path", "_seen")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._look()

    def changed(self) -> bool:
        """True once for each new file at this path."""
        now = self._look()
        if now in (NOTHING, self._seen):
            return False
        self._seen = now
        return True

    def _look(self) -> tuple[int, int, int]:
        try:
            state = self._path.stat()
        except OSError:
            return NOTHING
        return state.st_ino, state.st_mtime_ns, state.st_size
