"""Upstream: an outside source that reaches suspects, and hardly anyone else.

Sees       sources whose visits were answered by more suspects than chance would give, told
           apart from those who try everybody's doors (testers) and from the crowd at open
           proxies, who use few of them: crews and proxies are asked about in turn, until
           neither changes; who works through the hosts that other drivers do, or finds them at
           one port; drivers that change their address within a network or a provider's; for
           whom a suspect sends mail on, visit by visit, whatever crowd comes there
Misses     a driver that shares its address with a crowd (a big proxy or NAT of its own), or
           that uses no more of the open proxies than the public does, and not for mail
Mistakes   a lawful service with few customers that all happen to be hijacked; who brings mail
           to an open relay whose owner has a fair part of it forwarded
Next step  block the driver at the edge; tell its provider; watch whom it visits next
Source     J. Kleinberg, Authoritative Sources, J. ACM 46, 1999; I. J. Good 1950
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures import votes
from headwater.measures.aim import Aim
from headwater.measures.busiest import beside_the_busiest
from headwater.measures.columns import Floats, Ints, codes, ints
from headwater.measures.driving import (
    FAINT,
    LEAST_CONFIDENCE,
    Weighed,
    heard,
    mailed_for,
    weighed,
)
from headwater.measures.hideouts import parties_of
from headwater.measures.odds import probabilities
from headwater.measures.rotation import PROVIDER
from headwater.measures.visits import Visits, joined, visits_in
from headwater.records.detector import Detector
from headwater.records.finding import Finding, ProofValue
from headwater.records.window import Window

SUSPECT: Final = 0.3  # confidence from which a host counts here: company tells more than one
RELAYS: Final = 0.9  # that a host is sick whose relaying was seen: strangers use it, surely


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Of pairs of a driver and a host, what the other hosts say that the driver met."""

    pairs: Ints
    party: Ints
    suspects: Ints  # among them
    sure: Floats  # that the party drives
    share: Floats  # of its hosts, how many are sick: measures/votes.py
    unshown: Floats  # and of those who show nothing

    def of(self, party: int) -> dict[str, ProofValue]:
        """What a party's hosts tell of one more, whichever of them that is."""
        its = self.party == party
        named = ("share", self.share), ("unshown", self.unshown)
        return {name: round(float(of[its].min(initial=1.0)), 4) for name, of in named}


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """Findings about sources (drivers, testers), then about the hosts drivers reach."""
    if not answer.num_rows:
        return
    visits = visits_in(answer, SUSPECT, FAINT, RELAYS)
    providers = _providers(answer, visits)
    del answer  # half of the memory, and of no further use
    alone = weighed(visits)
    party, parties, relieved = parties_of(visits, alone, providers)
    by_party = joined(visits, party, parties)
    judged = heard(by_party, weighed(by_party, relieved), relieved)
    judged = mailed_for(by_party, judged)
    confidence = judged.confidence[party]
    parts = beside_the_busiest(visits, party, by_party, judged.drives)
    others = _others(by_party, judged)
    bounds = np.searchsorted(visits.party, np.arange(len(visits.parties) + 1))
    for number in np.flatnonzero(confidence >= LEAST_CONFIDENCE):
        pairs = slice(int(bounds[number]), int(bounds[number + 1]))
        which = int(party[number])
        found = _source_finding(visits, pairs, parts, alone, judged, by_party, which, window)
        yield replace(found, proof={**found.proof, **others.of(which)})
    yield from _driven(visits, by_party, judged, others, party, window)


def _source_finding(
    visits: Visits,
    pairs: slice,
    parts: Floats,
    alone: Weighed,
    judged: Weighed,
    parties: Visits,
    which: int,
    window: Window,
) -> Finding:
    number = int(visits.party[pairs][0])
    source, party = visits.parties[number], parties.parties[which]
    tried, met, sick = (int(each[number]) for each in (alone.tried, alone.met, alone.sick))
    used = visits.suspect[pairs] & visits.met[pairs]
    order = np.argsort(-visits["bytes"][pairs][used], kind="stable")
    hosts = visits.host[pairs][used][order]
    within = f"; its network {party} reached {int(judged.sick[which])} suspects"
    return Finding(
        detector=DETECTOR.name,
        subject=source,
        kind="tester" if judged.tester[which] else "driver",
        confidence=float(judged.confidence[which]),
        window=window,
        summary=(
            f"reached {met} own hosts, {sick} of them suspects (of {visits.all_suspects} among"
            f" {visits.all_hosts}); tried {tried}" + (within if party != source else "")
        ),
        proof={
            "tried": tried,
            "met": met,
            "suspects_met": sick,
            "suspects": visits.all_suspects,
            "hosts": visits.all_hosts,
            "log_odds": round(float(judged.log_odds[which]), 2),
            "network": party if party != source else None,
            "sessions": int(visits["reached"][pairs][used].sum()),
            "bytes": int(visits["bytes"][pairs][used].sum()),
            "bytes_in": int(visits["up_bytes"][pairs][used].sum()),
            "first_seen_us": int(visits["first_seen"][pairs][used].min(initial=window.end_us)),
            "last_seen_us": int(visits["last_seen"][pairs][used].max(initial=window.start_us)),
            "proxies": [visits.hosts[int(host)] for host in hosts],
            "parts": [round(float(part), 3) for part in parts[pairs][used][order]],
        },
    )


