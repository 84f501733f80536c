"""headwater demo: the main job on the recorded lab captures, checked against their truth."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Annotated, Final

import typer

from headwater.cli.answer_printing import print_answer
from headwater.cli.engine import EngineName
from headwater.cli.hunt import run_hunt
from headwater.cli.init import make_workspace
from headwater.cli.printing import Column, print_table
from headwater.cli.report import gathered, write_page
from headwater.cli.show import latest_run
from headwater.cli.workspace import SETTINGS_FILE, Workspace, open_workspace
from headwater.lab.comparison import GOOD, WRONG, Compared, Comparison, compare
from headwater.lab.recordings import Recording, shipped
from headwater.lake.tables import Lake
from headwater.pipeline.ingest import ImportOptions, import_flows
from headwater.pipeline.report import Asked
from headwater.pipeline.up_to_date import held
from headwater.records.answer import Answer

FAILED: Final = 3
FULLY_SHOWN: Final = "v9"  # the other exporters' recordings take a line each
LONGEST_TABLE: Final = 12
PLANTED: Final = ("proxy", "driver", "master", "tester", "next")


def command(
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Draw the first recording's report, too.", show_default=False
        ),
    ] = None,
) -> None:
    """Do the main job on recorded captures and check it against the truth.

    Four runs of the lab ship with Headwater, each recorded with another exporter. The demo
    imports each into a workspace of its own that it removes at the end, hunts, prints the
    tables, and compares them with what was really planted. Ends with 3 where anything
    planted was missed or anybody lawful accused.

    Example:

        headwater demo

        headwater demo --report demo.html
    """
    judged: list[tuple[Recording, Comparison]] = []
    for recording in sorted(shipped(), key=lambda one: FULLY_SHOWN not in one.name):
        with tempfile.TemporaryDirectory(prefix="headwater-demo-") as folder:
            place = _workspace(recording, Path(folder))
            judged.append((recording, _play(recording, place, first=not judged)))
            if report and len(judged) == 1:
                _draw(place, report)
    typer.echo("\nAll recordings against their truth\n")
    _summary(judged)
    if any(comparison.wrong for _, comparison in judged):
        raise typer.Exit(FAILED)
    typer.echo("\nNothing planted was missed, and nobody lawful was accused.")
    if not report:
        typer.echo("See it drawn: headwater demo --report demo.html", err=True)


def _draw(place: Workspace, path: Path) -> None:
    """The report of what was hunted just now."""
    asked = Asked(
        run=latest_run(place),
        zone=place.zone,
        zone_name=place.settings.timezone,
        written_at=datetime.now(UTC),
    )
    write_page(gathered(place, asked), asked, path)


def _play(recording: Recording, place: Workspace, *, first: bool) -> Comparison:
    """Import, hunt and compare one recording; the first one is told in full."""
    flows = _import(recording, place)
    window = held(Lake(place.lake))
    if window is None:
        raise typer.Exit(FAILED)
    answer = run_hunt(place, window, EngineName.DUCKDB, datetime.now(UTC))
    comparison = compare(recording.truth, answer)
    if first:
        _tell(recording, flows, answer, comparison, place)
    return comparison


def _workspace(recording: Recording, folder: Path) -> Workspace:
    make_workspace(folder)
    networks = ", ".join(f'"{network}"' for network in recording.truth.own_networks)
    (folder / SETTINGS_FILE).write_text(f"own_networks = [{networks}]\n", encoding="utf-8")
    return open_workspace(folder)


def _import(recording: Recording, place: Workspace) -> int:
    with recording.packets() as path:
        report = import_flows(
            [path],
            Lake(place.lake),
            ImportOptions(),
            datetime.now(UTC),
            spool=place.spool,
            stdin=BytesIO(),
        )
    return report.flows


def _tell(
    recording: Recording, flows: int, answer: Answer, comparison: Comparison, place: Workspace
) -> None:
    typer.echo(f"Recording {recording.name}: {recording.truth.exporter}, {flows:,} flows\n")
    print_answer(answer, place.zone, LONGEST_TABLE)
    typer.echo("\nAgainst the truth\n")
    others = [*comparison.of("lawful"), *comparison.of("outsider")]
    planted = [line for part in PLANTED for line in comparison.of(part)]
    _print_compared([*planted, *(line for line in others if line.mark == WRONG)])
    typer.echo("")
    _print_spared(comparison.of("lawful"))


def _print_compared(lines: Sequence[Compared]) -> None:
    print_table(
        [
            Column(name="part", whole=True),
            Column(name="address", whole=True),
            Column(name="planted"),
            Column(name="found"),
            Column(name="", whole=True),
        ],
        [(line.part, line.address, line.planted, line.found, line.mark) for line in lines],
    )


def _print_spared(lines: Sequence[Compared]) -> None:
    """Lawful hosts by what they do, and how many of them nobody accused."""
    hosts, spared = Counter[str](), Counter[str]()
    for line in lines:
        hosts[line.planted] += 1
        spared[line.planted] += line.mark == GOOD
    print_table(
        [Column(name="lawful", whole=True), Column(name="not accused", right=True)],
        [(role, f"{spared[role]} of {count}") for role, count in hosts.items()],
    )


def _summary(judged: list[tuple[Recording, Comparison]]) -> None:
    """A line for each recording: found of planted, and how many lawful ones were accused."""
    print_table(
        [
            Column(name="recording", whole=True),
            *(
                Column(name=name, whole=True, right=True)
                for name in ("proxies", "kind right", "drivers", "masters", "lawful accused")
            ),
        ],
        [
            (
                recording.name,
                _found(comparison, "proxy"),
                f"{comparison.right('proxy')}/{len(comparison.of('proxy'))}",
                _found(comparison, "driver"),
                _found(comparison, "master"),
                sum(line.part in ("lawful", "outsider", "tester") for line in comparison.wrong),
            )
            for recording, comparison in judged
        ],
    )


def _found(comparison: Comparison, part: str) -> str:
    lines = comparison.of(part)
    return f"{sum(line.mark != WRONG for line in lines)}/{len(lines)}"
