"""headwater import blocklist, indicators, networks: what others say of addresses."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from headwater.cli.list_reports import SeenAt, tell, when_seen
from headwater.cli.printing import JsonOption
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.import_lists import (
    ListReport,
    Told,
    import_blocklist,
    import_indicators,
    import_networks,
)
from headwater.records.sighting import Means
from headwater.sources.flow_files import kept

NOUN: Final = "entries"

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help='Files, plain or gzipped; "-" reads stdin.'),
]
Door = Callable[[Path, Told, Lake], ListReport]


def blocklist(
    files: Files,
    name: Annotated[str, typer.Option(help="What the list is called, the same every time.")],
    means: Annotated[Means, typer.Option(help="What an entry means; a policy accuses nobody.")],
    seen_at: SeenAt = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a list of addresses and prefixes that somebody else lists.

    Understands plain addresses, CIDR, ranges, address:port, comments, and rbldnsd's
    ip4set, ip4trie, ip6trie and generic data with "!" exclusions; IPv4 and IPv6. A later
    edition of the same list is a new observation; the same file twice changes nothing.

    Example:

        headwater import blocklist proxies.txt --name open-proxies --means proxy
    """
    place = open_workspace(workspace)
    reports = [_one(import_blocklist, f, place, name, means, seen_at) for f in files]
    tell(reports, NOUN, as_json)


def indicators(
    files: Files,
    name: Annotated[
        str | None, typer.Option(help="Who says so; without it, the file's name.")
    ] = None,
    seen_at: SeenAt = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read addresses, ports and domains of masters, from malware analysis.

    Understands CSV whose first line names the columns (indicator, type, port,
    description, until, and what other sources call them) and STIX 2.1 bundles.

    Example:

        headwater import indicators masters.csv --name sandbox
    """
    place = open_workspace(workspace)
    reports = [
        _one(import_indicators, f, place, name or f.name, Means.OTHER, seen_at) for f in files
    ]
    tell(reports, NOUN, as_json)


def networks(
    files: Files,
    as_of: SeenAt = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read which system announces a prefix, its name and country.

    Understands CSV whose first line names the columns (prefix, as_number, as_name,
    country) and the common route-to-AS texts.

    Example:

        headwater import networks routes.csv
    """
    place = open_workspace(workspace)
    reports = [_one(import_networks, f, place, f.name, Means.OTHER, as_of) for f in files]
    tell(reports, NOUN, as_json)


def _one(
    door: Door, file: Path, place: Workspace, name: str, means: Means, told_at: str | None
) -> ListReport:
    now = datetime.now(UTC)
    with kept(file, sys.stdin.buffer, place.spool) as path:
        when = when_seen(told_at, path, now, place.zone)
        told = Told(file=str(file), name=name, means=means, seen_at=when, now=now)
        return door(path, told, Lake(place.lake))
