"""headwater import leases: who held which address when."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from headwater.cli.list_reports import examples_as_json, print_refused
from headwater.cli.printing import JsonOption, print_json
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace, time_zone
from headwater.lake.tables import Lake
from headwater.pipeline.import_leases import LeaseReport, LeaseSource, import_leases
from headwater.sources.flow_files import kept

NOTHING_FOUND: Final = 1

NameOption = Annotated[
    str | None,
    typer.Option(help="What the source is called; without it, the file's name."),
]
ZoneOption = Annotated[str, typer.Option(help="The zone of times in the files that name none.")]


def leases(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help='Files, plain or compressed; "-" reads stdin.'),
    ],
    name: NameOption = None,
    zone: ZoneOption = "UTC",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read who held which address when; the format is detected.

    Understands dhcpd.leases of ISC dhcpd, Kea's lease files, FreeRADIUS detail files, the
    table radacct as CSV, port blocks of a carrier-grade NAT and other leases as CSV
    (address or prefix, starts, ends, subscriber, and port_from, port_to); IPv4, IPv6 and
    delegated prefixes. Read a file again as it grows: only what is new is added.

    Example:

        headwater import leases /var/lib/dhcp/dhcpd.leases --name dhcp
    """
    place = open_workspace(workspace)
    reports = [_one(file, name, zone, place) for file in files]
    if as_json:
        print_json([_as_json(report) for report in reports])
    else:
        for report in reports:
            _print(report, zone)
    if not any(report.rows or report.known for report in reports):
        raise typer.Exit(NOTHING_FOUND)


def _one(file: Path, name: str | None, zone: str, place: Workspace) -> LeaseReport:
    source = LeaseSource(
        file=str(file),
        name=name or file.name,
        zone=time_zone(zone, "--zone"),
        now=datetime.now(UTC),
        retention_days=place.settings.leases.retention_days,
    )
    with kept(file, sys.stdin.buffer, place.spool) as path:
        return import_leases(path, source, Lake(place.lake))


def _as_json(report: LeaseReport) -> dict[str, object]:
    return {
        "source": report.source,
        "format": str(report.kind),
        "rows": report.rows,
        "known": report.known,
        "already": report.already,
        "refused": report.refused,
        "examples": examples_as_json(report.examples),
    }


def _print(report: LeaseReport, zone: str) -> None:
    told = f"{report.source}: {report.kind}; {report.rows} new, {report.known} known"
    typer.echo(f"{told}; times without a zone taken as {zone}")
    print_refused(report.refused, report.examples)
