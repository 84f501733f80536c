"""headwater reports: the pile of unread reports, and patterns a person teaches."""

from collections import Counter
from typing import Annotated, Final

import typer

from headwater.cli.import_reports import (
    NOTHING_FOUND,
    as_plain,
    pile_of,
    print_told,
    reader_of,
)
from headwater.cli.printing import Column, JsonOption, print_json, print_table
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.import_reports import ReportsTold, import_reports
from headwater.pipeline.teach_reports import try_pattern
from headwater.records.errors import MalformedInput, Misconfigured
from headwater.records.incident import IncidentKind
from headwater.sources.mailbox import RawMail
from headwater.sources.report_pile import Pile
from headwater.wire.mail import Mail, read_mail, sent_at
from headwater.wire.mail_text import safe_line
from headwater.wire.mentions import canonical_or_none
from headwater.wire.reports.pattern import learn

MOST_SHOWN: Final = 1_000

app = typer.Typer(
    help="Reports that nothing understood, and how to read their like.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def unread(
    name: Annotated[
        str | None, typer.Argument(metavar="[MAIL]", help="Show one mail's text.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the mails that nothing understood, or show one.

    Example:

        headwater reports unread
    """
    pile = pile_of(open_workspace(workspace))
    if name:
        _show(read_mail(pile.raw(name)))
        return
    rows = [_row(mail, raw) for mail, raw in _some(pile)]
    if as_json:
        print_json(rows)
    else:
        columns = [
            Column(name=n, whole=n == "mail") for n in ("mail", "sent", "sender", "subject")
        ]
        print_table(columns, [list(row.values()) for row in rows])
    if not rows:
        raise typer.Exit(NOTHING_FOUND)


def _some(pile: Pile) -> list[tuple[str, bytes]]:
    return [one for _, one in zip(range(MOST_SHOWN), pile.all(), strict=False)]


def _row(name: str, raw: bytes) -> dict[str, str]:
    try:
        mail = read_mail(raw)
    except MalformedInput as wrong:
        return {"mail": name, "sent": "", "sender": "", "subject": safe_line(f"({wrong})")}
    sent = sent_at(mail)
    return {
        "mail": name,
        "sent": f"{sent:%Y-%m-%d %H:%M}" if sent else "",
        "sender": safe_line(mail.sender, 80),
        "subject": safe_line(mail.subject, 120),
    }


def _show(mail: Mail) -> None:
    """Text only, made safe: no attachment is opened, no escape sequence reaches a terminal."""
    for heading in ("from", "date", "subject"):
        typer.echo(f"{heading}: {safe_line(mail.header(heading))}")
    for text in mail.texts:
        typer.echo("")
        for line in text.split("\n")[:MOST_SHOWN]:
            typer.echo(safe_line(line))


@app.command()
def teach(
    name: Annotated[str, typer.Argument(metavar="MAIL", help="A mail of the pile.")],
    pattern: Annotated[str, typer.Option(help="What to call the pattern.")],
    address: Annotated[str, typer.Option(help="The accused address as it stands in the mail.")],
    time: Annotated[str, typer.Option(help="The incident's time as it stands there.")] = "",
    port: Annotated[str, typer.Option(help="The accused's port as it stands there.")] = "",
    kind: Annotated[IncidentKind | None, typer.Option(help="What such mails report.")] = None,
    only_try: Annotated[
        bool, typer.Option("--try", help="Say what it reads; keep nothing.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Learn from one mail where its like have their fields; try it on the pile; keep it.

    A pattern is kept only if it finds the marked address, and no other, in its own mail,
    and reads at least half of the mails that look alike. Then the pile is read again.

    Example:

        headwater reports teach 3f2a --pattern acme --address 192.0.2.7 --kind spam
    """
    place = open_workspace(workspace)
    pile = pile_of(place)
    mail = read_mail(pile.raw(name))
    canonical = canonical_or_none(address)
    if canonical is None:
        raise Misconfigured(f"address = {safe_line(address)!r}: expected one address")
    learnt = learn(pattern, mail, address, time, port, kind)
    trial = try_pattern(learnt, mail, canonical, pile.all(), reader_of(place))
    for incident in trial.incidents:
        seen = f"{incident.seen.at:%Y-%m-%d %H:%M:%S}Z ({incident.seen.zone})"
        typer.echo(f"{incident.address} {incident.port or ''} {seen} {incident.kind}")
    typer.echo(f"{len(trial.read)} of {trial.alike} mails alike in the pile are read by it")
    if only_try:
        return
    typer.echo(f"Kept {pile.keep(learnt)}")
    print_told(_again(place))


@app.command()
def reread(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Read the pile again, after patterns, words or own networks have changed.

    Example:

        headwater reports reread
    """
    told = _again(open_workspace(workspace))
    print_json(as_plain(told)) if as_json else print_told(told)


def _again(place: Workspace) -> ReportsTold:
    """What is read now leaves the pile once its sightings are kept."""
    pile = pile_of(place)
    names = pile.names()
    mails = (RawMail(raw=pile.raw(n), source="pile", position=n) for n in names)
    still = _Remembering(pile)
    told = import_reports(mails, reader_of(place), Lake(place.lake), still)
    for name in names:
        if not still.seen[name] and not told.refusals.counts:
            pile.remove(name)
    return told


class _Remembering(Pile):
    """A pile that remembers which mails came back to it."""

    def __init__(self, pile: Pile) -> None:
        self._mails, self._patterns = pile._mails, pile._patterns  # noqa: SLF001
        self.seen: Counter[str] = Counter()

    def add(self, digest: str, raw: bytes) -> bool:
        self.seen[digest] += 1
        return True