def _driven(
    visits: Visits,
    parties: Visits,
    judged: Weighed,
    others: Others,
    party: Ints,
    window: Window,
) -> Iterator[Finding]:
    """For each host a driver reaches: how sure its *other* hosts make us of the driver.

    The host itself is left out of the count, or its own suspicion would come back to it.
    """
    pairs = others.pairs
    order = np.argsort(parties.host[pairs], kind="stable")
    edges = np.flatnonzero(np.diff(parties.host[pairs][order])) + 1
    addresses = _addresses(visits, judged, party)
    for here in np.split(order, edges) if len(order) else []:
        host = int(parties.host[pairs[here[0]]])
        best = int(here[np.argmax((others.sure * others.share)[here])])
        yield _driven_finding(parties, pairs[here], others, best, addresses[host], window)


def _others(parties: Visits, judged: Weighed) -> Others:
    """What of each host that a driver met its other hosts say."""
    pairs = np.flatnonzero(judged.drives[parties.party] & parties.met)
    which, voices = parties.party[pairs], Aim.of(parties).ratios[pairs]
    own = np.log1p(votes.SHARES[0] * (voices - 1.0))
    share, unshown = np.zeros(len(pairs)), np.zeros(len(pairs))
    firsts = np.flatnonzero(np.diff(which, prepend=-1, append=-1))
    for its in (slice(int(a), int(b)) for a, b in pairwise(firsts)):
        sick = parties.confidence[pairs[its]]
        share[its], unshown[its] = votes.others_share(voices[its], sick)
    return Others(
        pairs=pairs,
        party=which,
        suspects=judged.sick[which] - parties.suspect[pairs],
        sure=probabilities(np.asarray(judged.log_odds[which] - own, np.float64)),
        share=share,
        unshown=unshown,
    )


def _addresses(visits: Visits, judged: Weighed, party: Ints) -> dict[int, list[str]]:
    """For each host the drivers that reached it, address by address."""
    chosen = np.flatnonzero(judged.drives[party[visits.party]] & visits.met)
    by_host: dict[int, list[str]] = {}
    for pair in chosen:
        names = by_host.setdefault(int(visits.host[pair]), [])
        names.append(visits.parties[int(visits.party[pair])])
    return by_host


def _driven_finding(
    parties: Visits,
    pairs: Ints,
    others: Others,
    best: int,
    drivers: list[str],
    window: Window,
) -> Finding:
    """``best``: of ``others``, those of the driver that tells most."""
    name, suspects = parties.parties[int(others.party[best])], int(others.suspects[best])
    load = int(parties["bytes"][pairs].sum())
    return Finding(
        detector=DETECTOR.name,
        subject=parties.hosts[int(parties.host[pairs[0]])],
        kind="driven",
        confidence=float(others.sure[best]),
        window=window,
        summary=f"visited by {name}, which drives {suspects} other suspects",
        proof={
            "drivers": drivers,
            "other_suspects": suspects,
            "share": round(float(others.share[best]), 4),
            "unshown": round(float(others.unshown[best]), 4),
            "sessions": int(parties["reached"][pairs].sum()),
            "bytes": load,
            "sampled": bool((parties["sampling"][pairs] > 1).any()),
            "share_of_load": round(load / max(int(parties["received"][pairs].max()), 1), 3),
            "first_seen_us": int(parties["first_seen"][pairs].min()),
            "last_seen_us": int(parties["last_seen"][pairs].max()),
        },
    )


def _providers(answer: pa.Table, visits: Visits) -> list[str]:
    """Of each source the autonomous system, where somebody looked it up."""
    if "as_number" not in answer.column_names:
        return [""] * len(visits.parties)
    number = np.zeros(len(visits.parties), np.int64)
    number[codes(answer, "source")[0]] = ints(answer, "as_number")
    return [f"{PROVIDER}{each}" if each else "" for each in number.tolist()]


DETECTOR = Detector(name="upstream", question="upstream.sql", weigh=weigh)
