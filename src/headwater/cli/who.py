"""headwater who: whose address it was at a time."""

from datetime import UTC, datetime, tzinfo
from typing import Annotated, Final

import typer

from headwater.cli.moments import read_moment
from headwater.cli.printing import Column, JsonOption, print_json, print_table
from headwater.cli.workspace import WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.who import Holder, Proof
from headwater.pipeline.who import who as look_up
from headwater.records.answer import to_json
from headwater.records.errors import MalformedInput, Misconfigured
from headwater.records.lease import FOREVER_US, HIGHEST_PORT
from headwater.records.sighting import SubjectKind
from headwater.records.window import from_us
from headwater.wire.prefix_text import read_prefix

NOTHING_FOUND: Final = 1


def command(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="IPv4 or IPv6.")],
    at: Annotated[
        str, typer.Option(metavar="TIME", help='ISO 8601 (UTC), or such as "2h" (ago).')
    ],
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=HIGHEST_PORT, help="The source port; needed where many share an address."
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whose address it was at a time, and what proves it.

    Names a subscriber only where the leases leave no doubt: not within the margin
    (leases.margin_s) of a start or end, not where several held it at once, not where the
    end of a session was never told. Else says "cannot say" and who it may have been.
    Ends with 1 where nobody is named.

    Example:

        headwater who 192.0.2.10 --at 2026-03-01T09:15
    """
    place = open_workspace(workspace)
    moment = read_moment(at, datetime.now(UTC), place.zone)
    margin = place.settings.leases.clocks()
    found = look_up(Lake(place.lake), read_own(address), port, moment, margin)
    if as_json:
        print_json(to_json(found))
    else:
        _print(found, place.zone)
    if found.subscriber is None:
        raise typer.Exit(NOTHING_FOUND)


def read_own(text: str) -> str:
    """One address in its canonical form. Raises Misconfigured."""
    try:
        address, kind = read_prefix(text.strip())
    except MalformedInput as wrong:
        raise Misconfigured(str(wrong)) from None
    if kind is not SubjectKind.ADDRESS:
        raise Misconfigured(f"{text!r}: expected one address such as 192.0.2.10")
    return address


def _print(found: Holder, zone: tzinfo) -> None:
    where = found.address if found.port is None else f"{found.address} port {found.port}"
    when = f"{found.at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
    typer.echo(f"{where} at {when}: {found.subscriber or found.verdict}")
    if found.subscriber is None:
        for one in found.candidates:
            why = "; ".join(one.doubts) or "certainly, but not alone"
            typer.echo(f"  perhaps {one.subscriber}: {why}")
    typer.echo(f"Margin: {found.margin_s:g} s on both sides.")
    if found.leases:
        columns = [Column(name=n) for n in ("held", "from", "to", "subscriber", "source")]
        print_table(columns, [_row(lease, zone) for lease in found.leases])


def _row(lease: Proof, zone: tzinfo) -> tuple[str, ...]:
    ports = "" if lease.port_from is None else f" ports {lease.port_from}-{lease.port_to}"
    return (
        lease.held + ports,
        f"{lease.starts_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        _end(lease, zone),
        lease.subscriber,
        lease.source,
    )


def _end(lease: Proof, zone: tzinfo) -> str:
    if lease.ends_at is None:
        return f"not told; sure to {lease.sure_until.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if lease.ends_at >= from_us(FOREVER_US):
        return "for ever"
    return f"{lease.ends_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
