"""headwater doctor: what is missing or odd, and what to do about it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from headwater.cli.contact_doors import open_contact
from headwater.cli.doctor_contact import remarks_on_contact
from headwater.cli.doctor_lake import remarks_on_lake
from headwater.cli.doctor_machine import remarks_on_machine
from headwater.cli.doctor_settings import remarks_on_settings
from headwater.cli.printing import JsonOption, print_json
from headwater.cli.remark import Level, Remark
from headwater.cli.workspace import WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.records.errors import HeadwaterError, Misconfigured

ODD, BROKEN = 1, 3


def command(
    online: Annotated[
        bool,
        typer.Option("--online", help="Ask the DNS, your mail server and RDAP as well."),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is missing or odd, and what to do.

    Looks at the settings, this machine, the tables, the newest flows; with --online also at
    your abuse contact: whether the mailbox abuse@ of your mail domain takes mail, and
    whether your registry publishes a contact for abuse (the settings in [abuse]). Ends with
    0 where all is well, 1 where something is odd, 3 where something is broken.

    Example:

        headwater doctor --workspace /srv/headwater
    """
    remarks = list(examine(workspace, datetime.now(UTC)))
    if online:
        remarks += examine_contact(workspace)
    if as_json:
        print_json([{"level": r.level, "what": r.what, "do": r.do} for r in remarks])
    else:
        _print(remarks)
    raise typer.Exit(verdict(remarks))


def examine(workspace: Path | None, now: datetime) -> Iterator[Remark]:
    """Everything there is to say; what cannot even be opened is the last word."""
    try:
        place = open_workspace(workspace)
    except Misconfigured as wrong:
        yield Remark(level=Level.BROKEN, what=str(wrong), do="mend it, then ask doctor again")
        return
    yield from chain(
        remarks_on_settings(place.settings), remarks_on_machine(place.root, place.settings)
    )
    try:
        yield from remarks_on_lake(Lake(place.lake), place.settings, now)
    except (HeadwaterError, OSError) as wrong:
        yield Remark(
            level=Level.BROKEN,
            what=f"the tables cannot be read: {wrong}",
            do="restore them from a backup, or remove lake/ and import again",
        )


def examine_contact(workspace: Path | None) -> Iterator[Remark]:
    """What others can see of the abuse contact; nothing where the settings cannot be read."""
    try:
        place = open_workspace(workspace)
    except Misconfigured:
        return
    with open_contact(place) as doors:
        yield from remarks_on_contact(place.settings, doors)


def verdict(remarks: list[Remark]) -> int:
    """The exit code."""
    if any(remark.level is Level.BROKEN for remark in remarks):
        return BROKEN
    return ODD if remarks else 0


def _print(remarks: list[Remark]) -> None:
    for remark in remarks:
        typer.echo(f"{remark.level:<6}  {remark.what}")
        typer.echo(f"        -> {remark.do}")
    if not remarks:
        typer.echo("All is well.")
