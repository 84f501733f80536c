"""Upstream: an outside source that reaches suspects, and hardly anyone else.

Sees       sources whose visits were answered by more suspects than chance would give, told
           apart from those who try everybody's doors (testers)
Misses     a driver that shares its address with a crowd (a big proxy or NAT of its own)
Mistakes   a lawful service with few customers that all happen to be hijacked
Next step  block the driver at the edge; tell its provider; watch whom it visits next
Source     R. A. Fisher 1935 (exact test); Benjamini and Hochberg 1995
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Bools, Floats, Ints, bools, codes, floats, ints
from headwater.measures.enrichment import false_discovery, log10_hypergeometric_tail
from headwater.measures.odds import LOG10, logit, probabilities
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

SUSPECT: Final = 0.3  # confidence from which a host counts here: company tells more than one
PRIOR: Final = 0.01  # of sources that reached a suspect, how many drive it
CAPPED_EVIDENCE: Final = 6.0
LEAST_CONFIDENCE: Final = 0.5

# A driver works through a list of proxies that answer. A tester draws up that list: it tries
# many doors, and most stay shut.
TESTER_TRIES: Final = 12
TESTER_ANSWERED: Final = 0.5
# What reaches a proxy's relay port and is a fair part of all it receives is its driver's.
FAIR_SHARE: Final = 0.25
GRIP_WEIGHT: Final = 5.0
MOST_GRIP: Final = 3.0
# Who tries everybody and talks to the very ports where suspects relay is looking for them.
TESTER_PRIOR: Final = 0.1
TEST_WEIGHT: Final = 1.5
FEWEST_SESSIONS: Final = 3


class Visits:
    """Pairs (source, own host) as columns, sorted by source."""

    def __init__(self, answer: pa.Table) -> None:
        source, self.sources = codes(answer, "source")
        order = np.argsort(source, kind="stable")
        host, self.hosts = codes(answer, "host")
        confidence = floats(answer, "confidence")[order]
        self.source: Ints = source[order]
        self.host: Ints = host[order]
        self.suspect: Bools = (np.nan_to_num(confidence) >= SUSPECT) | bools(answer, "relays")[
            order
        ]
        self._columns = {
            name: ints(answer, name)[order]
            for name in (
                "reached", "bytes", "up_bytes", "first_seen", "last_seen", "on_relay_port",
                "received",
            )
        }  # fmt: skip
        self.all_hosts, self.all_suspects, self.all_sources = (
            int(ints(answer, name).max(initial=0)) for name in ("hosts", "suspects", "sources")
        )

    def __getitem__(self, name: str) -> Ints:
        return self._columns[name]

    @property
    def met(self) -> Bools:
        """Pairs in which the host answered."""
        return self["reached"] > 0

    def per_source(self, chosen: Bools) -> Ints:
        """How many chosen pairs each source has."""
        counts = np.bincount(self.source[chosen], minlength=len(self.sources))
        return counts.astype(np.int64)


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """Findings about sources (drivers, testers), then about the hosts drivers reach."""
    if not answer.num_rows:
        return
    visits = Visits(answer)
    tried = visits.per_source(np.ones(len(visits.source), bool))
    met = visits.per_source(visits.met)
    sick = visits.per_source(visits.met & visits.suspect)
    tails = log10_hypergeometric_tail(met, sick, visits.all_suspects, visits.all_hosts)
    surprise = -false_discovery(tails, visits.all_sources)
    tester = (tried >= TESTER_TRIES) & (met < TESTER_ANSWERED * tried)
    grip: Floats = GRIP_WEIGHT * np.minimum(_grip(visits), MOST_GRIP)
    told = logit(PRIOR) + LOG10 * np.minimum(surprise, CAPPED_EVIDENCE) + grip
    confidence = probabilities(np.asarray(told, np.float64))
    tests = visits.per_source(visits.suspect & (visits["on_relay_port"] > 0))
    tested = probabilities(np.asarray(logit(TESTER_PRIOR) + TEST_WEIGHT * tests, np.float64))
    confidence = np.where(tester & (tests > 0), np.maximum(confidence, tested), confidence)
    bounds = np.searchsorted(visits.source, np.arange(len(visits.sources) + 1))
    for number in np.flatnonzero(confidence >= LEAST_CONFIDENCE):
        pairs = slice(int(bounds[number]), int(bounds[number + 1]))
        counts = (int(tried[number]), int(met[number]), int(sick[number]))
        role = "tester" if tester[number] else "driver"
        yield _source_finding(
            visits,
            pairs,
            role,
            float(confidence[number]),
            counts,
            float(surprise[number]),
            window,
        )
    driving = np.flatnonzero((confidence >= LEAST_CONFIDENCE) & ~tester)
    yield from _driven(visits, driving, met, sick, window)


def _grip(visits: Visits) -> Floats:
    """For each source: how many suspects' relays it keeps busy, by its part of their load."""
    share = visits["bytes"] / np.maximum(visits["received"], 1)
    busy = visits.suspect & (visits["on_relay_port"] >= FEWEST_SESSIONS)
    part = np.where(busy, np.minimum(share / FAIR_SHARE, 1.0), 0.0)
    return np.bincount(visits.source, part, minlength=len(visits.sources)).astype(np.float64)


