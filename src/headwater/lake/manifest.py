"""Which files make a table: one small JSON file, replaced whole.

A reader that opens `_manifest.json` sees the table before a change or after it, never
between: the new manifest is written beside the old one, synced, and renamed over it.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from headwater.records.errors import LakeDamaged

NAME: Final = "_manifest.json"
FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One Parquet file of a table."""

    path: str  # relative to the table's folder
    rows: int
    bytes: int
    hour: int | None  # hours since 1970-01-01 UTC; None: the table is not partitioned
    start_us: int  # smallest and largest instant of the table's time column
    end_us: int
    digest: str  # of the source the rows came from


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One source whose rows are in the table, so that it is not read twice."""

    digest: str
    name: str
    rows: int
    imported_at_us: int
    refused: Mapping[str, int] = field(default_factory=dict)  # reason -> records


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a table holds at one generation."""

    table: str
    generation: int = 0
    files: tuple[DataFile, ...] = ()
    imports: tuple[Import, ...] = ()
    # For tables made from others: hour -> fingerprint of what that hour was made from.
    basis: Mapping[int, str] = field(default_factory=dict)

    def digests(self) -> frozenset[str]:
        """Digests of every source already in the table."""
        return frozenset(done.digest for done in self.imports)


def read(folder: Path) -> Manifest:
    """The manifest of the table in ``folder``; an empty one where none was written yet.

    Raises LakeDamaged where the file is not a manifest of this table.
    """
    try:
        text = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return Manifest(table=folder.name)
    try:
        return _parsed(json.loads(text), folder.name)
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        raise LakeDamaged(f"{folder / NAME}: not a readable manifest: {why}") from why


def write(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest in ``folder``; on return it is on the disk."""
    fresh = folder / f"{NAME}.new"
    with fresh.open("wb") as file:
        file.write(json.dumps(_plain(manifest), separators=(",", ":")).encode())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / NAME)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make the folder's own entries (creations, renames) durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _plain(manifest: Manifest) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "table": manifest.table,
        "generation": manifest.generation,
        "files": [_values(file) for file in manifest.files],
        "imports": [_values(done) for done in manifest.imports],
        "basis": {str(hour): mark for hour, mark in manifest.basis.items()},
    }


def _values(entry: DataFile | Import) -> dict[str, Any]:
    # dataclasses.asdict copies every value: too slow for tens of thousands of files.
    return {name: getattr(entry, name) for name in entry.__slots__}


def _parsed(plain: dict[str, Any], table: str) -> Manifest:
    if plain["format"] != FORMAT or plain["table"] != table:
        raise ValueError(f"format {plain['format']} of table {plain['table']}")
    files = tuple(DataFile(**file) for file in plain["files"])
    for file in files:
        _check_inside(file.path)
    return Manifest(
        table=table,
        generation=int(plain["generation"]),
        files=files,
        imports=tuple(Import(**done) for done in plain["imports"]),
        basis={int(hour): str(mark) for hour, mark in plain["basis"].items()},
    )


def _check_inside(path: str) -> None:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts:
        raise ValueError(f"a file outside the table: {path}")
