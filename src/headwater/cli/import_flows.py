"""headwater import flows: the command and what it tells at its end."""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Final

import typer

from headwater.cli.engine import duck_engine
from headwater.cli.printing import JsonOption, OnProgress, print_json, print_pairs, progress
from headwater.cli.workspace import WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.import_report import FileReport, ImportReport, share_both_directions
from headwater.pipeline.ingest import ImportOptions, Progress, import_flows
from headwater.pipeline.ingest import OnProgress as OnFlows
from headwater.pipeline.shared_memory import memory_kept
from headwater.records.window import Window

NOTHING_FOUND: Final = 1
MOST_SHOWN: Final = 20
NOT_EXPORTED: Final = "not an export packet"  # as the reading of captures says it
TRAFFIC_ITSELF: Final = (
    "This looks like a capture of the traffic itself; Headwater reads what routers export of"
    " it.\nTo make flows of it: nfpcapd -r CAPTURE -w FOLDER (Debian: nfdump), then import"
    " the folder."
)


def flows(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help='Files, folders of files, or "-" for stdin.'),
    ],
    already_scaled: Annotated[
        bool,
        typer.Option(
            "--already-scaled", help="Counters are not to be multiplied by their sampling."
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read flow records; the format is detected.

    Understands captures of export packets (pcap and pcapng of NetFlow v5, v9, IPFIX and
    sFlow), nfcapd files (through nfdump), nfdump's CSV, Zeek's conn.log, and CSV and
    Parquet with the columns of the flows table; plain or compressed. Importing a file
    twice changes nothing. Ends with a count of what was read and what was not.

    Example:

        headwater import flows router.pcap /var/cache/nfdump/
    """
    place = open_workspace(workspace)
    exporters = place.settings.exporters
    options = ImportOptions(
        already_scaled=already_scaled,
        scaled_exporters=frozenset(a for a, e in exporters.items() if e.already_scaled),
        rates={a: e.sampling for a, e in exporters.items() if e.sampling > 1},
    )
    with memory_kept(), progress("reading") as on_progress:
        report = import_flows(
            files,
            Lake(place.lake),
            options,
            datetime.now(UTC),
            spool=place.spool,
            stdin=sys.stdin.buffer,
            on_progress=_shown_by(on_progress),
        )
    both = share_both_directions(report, duck_engine(place))
    if as_json:
        print_json(as_json_value(report, both))
    else:
        _print(report, both, place.zone)
    if not any(file.flows for file in report.files):
        raise typer.Exit(NOTHING_FOUND)


def _shown_by(on_progress: OnProgress) -> OnFlows:
    def show(done: Progress) -> None:
        on_progress(done.octets, done.total_octets)

    return show


def as_json_value(report: ImportReport, both: float | None) -> dict[str, object]:
    """The report as JSON prints it."""
    return {
        "flows": report.flows,
        "window": _window(report.window),
        "exporters": dict(report.exporters),
        "sampling": {str(rate): count for rate, count in report.samplings.items()},
        "both_directions": both,
        "refused": dict(report.refused),
        "examples": [
            {"source": r.source, "position": r.position, "reason": r.reason}
            for r in report.examples
        ],
        "gaps": [
            {"exporter": g.exporter, "domain": g.domain, "unit": g.unit, "missing": g.missing}
            for g in report.gaps
        ],
        "without_zone": report.without_zone,
        "ignored_columns": list(report.ignored_columns),
        "files": [
            {
                "name": f.name,
                "format": f.format,
                "flows": f.flows,
                "already": f.already,
                "refused": dict(f.refused),
                "failed": f.failed,
            }
            for f in report.files
        ],
    }


def _window(window: Window | None) -> dict[str, str] | None:
    if window is None:
        return None
    return {"start": window.start.isoformat(), "end": window.end.isoformat()}


def _print(report: ImportReport, both: float | None, zone: tzinfo) -> None:
    for file in report.files[:MOST_SHOWN]:
        typer.echo(f"{file.name}: {_told(file)}")
    if len(report.files) > MOST_SHOWN:
        typer.echo(f"... and {len(report.files) - MOST_SHOWN} more files")
    typer.echo("")
    print_pairs(dict(_pairs(report, both, zone)))
    _print_refused(report)


def _told(file: FileReport) -> str:
    if not file.format:
        return f"not read: {file.failed}"
    already = "; imported before, nothing was changed" if file.already else ""
    failed = f"; not read to its end: {file.failed}" if file.failed else ""
    return f"{file.format}, {file.flows} flows{already}{failed}"


def _pairs(
    report: ImportReport, both: float | None, zone: tzinfo
) -> Iterator[tuple[str, object]]:
    yield "flows", report.flows
    if report.window:
        first, last = (t.astimezone(zone) for t in (report.window.start, report.window.end))
        yield "from", f"{first:%Y-%m-%d %H:%M:%S %Z}"
        yield "to", f"{last:%Y-%m-%d %H:%M:%S %Z}"
        yield "exporters", _counted(report.exporters)
        yield "sampling", _counted({f"1:{rate}": n for rate, n in report.samplings.items()})
    if both is not None:
        yield "both directions", f"{both:.0%} of the conversations"
    for gap in report.gaps[:MOST_SHOWN]:
        yield f"lost by {gap.exporter}", f"{gap.missing} {gap.unit} (domain {gap.domain})"
    if report.without_zone:
        yield "no time zone", f"{report.without_zone} flows, taken as UTC"
    if report.ignored_columns:
        yield "columns ignored", ", ".join(report.ignored_columns)


def _counted(counts: Mapping[str, int]) -> str:
    shown = [f"{name} ({count})" for name, count in list(counts.items())[:MOST_SHOWN]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _print_refused(report: ImportReport) -> None:
    for reason, count in report.refused.items():
        typer.echo(f"{count} not read: {reason}")
    for refused in report.examples[:MOST_SHOWN]:
        typer.echo(f"  {refused.source}: {refused.position}: {refused.reason}")
    if any(map(_is_traffic, report.files)):
        typer.echo(TRAFFIC_ITSELF)


def _is_traffic(file: FileReport) -> bool:
    """A capture without a flow, most of whose packets are of another kind."""
    others = file.refused.get(NOT_EXPORTED, 0)
    return not file.flows and 2 * others > sum(file.refused.values())