def _source_finding(
    visits: Visits,
    pairs: slice,
    role: str,
    confidence: float,
    counts: tuple[int, int, int],
    surprise: float,
    window: Window,
) -> Finding:
    tried, met, sick = counts
    used = visits.suspect[pairs] & visits.met[pairs]
    order = np.argsort(-visits["bytes"][pairs][used], kind="stable")
    hosts = visits.host[pairs][used][order]
    return Finding(
        detector=DETECTOR.name,
        subject=visits.sources[int(visits.source[pairs][0])],
        kind=role,
        confidence=confidence,
        window=window,
        summary=(
            f"reached {met} own hosts, {sick} of them suspects (of {visits.all_suspects} among"
            f" {visits.all_hosts}); tried {tried}"
        ),
        proof={
            "tried": tried,
            "met": met,
            "suspects_met": sick,
            "suspects": visits.all_suspects,
            "hosts": visits.all_hosts,
            "log10_q": round(-surprise, 2),
            "sessions": int(visits["reached"][pairs][used].sum()),
            "bytes": int(visits["bytes"][pairs][used].sum()),
            "bytes_in": int(visits["up_bytes"][pairs][used].sum()),
            "first_seen_us": int(visits["first_seen"][pairs][used].min(initial=window.end_us)),
            "last_seen_us": int(visits["last_seen"][pairs][used].max(initial=window.start_us)),
            "proxies": [visits.hosts[int(host)] for host in hosts],
        },
    )


def _driven(
    visits: Visits, driving: Ints, met: Ints, sick: Ints, window: Window
) -> Iterator[Finding]:
    """For each host a driver reaches: how sure its *other* hosts make us of the driver.

    The host itself is left out of the count, or its own suspicion would come back to it.
    """
    pairs = np.flatnonzero(np.isin(visits.source, driving) & visits.met)
    own = visits.suspect[pairs].astype(np.int64)
    source = visits.source[pairs]
    other_met, other_sick = met[source] - 1, sick[source] - own
    surprise = np.zeros(len(pairs))
    for mine in (0, 1):
        here = own == mine
        surprise[here] = -log10_hypergeometric_tail(
            other_met[here], other_sick[here], visits.all_suspects - mine, visits.all_hosts - 1
        )
    order = np.argsort(visits.host[pairs], kind="stable")
    edges = np.flatnonzero(np.diff(visits.host[pairs][order])) + 1
    for here in np.split(order, edges) if len(order) else []:
        yield _driven_finding(visits, pairs[here], surprise[here], other_sick[here], window)


def _driven_finding(
    visits: Visits, pairs: Ints, surprise: Floats, other_sick: Ints, window: Window
) -> Finding:
    best = int(np.argmax(surprise))
    drivers = [visits.sources[int(source)] for source in visits.source[pairs]]
    weight = LOG10 * min(float(surprise[best]), CAPPED_EVIDENCE)
    return Finding(
        detector=DETECTOR.name,
        subject=visits.hosts[int(visits.host[pairs[0]])],
        kind="driven",
        confidence=float(probabilities(np.array([logit(PRIOR) + weight]))[0]),
        window=window,
        summary=(
            f"visited by {drivers[best]}, which drives {int(other_sick[best])} other suspects"
        ),
        proof={
            "drivers": drivers,
            "other_suspects": int(other_sick[best]),
            "log10_chance": round(-float(surprise[best]), 2),
            "sessions": int(visits["reached"][pairs].sum()),
            "bytes": int(visits["bytes"][pairs].sum()),
            "share_of_load": round(
                float(
                    visits["bytes"][pairs].sum() / max(int(visits["received"][pairs].max()), 1)
                ),
                3,
            ),
            "first_seen_us": int(visits["first_seen"][pairs].min()),
            "last_seen_us": int(visits["last_seen"][pairs].max()),
        },
    )


DETECTOR = Detector(name="upstream", question="upstream.sql", weigh=weigh)
