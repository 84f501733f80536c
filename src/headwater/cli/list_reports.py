"""When a list was true, and what became of its files: told alike by every command."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Final

import typer

from headwater.cli.moments import read_moment
from headwater.cli.printing import print_json
from headwater.pipeline.import_lists import ListReport
from headwater.records.intake import Refused

NOTHING_FOUND: Final = 1

SeenAt = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help='When this was true: ISO 8601 (UTC where no zone is given), "2d" ago, "yesterday";'
        " without it, when the file was last changed.",
        show_default=False,
    ),
]


def when_seen(told: str | None, file: Path, now: datetime, zone: tzinfo) -> datetime:
    """The instant the operator typed, else the file's last change. Raises Misconfigured."""
    return read_moment(told, now, zone) if told else changed_at(file, now)


def changed_at(path: Path, now: datetime) -> datetime:
    """When the file was last changed, but not in the future."""
    return min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now)


def tell(reports: Sequence[ListReport], noun: str, as_json: bool) -> None:
    """Print what was read as so many of ``noun``; ends with 1 where that is nothing."""
    if as_json:
        print_json([_as_json(report) for report in reports])
    else:
        for report in reports:
            _print(report, noun)
    if not any(report.rows for report in reports):
        raise typer.Exit(NOTHING_FOUND)


def _as_json(report: ListReport) -> dict[str, object]:
    return {
        "source": report.source,
        "rows": report.rows,
        "already": report.already,
        "refused": report.refused,
        "examples": examples_as_json(report.examples),
    }


def _print(report: ListReport, noun: str) -> None:
    already = " (imported before; nothing was changed)" if report.already else ""
    typer.echo(f"{report.source}: {report.rows} {noun}{already}")
    print_refused(report.refused, report.examples)


def examples_as_json(examples: Iterable[Refused]) -> list[dict[str, str]]:
    """Where each was read, and why it was not taken."""
    return [{"position": r.position, "reason": r.reason} for r in examples]


def print_refused(refused: Mapping[str, int], examples: Iterable[Refused]) -> None:
    """How many were not read, reason by reason, and examples, below a file's line."""
    for reason, count in refused.items():
        typer.echo(f"  {count} not read: {reason}")
    for example in examples:
        typer.echo(f"    {example.position}: {example.reason}")
