"""headwater report: the picture of a window, as a page, a text or JSON."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from headwater.cli.engine import EngineName, duck_engine
from headwater.cli.hunt import Moment, asked_window, run_hunt
from headwater.cli.printing import JsonOption, print_json, progress
from headwater.cli.show import latest_run
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace, time_zone
from headwater.lake.tables import Lake
from headwater.outputs.files import deliver
from headwater.outputs.report.render import render_html
from headwater.outputs.report.text import render_text
from headwater.outputs.wording import octets
from headwater.pipeline.report import Asked, report
from headwater.pipeline.runs import KeptRun, earlier
from headwater.records.answer import to_json
from headwater.records.errors import Misconfigured
from headwater.records.report import Report

NOTHING_FOUND: Final = 1
PAGE: Final = "report.html"

PageOption = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        help=f"Write the page here; without it, to {PAGE} in the workspace.",
        show_default=False,
    ),
]
ZoneOption = Annotated[
    str | None,
    typer.Option(
        metavar="ZONE",
        help="Tell times in this zone, such as Europe/Berlin; else in the settings'.",
        show_default=False,
    ),
]


def command(
    html: PageOption = None,
    text: Annotated[
        bool, typer.Option("--text", help="Print a text for mail instead of a page.")
    ] = False,
    new: Annotated[
        bool, typer.Option("--new", help="Tell what changed; in text, only what is new.")
    ] = False,
    since: Moment = None,
    until: Moment = None,
    zone: ZoneOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw the picture: who drives whom, when, since when, and the proof of each.

    Writes one HTML file that opens anywhere, without a server and without fetching
    anything. About the latest hunt; with --since or --until it first hunts through that
    time. --new compares with the hunt before, with --since with the newest hunt that had
    ended by then. Ends with 1 where nothing was found, with --new where nothing is new.

    Example:

        headwater report --html report.html --zone Europe/Berlin

        headwater report --text --since yesterday --new
    """
    place = open_workspace(workspace)
    asked = _asked(place, since, until, zone, compared=new)
    made = gathered(place, asked)
    if as_json:
        print_json(to_json(made))
    elif text:
        typer.echo(render_text(made, asked.zone, only_new=new), nl=False)
    if html or not (as_json or text):
        write_page(made, asked, html or place.root / PAGE)
    if not _anything(made):
        raise typer.Exit(NOTHING_FOUND)


def gathered(place: Workspace, asked: Asked) -> Report:
    """The report's numbers out of the workspace; progress on standard error."""
    with progress("drawing") as on_progress:
        lake, engine = Lake(place.lake), duck_engine(place)
        return report(lake, place.settings, engine, asked, on_progress)


def _asked(
    place: Workspace, since: str | None, until: str | None, zone: str | None, *, compared: bool
) -> Asked:
    now = datetime.now(UTC)
    name = zone or place.settings.timezone
    told_in = time_zone(name, "--zone") if zone else place.zone
    run = _run(place, since, until, now)
    ended_by = run.window.start if since else None
    return Asked(
        run=run,
        zone=told_in,
        zone_name=name,
        written_at=now,
        compared=compared,
        before=earlier(Lake(place.lake), run, ended_by) if compared else None,
    )


def _run(place: Workspace, since: str | None, until: str | None, now: datetime) -> KeptRun:
    """The run to report about, made now where a time was asked for."""
    if since or until:
        lake = Lake(place.lake)
        window = asked_window(lake, place, since, until, now)
        if not run_hunt(place, window, EngineName.DUCKDB, now).counts.flows:
            raise Misconfigured(
                "there are no flows in that time; headwater hunt says which are"
            )
    return latest_run(place)


def write_page(made: Report, asked: Asked, path: Path) -> None:
    """The page into its file, and a line on standard error that says so."""
    size = deliver([render_html(made, asked.zone).encode()], path)
    typer.echo(f"Wrote {path} ({octets(size)}): open it in a browser.", err=True)


def _anything(made: Report) -> bool:
    """Whether there is something to act on."""
    if made.changes is not None:
        return made.changes.any_new
    answer = made.answer
    return bool(answer.proxies or answer.upstreams or answer.masters or answer.scanning)
