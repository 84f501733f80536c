"""Watched: what a reported host does for the first time after the report.

Sees       of hosts reported for malware or for scanning: a service port that outsiders use
           and nobody used before, the first mail of their own, the first call to a master
Misses     what changed before the report, or on hosts of which nothing was seen before it
Mistakes   a customer who sets up a server soon after a report; programs that change their
           port each time they start
Next step  look at what is new; ask the subscriber before it is abuse
Source     M. Bailey et al., A Survey of Botnet Technology and Defenses, CATCH 2009
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import pyarrow as pa

from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window, from_us

HISTORY_US: Final = 1_800_000_000  # seen for half an hour before: or everything would be new
FEWEST_VISITORS: Final = 2  # of a service: one alone may be its owner

# A report of malware tells more than one of scanning, and neither convicts; what follows the
# report in the way of hijacked hosts counts like evidence of its own.
REPORT_WEIGHTS: Final = {"malware": 2.0, "scan": 1.0}
CHANGE_WEIGHTS: Final = {"service": 1.5, "mail": 2.0, "master": 1.5}

Row = dict[str, Any]


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host on watch, also where nothing is new."""
    for host, rows in groupby(answer.to_pylist(), key=lambda row: str(row["host"])):
        yield judge(host, list(rows), window)


def judge(host: str, rows: Sequence[Row], window: Window) -> Finding:
    """What is new about one host; the rows are all of the host, sorted by time."""
    one = rows[0]
    changes = [row for row in rows if _is_new(row)]
    kinds = {row["what"] for row in changes}
    weight = REPORT_WEIGHTS.get(one["why"], 1.0) + sum(CHANGE_WEIGHTS[kind] for kind in kinds)
    since = f"{from_us(one['since_us']):%Y-%m-%d %H:%M} UTC"
    new = "; ".join(map(_words, changes)) or "nothing new since"
    return Finding(
        detector=DETECTOR.name,
        subject=host,
        kind="watched",
        confidence=1.0,
        window=window,
        summary=f"on watch since {since} ({one['why']}, says {one['told_by']}): {new}",
        proof={
            "reported": one["reported"],
            "since_us": one["since_us"],
            "why": one["why"],
            "told_by": one["told_by"],
            "reports": one["reports"],
            "changes": [
                {"what": row["what"], "port": row["port"], "first_us": row["first_us"]}
                for row in changes
            ],
            "weight": weight,
        },
    )


def _is_new(row: Row) -> bool:
    if row["what"] is None or row["first_us"] < row["since_us"]:
        return False
    known_before = row["met_us"] <= row["since_us"] - HISTORY_US
    return known_before and (row["what"] != "service" or row["others"] >= FEWEST_VISITORS)


def _words(row: Row) -> str:
    at = f"{from_us(row['first_us']):%m-%d %H:%M}"
    if row["what"] == "service":
        return f"new service on port {row['port']} at {at}, used by {row['others']} outsiders"
    if row["what"] == "mail":
        return f"first mail out at {at}, to {row['others']} servers"
    return f"first call to a master at {at}"


DETECTOR = Detector(name="watched", question="watched.sql", weigh=weigh)
