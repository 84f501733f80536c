"""headwater import reports: abuse reports become sightings of own addresses."""

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from headwater.cli.printing import JsonOption, print_json
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.import_reports import ReportsTold, import_reports
from headwater.pipeline.read_reports import Reader
from headwater.records.errors import Misconfigured
from headwater.records.intake import Refused
from headwater.sources.mailbox import RawMail, mails_from, mails_in
from headwater.sources.report_pile import Pile

NOTHING_FOUND: Final = 1
STDIN: Final = Path("-")
REPORTS_FOLDER: Final = "reports"
WORDS_FILE: Final = "report_words.toml"

MailFiles = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...", help='mbox files, mails, Maildirs, folders; "-" reads stdin.'
    ),
]


def command(
    files: MailFiles,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="These came to an unpublished mailbox.")
    ] = False,
    processes: Annotated[
        int, typer.Option(help="Read with so many processes; 0: one for each core.")
    ] = 0,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read abuse reports; each incident of an own address becomes a sighting, once.

    Understands ARF and feedback loops, X-ARF, XARF, attached tables, XML, JSON, SpamCop,
    fail2ban, log lines and free text in several languages. What nothing understands waits
    in the pile: headwater reports unread

    Example:

        headwater import reports /var/mail/abuse
    """
    place = open_workspace(workspace)
    told = import_reports(
        _mails(files),
        reader_of(place, trusted),
        Lake(place.lake),
        pile_of(place),
        processes=processes or os.cpu_count() or 1,
    )
    print_json(as_plain(told)) if as_json else print_told(told)
    if not told.sightings and not told.repeated:
        raise typer.Exit(NOTHING_FOUND)


def _mails(files: Iterable[Path]) -> Iterator[RawMail | Refused]:
    for file in files:
        if file == STDIN:
            yield from mails_from(sys.stdin.buffer, "-")
        elif not file.exists():
            raise Misconfigured(f"{file}: no such file or folder")
        else:
            yield from mails_in(file)


def pile_of(place: Workspace) -> Pile:
    return Pile(place.root / REPORTS_FOLDER)


def reader_of(place: Workspace, trusted: bool = False) -> Reader:
    """What reading depends on in this workspace, now."""
    words = place.root / WORDS_FILE
    return Reader(
        own_networks=place.settings.own_networks,
        never_accuse=place.settings.never_accuse,
        extra_words=words.read_text("utf-8") if words.is_file() else "",
        patterns=pile_of(place).patterns(),
        now=datetime.now(UTC),
        trusted=trusted,
    )


def as_plain(told: ReportsTold) -> dict[str, object]:
    """For JSON."""
    return {
        "mails": told.mails,
        "reports": told.reports,
        "sightings": told.sightings,
        "repeated": told.repeated,
        "outside": told.outside,
        "kinds": dict(told.kinds),
        "read_by": dict(told.read_by),
        "not_reports": dict(told.apart),
        "unread": dict(told.unread),
        "refused": dict(told.refusals.counts),
        "lost": told.lost,
    }


def print_told(told: ReportsTold) -> None:
    typer.echo(f"{told.mails} mails: {told.reports} reports, {told.sightings} new sightings")
    lines = (
        *(f"  {count} {kind}" for kind, count in told.kinds.most_common()),
        *([f"  {told.repeated} incidents were known already"] if told.repeated else []),
        *(
            [f"  {told.outside} accused addresses are not own: set aside"]
            if told.outside
            else []
        ),
        *(f"  {count} no reports: {why}" for why, count in told.apart.most_common()),
        *(f"  {count} for a person: {why}" for why, count in told.unread.most_common()),
        *(f"  {count} refused: {why}" for why, count in told.refusals.counts.items()),
        *([f"  {told.lost} lost: the pile is full"] if told.lost else []),
    )
    for line in lines:
        typer.echo(line)
    if told.unread:
        typer.echo("Those for a person: headwater reports unread")
