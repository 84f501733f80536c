"""Fed: who drives other hosts hands mail to this one, which sends mail out.

Sees       sampled records alone: at port 25 of an own host that meets mail servers itself, an
           outsider that drives several suspects. Mail is delivered to everyone, so no driver
           is told by it; but who is one, and brings most of what is brought there, uses it
Misses     open relays whose drivers use nothing else here; hosts of which hardly a delivery
           was sampled
Mistakes   a mail server at home to which a driver writes, and hardly anybody else
Next step  see who else hands mail to the host, and whether what it sends is refused
Source     I. J. Good, Probability and the Weighing of Evidence, 1950
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Final, NamedTuple

import pyarrow as pa

from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

FEWEST_OTHERS: Final = 3  # suspects, before an outsider is surely their driver
FEWEST_SESSIONS: Final = 2  # a letter to the owner comes alone


class Brought(NamedTuple):
    """What one driver brought to one host's port 25, times in microseconds."""

    host: str
    source: str
    sessions: int
    bytes: int
    received: int  # from all who bring mail
    first_seen: int
    last_seen: int
    confidence: float  # that the source drives
    sick: int  # suspects that it visited otherwise
    share: float  # of what it visits, how much is sick, as these tell
    unshown: float  # and of what shows nothing


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host that drivers of others feed."""
    rows = (Brought(**row) for row in answer.to_pylist())
    for host, brought in groupby(rows, key=lambda row: row.host):
        finding = judge(host, list(brought), window)
        if finding:
            yield finding


def judge(host: str, brought: list[Brought], window: Window) -> Finding | None:
    """The opinion on one host; the host itself may be among a driver's suspects."""
    drivers = [row for row in brought if row.sick - 1 >= FEWEST_OTHERS]
    sessions = sum(row.sessions for row in drivers)
    if sessions < FEWEST_SESSIONS:
        return None
    best = max(drivers, key=lambda row: (row.sick, row.confidence, row.source))
    load = sum(row.bytes for row in drivers)
    return Finding(
        detector=DETECTOR.name,
        subject=host,
        kind="driven",
        confidence=max(row.confidence for row in drivers),
        window=window,
        summary=f"is handed mail by {best.source}, which drives {best.sick - 1} other suspects",
        proof={
            "drivers": [row.source for row in drivers],
            "other_suspects": best.sick - 1,
            "share": best.share,
            "unshown": best.unshown,
            "sessions": sessions,
            "bytes": load,
            "sampled": True,
            "for_all": True,  # as mail is: a driver's, too
            "share_of_load": round(load / max(brought[0].received, 1), 3),
            "first_seen_us": min(row.first_seen for row in drivers),
            "last_seen_us": max(row.last_seen for row in drivers),
        },
    )


DETECTOR = Detector(name="fed", question="fed.sql", weigh=weigh)
