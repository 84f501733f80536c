"""The pile: mails that nothing understood, kept in the workspace for a person.

One file for each mail, named by its digest, so that the same mail twice is one. Beside it
the patterns a person taught. Files are written whole or not at all.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from headwater.records.errors import Misconfigured
from headwater.wire.reports.pattern import Pattern, from_toml, to_toml

MOST_KEPT: Final = 100_000
_ENDING: Final = ".eml"
_PATTERN: Final = ".toml"


class Pile:
    """The folder ``reports`` of a workspace."""

    def __init__(self, folder: Path) -> None:
        self._mails = folder / "unread"
        self._patterns = folder / "patterns"

    def add(self, digest: str, raw: bytes) -> bool:
        """Keep one mail. False where the pile is full: the caller must say so."""
        self._mails.mkdir(parents=True, exist_ok=True)
        path = self._mails / f"{digest}{_ENDING}"
        if path.exists():
            return True
        if sum(1 for _ in self._mails.iterdir()) >= MOST_KEPT:
            return False
        _write(path, raw)
        return True

    def names(self) -> list[str]:
        return sorted(p.stem for p in self._mails.glob(f"*{_ENDING}"))

    def raw(self, name: str) -> bytes:
        """One mail by its name or the beginning of it. Raises Misconfigured."""
        found = [n for n in self.names() if n.startswith(name)] if name.isalnum() else []
        if len(found) != 1:
            told = "no mail" if not found else "more than one mail"
            raise Misconfigured(f"{name}: {told} of that name in the pile")
        return (self._mails / f"{found[0]}{_ENDING}").read_bytes()

    def all(self) -> Iterator[tuple[str, bytes]]:
        for name in self.names():
            yield name, (self._mails / f"{name}{_ENDING}").read_bytes()

    def remove(self, name: str) -> None:
        (self._mails / f"{name}{_ENDING}").unlink(missing_ok=True)

    def patterns(self) -> tuple[Pattern, ...]:
        """What was taught, by name. Raises Misconfigured for a file that is broken."""
        files = sorted(self._patterns.glob(f"*{_PATTERN}"))
        return tuple(from_toml(f.stem, f.read_text("utf-8")) for f in files)

    def keep(self, pattern: Pattern) -> Path:
        self._patterns.mkdir(parents=True, exist_ok=True)
        path = self._patterns / f"{pattern.name}{_PATTERN}"
        _write(path, to_toml(pattern).encode())
        return path


def _write(path: Path, content: bytes) -> None:
    staged = path.with_name(f".{path.name}.part")
    staged.write_bytes(content)
    staged.replace(path)
