"""headwater import domains: feeds, columns, zone files."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from headwater.cli.printing import JsonOption, print_json
from headwater.cli.workspace import WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.import_domains import Feed, import_domains
from headwater.pipeline.import_lists import ListReport
from headwater.records.errors import Misconfigured

NOTHING_FOUND: Final = 1
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
    seen_at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="When this was true, ISO 8601; without it, when the file was last changed.",
            show_default=False,
        ),
    ] = None,
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
            seen_at=_when(seen_at, file, now),
            now=now,
        )
        lake = Lake(place.lake)
        reports.append(import_domains(file, feed, lake, place.root / SPILL_FOLDER))
    _report(reports, as_json)


def _when(text: str | None, file: Path, now: datetime) -> datetime:
    if text is None:
        return min(datetime.fromtimestamp(file.stat().st_mtime, UTC), now)
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Misconfigured(f"{text!r}: expected a time such as 2026-01-31T12:00") from None


def _report(reports: list[ListReport], as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {"source": r.source, "rows": r.rows, "already": r.already, "refused": r.refused}
                for r in reports
            ]
        )
    else:
        for report in reports:
            _print(report)
    if not any(report.rows for report in reports):
        raise typer.Exit(NOTHING_FOUND)


def _print(report: ListReport) -> None:
    already = " (imported before; nothing was changed)" if report.already else ""
    typer.echo(f"{report.source}: {report.rows} facts{already}")
    for reason, count in report.refused.items():
        typer.echo(f"  {count} not read: {reason}")
    for refused in report.examples:
        typer.echo(f"    {refused.position}: {refused.reason}")
