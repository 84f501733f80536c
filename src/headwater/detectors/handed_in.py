"""Handed in: the letters that this host mails were brought to one of its ports before.

Sees       visits to a port that is not mail's, a web site's or SSH's, each followed within
           an hour by letters as long as what the visitor brought; a batch or two will do. Store
           and forward: the letters leave minutes later, and `relay` looks at seconds
Misses     sampled records, of which no sizes can be compared; letters that are built from a
           list and a template; what more than three outsiders bring to a port of the web
Mistakes   a program of the owner's that is told by a port of its own what to mail
Next step  look at who brought them, and to whom else he goes
Source     I. J. Good, Probability and the Weighing of Evidence, 1950; H. Chernoff, Annals of
           Mathematical Statistics 23, 1952
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Bools, Floats, Ints, codes, ints, is_text
from headwater.measures.coupling import HEADER_OCTETS, alike, log10_bound, tolerance
from headwater.measures.odds import LOG10, logit, probability
from headwater.measures.prefixes import network_of
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

WITHIN_US: Final = 3_600_000_000
MOSTLY: Final = 0.5  # of the letters, and of what was brought
# What people bring to ports of no service is 1.5 thousand octets to 10 million, and more often
# little: half of it, it is taken, anywhere in there.
SPREAD: Final = math.log(1e7 / 1500) / 2
ONE_SIZE: Final = 2.0  # -log10: however often, letters of one length are one coincidence
CAPPED_EVIDENCE: Final = 4.0
PRIOR: Final = 0.01  # as of `relay`
# Of hosts that mail what their owners do not know of: see measures/feeding.py.
HANDED_IN: Final = 0.4
UNLIKE: Final = 0.2  # natural logarithm: of letters that differ by a fifth
MOST: Final = 6.0  # by sizes and hours alone: some owner's program may do the same
COMPARED: Final = 10_000_000  # letters times visits: who mails that much shows it otherwise
MOST_PEERS: Final = 50  # named in the proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Visits of one port, or a host's letters: one element each."""

    row: Ints
    opened_us: Ints
    octets: Ints  # headers too
    packets: Ints

    @property
    def carried(self) -> Floats:
        return np.asarray(self.octets - HEADER_OCTETS * self.packets, np.float64)


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each port to which letters are brought before they are mailed."""
    if not answer.num_rows:
        return
    host, hosts = codes(answer, "host")
    peer, peers = codes(answer, "peer")
    inward, port = is_text(answer, "leg", "in"), ints(answer, "port")
    columns = [ints(answer, name) for name in ("opened_at", "octets", "packets")]

    def of(row: Ints) -> Sessions:
        opened, octets, packets = (column[row] for column in columns)
        return Sessions(row=row, opened_us=opened, octets=octets, packets=packets)

    order = np.argsort(host, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(host[order])) + 1):
        came, letters = rows[inward[rows]], of(rows[~inward[rows]])
        doors = {door: of(came[port[came] == door]) for door in np.unique(port[came]).tolist()}
        tried = {door: visits for door, visits in doors.items() if _before(visits, letters)}
        for door, visits in tried.items():
            handed = judge(visits, letters, len(tried))
            if handed.weight <= 0.0:
                continue
            proof = {"port": door, **_proof(visits, letters, handed)}
            yield Finding(
                detector=DETECTOR.name,
                subject=hosts[host[rows[0]]],
                kind="carries",
                confidence=probability(logit(PRIOR) + LOG10 * handed.evidence),
                window=window,
                summary=(
                    f"{proof['letters']} of {proof['mailed']} letters are as long as what was"
                    f" brought to port {door} before, in {proof['batches']} of"
                    f" {proof['visits']} visits; chance gives {handed.by_chance:.1f}"
                ),
                proof=proof | _visitors([peers[code] for code in peer[visits.row].tolist()]),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What was brought to a port and mailed, and what that says."""

    visits: Ints  # which visits
    letters: Ints  # which letters
    by_chance: float  # of the visits
    evidence: float  # -log10 of the chance
    weight: float


