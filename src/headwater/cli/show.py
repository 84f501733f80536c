"""headwater show: what the latest hunt found, again."""

from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from headwater.cli.answer_printing import ALL_SHEETS, print_sheets
from headwater.cli.engine import duck_engine
from headwater.cli.printing import JsonOption, print_json
from headwater.cli.subject_pages import print_subject
from headwater.cli.watch import show_watch
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.holdings import known_subscriber
from headwater.pipeline.hunt_lake import answer_of
from headwater.pipeline.runs import KeptRun, latest
from headwater.pipeline.subject import Subject
from headwater.pipeline.subject import subject as all_about_address
from headwater.pipeline.subject import subscriber as all_about_subscriber
from headwater.records.answer import to_json
from headwater.records.errors import MalformedInput, Misconfigured
from headwater.wire.addresses import canonical

NOTHING_FOUND: Final = 1

app = typer.Typer(
    help="Print what the latest hunt found, and its proof.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def proxies(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Own hosts that are hijacked or misused.

    --json prints the whole answer of the hunt, in the published form.

    Example:

        headwater show proxies
    """
    _show(workspace, ["proxies"], as_json)


@app.command()
def upstreams(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Outsiders that drive proxies, and those that only test them.

    --json prints the whole answer of the hunt, in the published form.

    Example:

        headwater show upstreams
    """
    _show(workspace, ["upstreams"], as_json)


@app.command()
def masters(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Servers that hijacked hosts call home to, and the own hosts that are probably next.

    --json prints the whole answer of the hunt, in the published form.

    Example:

        headwater show masters
    """
    _show(workspace, ["masters", "next suspects"], as_json)


@app.command()
def operations(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Which proxies, upstreams and masters belong together.

    --json prints the whole answer of the hunt, in the published form.

    Example:

        headwater show operations
    """
    _show(workspace, ["operations"], as_json)


@app.command()
def scanners(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Own hosts that scan others, and outsiders that scan yours.

    --json prints the whole answer of the hunt, in the published form.

    Example:

        headwater show scanners
    """
    _show(workspace, ["scanning hosts", "scanners"], as_json)


@app.command("watch")
def watch(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Subscribers that reports of malware or scanning put on watch.

    With what the latest hunt saw them do for the first time since: offer a service, send
    mail, call a master. They stay on watch for two weeks after the last report.

    Example:

        headwater show watch
    """
    place = open_workspace(workspace)
    if not show_watch(place, latest(Lake(place.lake)), datetime.now(UTC), as_json):
        raise typer.Exit(NOTHING_FOUND)


@app.command()
def subject(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS|SUBSCRIBER",
            help="An own host, an outsider, or a subscriber as the leases name it.",
        ),
    ],
    why: Annotated[bool, typer.Option("--why", help="With the numbers that prove it.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say all that is known about one address, inside or outside, or about one subscriber.

    What each detector says of it, what it does, and which lists and reports name it; of a
    subscriber, over every address it held, each for its time. Ends with 1 where nothing is
    known.

    Example:

        headwater show subject 192.0.2.77 --why
    """
    place = open_workspace(workspace)
    found, run = _all_about(place, name.strip())
    if as_json:
        print_json({"run": run.name, "window": to_json(run.window), **to_json(found)})
    else:
        print_subject(found, run, place.zone, why)
    if not found.known:
        raise typer.Exit(NOTHING_FOUND)


def _all_about(place: Workspace, name: str) -> tuple[Subject, KeptRun]:
    """Raises Misconfigured where it is neither an address nor anybody's name."""
    lake, settings, engine = Lake(place.lake), place.settings, duck_engine(place)
    try:
        address = canonical(name)
    except MalformedInput as wrong:
        if not known_subscriber(lake, name):
            raise Misconfigured(f"{wrong}; and no lease names such a subscriber") from None
        run = latest_run(place)
        return all_about_subscriber(lake, settings, engine, run, name), run
    run = latest_run(place)
    return all_about_address(lake, settings, engine, run, address), run


def _show(workspace: WorkspaceOption, names: list[str], as_json: bool) -> None:
    place = open_workspace(workspace)
    answer = answer_of(Lake(place.lake), place.settings, latest_run(place))
    if as_json:
        print_json(to_json(answer))
    else:
        print_sheets(answer, place.zone, names)
    if not any(ALL_SHEETS[name](answer, place.zone).total for name in names):
        raise typer.Exit(NOTHING_FOUND)


def latest_run(place: Workspace) -> KeptRun:
    """The newest hunt's findings. Raises Misconfigured where there was none."""
    run = latest(Lake(place.lake))
    if run is None:
        raise Misconfigured("nobody has hunted here yet; begin with: headwater hunt")
    return run
