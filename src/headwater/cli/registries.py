"""headwater registries: work off the names that wait, and fetch the register of servers."""

import time
from pathlib import Path
from typing import Annotated, Final

import typer

from headwater.cli.printing import JsonOption, print_json
from headwater.cli.registry_doors import (
    BOOTSTRAP_FILE,
    Registries,
    bootstrap_of,
    now,
    open_registries,
    user_agent,
)
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace
from headwater.dnslist.serve.unknown_names import forget_taken, take_unknown_names
from headwater.lake.tables import Lake
from headwater.pipeline.follow_domains import follow
from headwater.pipeline.look_up_domain import registry_of
from headwater.records.errors import RemoteFault
from headwater.sources.rdap_client import Bounds, ask_rdap, make_client
from headwater.sources.registry_guard import outside_only
from headwater.wire.names import registrable
from headwater.wire.rdap_bootstrap import read_bootstrap

REGISTER: Final = "https://data.iana.org/rdap/dns.json"
UNKNOWN_NAMES: Final = "dns/unknown-names.txt"  # where the DNS server leaves them

app = typer.Typer(
    help="Ask registries about waiting domains.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("follow")
def follow_waiting(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Names to queue first.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0, help="How long to go on; 0: one round and no wait.")
    ] = 0,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask registries about domains that wait, each at its pace.

    Names that wait are those given here, those the DNS server could not answer for, and
    those a registry refused before. The queue survives restarts; run this from a timer.

    Example:

        headwater registries follow --seconds 3000
    """
    place = open_workspace(workspace)
    with open_registries(place) as registries:
        _queue(registries, place, names or [])
        asked = answered = 0
        until = time.monotonic() + seconds
        while True:
            done = follow(registries.queue, registries.doors, Lake(place.lake), now)
            asked, answered = asked + done.asked, answered + done.answered
            if time.monotonic() >= until or not registries.queue.waiting():
                break
            time.sleep(1)
        waiting = registries.queue.waiting()
    if as_json:
        print_json({"asked": asked, "answered": answered, "waiting": waiting})
    else:
        typer.echo(f"{asked} asked, {answered} answered, {waiting} waiting")


@app.command()
def refresh(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A copy of the register; without it, IANA's."),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Fetch the register of RDAP servers (IANA's dns.json) into the workspace.

    Example:

        headwater registries refresh
    """
    place = open_workspace(workspace)
    body = file.read_bytes() if file else _fetched(place)
    before, after = bootstrap_of(place.root), read_bootstrap(body)
    partial = place.root / f"{BOOTSTRAP_FILE}.new"
    partial.write_bytes(body)
    partial.replace(place.root / BOOTSTRAP_FILE)
    typer.echo(
        f"{len(after.bases)} top levels have RDAP, as of {after.published};"
        f" before: {len(before.bases)}, as of {before.published}"
    )


def _fetched(place: Workspace) -> bytes:
    with make_client(user_agent(place)) as client:
        reply = ask_rdap(REGISTER, client, outside_only, time.monotonic, Bounds(bytes=1 << 22))
    if reply.code != 200:
        raise RemoteFault(f"{reply.host}: HTTP status {reply.code}")
    return reply.body


def _queue(registries: Registries, place: Workspace, names: list[str]) -> None:
    left = place.root / UNKNOWN_NAMES
    unknown = take_unknown_names(left)
    domains = {name for text in [*names, *unknown] if (name := registrable(text))}
    pairs = [(name, registry_of(name, registries.doors)) for name in sorted(domains)]
    registries.queue.add(pairs, now().timestamp())
    forget_taken(left)
