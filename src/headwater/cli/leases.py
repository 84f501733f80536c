"""headwater leases: live files followed, how long addresses are kept, leases to remove."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer

from headwater.cli.follow_leases import follow
from headwater.cli.printing import Column, JsonOption, print_json, print_table
from headwater.cli.workspace import WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.churn import PoolChurn, churn
from headwater.pipeline.forget import expire as remove_old
from headwater.records.errors import Misconfigured

NOTHING_FOUND: Final = 1
MOST_POINTS: Final = 200  # of a curve in JSON
SECOND_US: Final = 1_000_000
SPANS: Final = {"1 hour": 3600, "1 day": 86_400, "7 days": 604_800, "30 days": 2_592_000}

app = typer.Typer(
    help="Follow live files of leases; how long addresses are kept.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


app.command("follow")(follow)


@app.command("churn")
def show_churn(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say how long subscribers keep an address, for each of your own networks.

    A survival curve: the share of tenures that last longer than a time. Those that still
    run count as long as they were watched. Where half of them are over within a day, a
    blocklist entry of last week tells of somebody else.

    Example:

        headwater leases churn
    """
    place = open_workspace(workspace)
    margin = place.settings.leases.clocks()
    pools = churn(Lake(place.lake), place.settings.own_networks, margin)
    if as_json:
        print_json([_as_json(pool) for pool in pools])
    elif pools:
        heads = ["pool", "tenures", "ended", "half last", *(f"> {span}" for span in SPANS)]
        columns = [Column(name=h, right=bool(at), whole=not at) for at, h in enumerate(heads)]
        print_table(columns, [_row(pool) for pool in pools])
    if not pools:
        typer.echo("There are no leases yet: headwater import leases FILE...", err=True)
        raise typer.Exit(NOTHING_FOUND)


@app.command("expire")
def expire(
    days: Annotated[
        int | None,
        typer.Option(min=1, max=36_500, help="Instead of leases.retention_days."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove leases that ended longer ago than leases.retention_days.

    Run it every day. A lease without an end goes by when it was last told of.

    Example:

        headwater leases expire --days 180
    """
    place = open_workspace(workspace)
    kept = days or place.settings.leases.retention_days
    if not kept:
        raise Misconfigured("leases.retention_days is 0, for ever: set it, or give --days")
    now = datetime.now(UTC)
    gone = remove_old(Lake(place.lake), now - timedelta(days=kept), now)
    if as_json:
        print_json({"removed": gone})
    else:
        typer.echo(f"{gone} leases removed")


def _row(pool: PoolChurn) -> tuple[str, ...]:
    curve = pool.curve
    half = curve.lasting(0.5)
    shares = [f"{curve.at(s * SECOND_US):.0%}" for s in SPANS.values()]
    return (pool.pool, str(curve.count), str(curve.ended), _span(half), *shares)


def _span(microseconds: int | None) -> str:
    if microseconds is None:
        return "not seen"
    hours = microseconds / SECOND_US / 3600
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"


def _as_json(pool: PoolChurn) -> dict[str, Any]:
    curve = pool.curve
    half = curve.lasting(0.5)
    return {
        "pool": pool.pool,
        "tenures": curve.count,
        "ended": curve.ended,
        "median_s": None if half is None else half / SECOND_US,
        "curve": [
            {
                "seconds": int(curve.durations[at]) / SECOND_US,
                "surviving": round(float(curve.surviving[at]), 4),
                "lower": round(float(curve.lower[at]), 4),
                "upper": round(float(curve.upper[at]), 4),
            }
            for at in curve.corners(MOST_POINTS).tolist()
        ],
    }
