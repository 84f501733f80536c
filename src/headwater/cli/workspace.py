"""The workspace: one folder with headwater.toml, lake/ and spool/."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from headwater.records.errors import Misconfigured
from headwater.records.settings import Settings, parse_settings

SETTINGS_FILE: Final = "headwater.toml"
LAKE_FOLDER: Final = "lake"
SPOOL_FOLDER: Final = "spool"
VARIABLE: Final = "HEADWATER_WORKSPACE"
LARGEST_SETTINGS: Final = 1 << 20  # bytes

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help=f"The workspace. Without it: ${VARIABLE}, or the current directory.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Where things are, and what the operator set."""

    root: Path
    settings: Settings
    zone: ZoneInfo  # times are printed in it

    @property
    def lake(self) -> Path:
        return self.root / LAKE_FOLDER

    @property
    def spool(self) -> Path:
        return self.root / SPOOL_FOLDER


def find_workspace(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder meant. Raises Misconfigured where it holds no headwater.toml."""
    named = environment.get(VARIABLE)
    root = given or Path(named or ".")
    if (root / SETTINGS_FILE).is_file():
        return root
    how = "--workspace" if given else f"${VARIABLE}" if named else "the current directory"
    raise Misconfigured(
        f"no {SETTINGS_FILE} in {root} ({how}); make a workspace with: headwater init DIR"
    )


def open_workspace(given: Path | None = None) -> Workspace:
    """The workspace with its settings. Raises Misconfigured."""
    root = find_workspace(given)
    path = root / SETTINGS_FILE
    settings = parse_settings(read_toml(path), str(path))
    return Workspace(root=root, settings=settings, zone=time_zone(settings.timezone, str(path)))


def read_toml(path: Path) -> dict[str, object]:
    """The file's keys. Raises Misconfigured, with the line where it breaks TOML."""
    if path.stat().st_size > LARGEST_SETTINGS:
        raise Misconfigured(f"{path}: larger than {LARGEST_SETTINGS} bytes")
    text = path.read_text(encoding="utf-8", errors="replace")
    last = f"at line {len(text.splitlines())}, the last"
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        told = str(wrong).replace("at end of document", last)
        raise Misconfigured(f"{path}: not TOML: {told}") from None


def time_zone(name: str, source: str = SETTINGS_FILE) -> ZoneInfo:
    """The zone of that name. Raises Misconfigured where this machine knows none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misconfigured(
            f'{source}: timezone = "{name}": expected a name such as "UTC" or "Europe/Vienna"'
        ) from None
