"""headwater hunt: the main job."""

from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from headwater.cli.answer_printing import print_answer
from headwater.cli.engine import EngineName, engine_of
from headwater.cli.moments import read_moment
from headwater.cli.printing import JsonOption, print_json, progress
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.hunt_lake import hunt_lake
from headwater.pipeline.shared_memory import memory_kept
from headwater.pipeline.up_to_date import bring_up_to_date, held
from headwater.records.answer import Answer, to_json
from headwater.records.errors import Misconfigured
from headwater.records.window import Window

NOTHING_FOUND: Final = 1
SHOWN: Final = 20

Moment = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help='ISO 8601 (UTC where no zone is given), "6h" or "2d" ago, "today", "yesterday".',
        show_default=False,
    ),
]


def command(
    since: Moment = None,
    until: Moment = None,
    top: Annotated[
        int, typer.Option(min=1, help="Rows of each table; headwater show prints all.")
    ] = SHOWN,
    engine: Annotated[
        EngineName, typer.Option(help="What answers the questions.")
    ] = EngineName.DUCKDB,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find hijacked proxies, who drives them, and the masters they call.

    Hunts through everything that was imported, or from --since up to --until. First joins
    new flows into sessions. Keeps what it finds: headwater show prints it again, with the
    proof. Ends with 1 where nothing was found.

    Example:

        headwater hunt --since 24h
    """
    place = open_workspace(workspace)
    now = datetime.now(UTC)
    window = asked_window(Lake(place.lake), place, since, until, now)
    answer = run_hunt(place, window, engine, now)
    if as_json:
        print_json(to_json(answer))
    else:
        say(answer, place, top)
    # Outsiders scan everybody, all the time: that is no news.
    if not (answer.proxies or answer.upstreams or answer.masters or answer.scanning):
        raise typer.Exit(NOTHING_FOUND)


def asked_window(
    lake: Lake, place: Workspace, since: str | None, until: str | None, now: datetime
) -> Window:
    """What the operator asked for, as far as the lake holds it. Raises Misconfigured."""
    whole = held(lake)
    if whole is None:
        raise Misconfigured(
            "there are no flows yet; read some with: headwater import flows FILE"
        )
    start = read_moment(since, now, place.zone) if since else whole.start
    end = read_moment(until, now, place.zone) if until else max(whole.end, start)
    if since and until and start >= end:
        raise Misconfigured(f"--since {since} is not before --until {until}")
    if end <= whole.start or start >= whole.end:
        return Window(start, max(start, end))
    return Window(max(start, whole.start), min(end, whole.end))


def run_hunt(place: Workspace, window: Window, engine: EngineName, now: datetime) -> Answer:
    """Bring the sessions up to date, hunt, keep the run; progress on standard error."""
    lake = Lake(place.lake)
    with progress("joining flows") as on_progress:
        bring_up_to_date(lake, place.settings, on_progress)
    with memory_kept(), progress("hunting") as on_progress:
        asked = engine_of(place, engine)
        return hunt_lake(lake, place.settings, asked, window, now, on_progress)


def say(answer: Answer, place: Workspace, most: int) -> None:
    """The tables; where there were no flows to look at, which there are."""
    whole = held(Lake(place.lake))
    if answer.counts.flows or whole is None:
        print_answer(answer, place.zone, most)
        return
    first, last = (t.astimezone(place.zone) for t in (whole.start, whole.end))
    typer.echo(
        f"There are no flows in that time; there are some from {first:%Y-%m-%d %H:%M}"
        f" to {last:%Y-%m-%d %H:%M %Z}."
    )
