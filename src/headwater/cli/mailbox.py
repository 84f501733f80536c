"""headwater mailbox: abuse mailboxes followed as mails arrive."""

import signal
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import structlog
import typer

from headwater.cli.import_reports import as_plain, pile_of, print_told, reader_of
from headwater.cli.printing import JsonOption, print_json
from headwater.cli.workspace import Workspace, WorkspaceOption, open_workspace, read_toml
from headwater.lake.tables import Lake
from headwater.pipeline.import_reports import KnownIncidents, ReportsTold, import_reports
from headwater.records.errors import Misconfigured, RemoteFault
from headwater.records.intake import Refused
from headwater.records.mailboxes import MAILBOXES_FILE, Mailbox, parse_mailboxes
from headwater.sources.imap_mailbox import connected, follow, take_new
from headwater.sources.mailbox import RawMail

FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 600.0

app = typer.Typer(help="Follow abuse mailboxes.", no_args_is_help=True, rich_markup_mode=None)
log = structlog.get_logger()


@app.callback()
def mailbox() -> None:
    """Follow abuse mailboxes."""


class Desk:
    """One import at a time, whichever mailbox brings the mails."""

    def __init__(self, place: Workspace, as_json: bool) -> None:
        self._place, self._as_json = place, as_json
        self._lake = Lake(place.lake)
        self._known = KnownIncidents(self._lake)
        self._one_at_a_time = threading.Lock()

    def take(self, box: Mailbox, mails: Sequence[RawMail | Refused]) -> None:
        with self._one_at_a_time:
            try:
                told = self._import(box, mails)
            except BaseException:
                # What was not kept must not count as known.
                self._known = KnownIncidents(self._lake)
                raise
        print_json(as_plain(told)) if self._as_json else print_told(told)

    def _import(self, box: Mailbox, mails: Sequence[RawMail | Refused]) -> ReportsTold:
        reader, pile = reader_of(self._place, box.trusted), pile_of(self._place)
        return import_reports(mails, reader, self._lake, pile, known=self._known)


@app.command("follow")
def follow_mailboxes(
    once: Annotated[
        bool, typer.Option("--once", help="Read what is unread now, then end.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read reports from IMAP mailboxes as they arrive, until stopped.

    The mailboxes stand in mailboxes.toml of the workspace. A mail is marked as seen (or
    moved) after its sightings are kept, so that none is lost and none is counted twice.

    Example:

        headwater mailbox follow --workspace /srv/headwater
    """
    place = open_workspace(workspace)
    path = place.root / MAILBOXES_FILE
    if not path.is_file():
        raise Misconfigured(f"no {MAILBOXES_FILE} in {place.root}: nothing to follow")
    boxes = parse_mailboxes(read_toml(path), str(path))
    desk = Desk(place, as_json)
    if once:
        for box in boxes.values():
            with connected(box) as mailbox:
                while take_new(box, mailbox, lambda mails, box=box: desk.take(box, mails)):  # type: ignore[misc]
                    pass
        return
    _follow_all(boxes, desk)


def _follow_all(boxes: dict[str, Mailbox], desk: Desk) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    threads = [
        threading.Thread(target=_follow_one, args=(name, box, desk, stop), daemon=True)
        for name, box in boxes.items()
    ]
    for thread in threads:
        thread.start()
    while not stop.wait(1.0) and any(t.is_alive() for t in threads):
        pass
    for thread in threads:
        thread.join(timeout=10)


def _follow_one(name: str, box: Mailbox, desk: Desk, stop: threading.Event) -> None:
    """Follow; where the server fails, again after a pause that grows."""
    pause_s = FIRST_PAUSE_S
    while not stop.is_set():
        started = datetime.now(UTC)
        try:
            follow(
                box,
                lambda mails: desk.take(box, mails),
                stop.is_set,
                lambda seconds: _wait(stop, seconds),
            )
        except RemoteFault as wrong:
            log.warning("mailbox failed", mailbox=name, reason=str(wrong), again_in_s=pause_s)
            stop.wait(pause_s)
            lasted = (datetime.now(UTC) - started).total_seconds()
            pause_s = (
                FIRST_PAUSE_S if lasted > LONGEST_PAUSE_S else min(pause_s * 2, LONGEST_PAUSE_S)
            )


def _wait(stop: threading.Event, seconds: float) -> None:
    stop.wait(seconds)
