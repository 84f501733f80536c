"""headwater import domains: feeds, columns, zone files."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from headwater.cli.list_reports import SeenAt, tell, when_seen
from headwater.cli.printing import JsonOption
from headwater.cli.workspace import WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.import_domains import Feed, import_domains

SPILL_FOLDER: Final = ".spill"


class Meaning(StrEnum):
    """What a name without a date of its own was on that day."""

    REGISTERED = "registered"
    FIRST_SEEN = "first-seen"


def domains(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files to read.")],
    name: Annotated[
        str | None, typer.Option(help="Who says so; without it, the file's name.")
    ] = None,
    means: Annotated[
        Meaning, typer.Option(help="What a name without a date was on the day of --seen-at.")
    ] = Meaning.FIRST_SEEN,
    seen_at: SeenAt = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read domains and since when they are known.

    Understands newly registered feeds (a name a line, or CSV and TSV with a date), CSV
    whose first line names the columns (domain, registered, changed, expires, registrar,
    first_seen, and what other sources call them), and zone files; plain or gzipped.
    Names below a domain count for the domain. The same file twice changes nothing.

    Example:

        headwater import domains new-today.txt --name feed --means registered
    """
    place = open_workspace(workspace)
    now = datetime.now(UTC)
    reports = []
    for file in files:
        feed = Feed(
            name=name or file.name,
            fact=str(means),
            seen_at=when_seen(seen_at, file, now, place.zone),
            now=now,
        )
        lake = Lake(place.lake)
        reports.append(import_domains(file, feed, lake, place.root / SPILL_FOLDER))
    tell(reports, "facts", as_json)
