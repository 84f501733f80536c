"""headwater forget: a subscriber's leases go."""

from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from headwater.cli.printing import JsonOption, print_json
from headwater.cli.workspace import WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.forget import forget

NOTHING_FOUND: Final = 1


def command(
    subscriber: Annotated[
        str, typer.Argument(metavar="SUBSCRIBER", help="As the leases name it, exactly.")
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove every lease of one subscriber.

    Nothing names the subscriber in the lake then. A file that still does brings the
    leases back when it has grown and is imported again: clear them away there first.
    Ends with 1 where there were none.

    Example:

        headwater forget alice@example.net
    """
    place = open_workspace(workspace)
    gone = forget(Lake(place.lake), subscriber, datetime.now(UTC))
    if as_json:
        print_json({"removed": gone})
    else:
        typer.echo(f"{gone} leases removed")
    if not gone:
        raise typer.Exit(NOTHING_FOUND)