def judge(visits: Sessions, letters: Sessions, doors: int) -> Handed:
    """Which letters were brought, to one of so many ``doors`` of the host."""
    within = _within(visits, letters)
    letter, visit = np.nonzero(within)
    same = alike(
        letters.octets[letter],
        letters.packets[letter],
        visits.octets[visit],
        visits.packets[visit],
    )
    letter, visit = letter[same], visit[same]
    # Of each letter the last visit that may have brought it; of two at one instant the first.
    order = np.lexsort((-visit, visits.opened_us[visit], letter))
    last = np.diff(letter[order], append=-1) != 0
    brought, handed = letter[order][last], np.unique(visit[order][last])
    shares = len(brought) / len(letters.row), len(handed) / len(visits.row)
    if min(shares) < MOSTLY:  # that tells nothing, however unlikely it is
        return Handed(visits=handed, letters=brought, by_chance=0.0, evidence=0.0, weight=0.0)
    chance = np.array(
        [_covered(letters.carried[now], letters.packets[now]) for now in within.T]
    )
    once = ONE_SIZE * len(np.unique(np.log(visits.carried[handed]) // UNLIKE))
    enough = min(_unlikely(len(handed), chance), once, CAPPED_EVIDENCE)
    evidence = enough - math.log10(doors)
    return Handed(
        visits=handed,
        letters=brought,
        by_chance=float(chance.sum()),
        evidence=evidence,
        weight=min(math.log(HANDED_IN) + LOG10 * evidence, MOST),
    )


def _within(visits: Sessions, letters: Sessions) -> Bools:
    waits = letters.opened_us[:, None] - visits.opened_us
    return np.asarray((waits > 0) & (waits <= WITHIN_US))


def _before(visits: Sessions, letters: Sessions) -> bool:
    """Whether any of these letters may have been brought by any of these visits."""
    few = len(visits.row) * len(letters.row) <= COMPARED
    return few and bool(_within(visits, letters).any())


def _covered(carried: Floats, packets: Ints) -> float:
    """How likely what was brought is as long as one of these letters, by chance."""
    doubt = tolerance(carried, packets, packets)
    begin, end = np.log(np.maximum(carried - doubt, 1.0)), np.log(carried + doubt)
    order = np.argsort(begin)
    begin, end = begin[order], end[order]
    # From where the letters before it end, of what each covers.
    so_far = np.append(-np.inf, np.maximum.accumulate(end)[:-1])
    return min(float(np.maximum(end - np.maximum(begin, so_far), 0.0).sum()) / SPREAD, 1.0)


def _unlikely(hits: int, chance: Floats) -> float:
    """-log10 of the chance that so many visits hit, each of such a chance: an upper bound."""
    visits, mean = len(chance), max(float(chance.mean()), 1e-3)
    return -float(log10_bound(np.float64(visits), np.float64(hits / visits), np.float64(mean)))


def _proof(visits: Sessions, letters: Sessions, handed: Handed) -> dict[str, Any]:
    opened, left = visits.opened_us[handed.visits], letters.opened_us[handed.letters]
    before = np.searchsorted(np.sort(opened), left, side="left") - 1
    lag_us = np.median(left - np.sort(opened)[np.maximum(before, 0)])
    return {
        "leg": "in",
        "sampled": False,
        "lasting": False,
        "front": False,
        "outside_share": 1.0,
        "weight": round(handed.weight, 2),
        "log10_chance": round(-handed.evidence, 2),
        "by_chance": round(handed.by_chance, 2),
        "letters": len(handed.letters),
        "mailed": len(letters.row),
        "batches": len(handed.visits),
        "visits": len(visits.row),
        "lag_s": max(round(float(lag_us) / 1e6), 1),
        "onward_mail": len(handed.letters),
        "first_visit_us": int(visits.opened_us.min()),
        "first_seen_us": int(opened.min()),
        "last_seen_us": int(left.max()),
    }


def _visitors(names: list[str]) -> dict[str, Any]:
    came = Counter(names)
    return {
        "visitors": len(came),
        "visitors_served": len(came),
        "networks_served": len({network_of(name) for name in came}),
        "passed_for": {name: float(n) for name, n in came.most_common(MOST_PEERS)},
    }


DETECTOR = Detector(name="handed_in", question="handed_in.sql", weigh=weigh)
