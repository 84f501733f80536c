"""Names nobody knows yet, left for the step that asks the registries.

A bounded text file, one name a line. The reader renames it away and reads at leisure;
writers open it anew each time. What does not fit is dropped: it will be asked again.
"""

import os
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 16 << 20
MOST_REMEMBERED: Final = 1 << 16
NAMES_PER_SECOND: Final = 1000


class UnknownNames:
    """One process's share of the file. ``flush`` is due once a second."""

    __slots__ = ("_fresh", "_path", "_seen", "budget", "dropped")

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._fresh: list[bytes] = []
        self._seen: set[bytes] = set()
        self.budget = NAMES_PER_SECOND if path else 0
        self.dropped = 0

    def add(self, name: bytes) -> None:
        if self.budget <= 0 or name in self._seen:
            return
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
        self.budget -= 1
        self._seen.add(name)
        self._fresh.append(name)

    def flush(self) -> None:
        """Append what came, in one write, so that lines of several writers never mix."""
        self.budget = NAMES_PER_SECOND if self._path else 0
        if self._path is None or not self._fresh:
            return
        lines = b"".join(name + b"\n" for name in self._fresh)
        try:
            written = _append(self._path, lines)
        except OSError:  # a full disk must not end the answers
            written = False
        if not written:
            self.dropped += len(self._fresh)
        self._fresh.clear()


def _append(path: Path, lines: bytes) -> bool:
    """Whether there was room. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        if os.fstat(fd).st_size + len(lines) > MOST_BYTES:
            return False
        return os.write(fd, lines) == len(lines)
    finally:
        os.close(fd)


def take_unknown_names(path: Path) -> list[str]:
    """All names in the file, each once. They are given again until ``forget_taken``."""
    taken = _taken(path)
    if not taken.exists():  # else an earlier reader died before it was done with them
        try:
            path.rename(taken)
        except FileNotFoundError:
            return []
    return list(dict.fromkeys(taken.read_text("ascii", "replace").split()))


def forget_taken(path: Path) -> None:
    """The names taken are safe elsewhere."""
    _taken(path).unlink(missing_ok=True)


def _taken(path: Path) -> Path:
    return path.with_name(f"{path.name}.taken")
