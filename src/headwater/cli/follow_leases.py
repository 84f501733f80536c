"""headwater leases follow: live files of leases, read as they grow."""

import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import structlog
import typer

from headwater.cli.import_leases import NameOption, ZoneOption
from headwater.cli.printing import JsonOption, print_json
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace, time_zone
from headwater.lake.tables import Lake
from headwater.pipeline.import_leases import LeaseReport, LeaseSource, format_of, import_leases
from headwater.records.errors import MalformedInput
from headwater.records.lease import LeaseFormat
from headwater.sources.growing_file import Stamp, copy_whole_records, stamp_of

# A record of these is several lines: half of one could be read as another's.
ENDS: Final = {LeaseFormat.RADIUS_DETAIL: b"\n\n", LeaseFormat.ISC_DHCPD: b"\n}\n"}
LINE: Final = b"\n"

log = structlog.get_logger()


def follow(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files that grow.")],
    name: NameOption = None,
    zone: ZoneOption = "UTC",
    every: Annotated[
        float, typer.Option(min=0.1, max=86_400, help="Seconds between two looks.")
    ] = 60.0,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read leases from live files as they grow, until stopped.

    A record that is half written is read when it is whole. A file that is rotated away, and
    one that is not there yet, is waited for. Prints a line where something was new.

    Example:

        headwater leases follow /var/lib/kea/kea-leases4.csv --name kea
    """
    place = open_workspace(workspace)
    time_zone(zone, "--zone")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    seen: dict[Path, Stamp] = {}
    while True:
        for file in files:
            _look(file, seen, name, zone, place, as_json)
        if stop.wait(every):
            return


def _look(
    file: Path,
    seen: dict[Path, Stamp],
    name: str | None,
    zone: str,
    place: Workspace,
    as_json: bool,
) -> None:
    """Take in what is new of one file; where that fails, again when it has changed."""
    stamp = stamp_of(file)
    if stamp is None or seen.get(file) == stamp:
        return
    seen[file] = stamp
    source = LeaseSource(
        file=str(file),
        name=name or file.name,
        zone=time_zone(zone, "--zone"),
        now=datetime.now(UTC),
        retention_days=place.settings.leases.retention_days,
    )
    try:
        report = _taken(file, source, place)
    except (MalformedInput, OSError) as wrong:
        log.warning("leases not read", file=str(file), reason=str(wrong))
        return
    if report.rows:
        _say(report, as_json)


def _taken(file: Path, source: LeaseSource, place: Workspace) -> LeaseReport:
    place.spool.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=place.spool) as folder:
        whole = Path(folder) / "whole"
        copy_whole_records(file, whole, LINE)
        ends = ENDS.get(format_of(whole, source.file), LINE)
        if ends != LINE:
            copy_whole_records(file, whole, ends)
        return import_leases(whole, source, Lake(place.lake))


def _say(report: LeaseReport, as_json: bool) -> None:
    if as_json:
        told = {"source": report.source, "format": str(report.kind), "rows": report.rows}
        print_json({**told, "known": report.known, "refused": report.refused})
    else:
        typer.echo(f"{report.source}: {report.rows} new leases")
