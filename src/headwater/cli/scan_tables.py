"""Who scans, as tables for people: own hosts first, then outsiders."""

from datetime import tzinfo
from itertools import islice
from typing import Final

from headwater.cli.answer_tables import Sheet, listed
from headwater.cli.printing import Column
from headwater.outputs.wording import grouped, moment, share
from headwater.records.answer import Answer

PROTOCOLS: Final = {6: "tcp", 17: "udp"}
SHOWN_PORTS: Final = 3


def scanning(answer: Answer, zone: tzinfo, most: int | None = None) -> Sheet:
    """Own hosts that try many doors: infections to report."""
    return Sheet(
        title="Scanning hosts",
        columns=[
            _text("address"), _number("port"), _number("sure"), _number("tried"),
            _number("opened"), _number("per hour"), _text("since"), _text("until"),
        ],
        rows=[
            (
                s.address,
                f"{s.port}/{PROTOCOLS.get(s.protocol, s.protocol)}" if s.port else "many",
                share(s.confidence), grouped(s.targets), grouped(s.opened),
                grouped(round(s.per_hour)), moment(s.first_seen, zone),
                moment(s.last_seen, zone),
            )
            for s in islice(answer.scanning, most)
        ],
        needed=5,
        total=len(answer.scanning),
    )  # fmt: skip


def scanners(answer: Answer, zone: tzinfo, most: int | None = None) -> Sheet:
    """Outsiders that knock blindly; first those after whose visits something changed."""
    return Sheet(
        title="Scanners",
        columns=[
            _text("address"), _text("ports"), _number("sure"), _number("doors"),
            _number("dark"), _number("opened"), _number("changes"), _text("since"),
            _number("AS"), _text("in"),
        ],
        rows=[
            (
                s.address, listed([str(port) for port in s.ports[:SHOWN_PORTS]], ", "),
                share(s.confidence), grouped(s.doors), grouped(s.dark), grouped(s.opened),
                len(s.changed), moment(s.first_seen, zone), s.as_number or "-",
                s.country or "-",
            )
            for s in islice(answer.scanners, most)
        ],
        needed=7,
        total=len(answer.scanners),
    )  # fmt: skip


def _text(name: str) -> Column:
    return Column(name=name, whole=True)


def _number(name: str) -> Column:
    return Column(name=name, whole=True, right=True)


SCAN_SHEETS: Final = {"scanning hosts": scanning, "scanners": scanners}
