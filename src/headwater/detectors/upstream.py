"""Upstream: an outside source that reaches suspects, and hardly anyone else.

Sees       sources whose visits were answered by more suspects than chance would give, told
           apart from those who try everybody's doors (testers) and from the crowd at open
           proxies, who use few of them: crews and proxies are asked about in turn, until
           neither changes; who works through the hosts that other drivers do, or finds them at
           one port; drivers that change their address within a network or a provider's
Misses     a driver that shares its address with a crowd (a big proxy or NAT of its own), or
           that uses no more of the open proxies than the public does
Mistakes   a lawful service with few customers that all happen to be hijacked
Next step  block the driver at the edge; tell its provider; watch whom it visits next
Source     J. Kleinberg, Authoritative Sources, J. ACM 46, 1999; I. J. Good 1950
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures import votes
from headwater.measures.aim import Aim
from headwater.measures.busiest import beside_the_busiest
from headwater.measures.columns import Bools, Floats, Ints, codes, ints
from headwater.measures.crews import Pairs, Told, crews
from headwater.measures.odds import logit, probabilities
from headwater.measures.prefixes import network_of
from headwater.measures.rotation import PROVIDER, in_turns, share_of_load
from headwater.measures.visits import Visits, joined, visits_in
from headwater.measures.vouching import by_others
from headwater.measures.working import WORKED_US, grip, works
from headwater.records.detector import Detector
from headwater.records.finding import Finding, ProofValue
from headwater.records.window import Window

SUSPECT: Final = 0.3  # confidence from which a host counts here: company tells more than one
FAINT: Final = 0.1  # from which it counts where many are only faintly suspected
RELAYS: Final = 0.9  # that a host is sick whose relaying was seen: strangers use it, surely
MOST_ODDS: Final = 10.0  # no company proves more than one in twenty thousand
LEAST_CONFIDENCE: Final = 0.5

# A driver works through a list of proxies that answer. A tester draws up that list: it tries
# many doors, and most stay shut.
TESTER_TRIES: Final = 12
TESTER_ANSWERED: Final = 0.5
# Unless it tries the sick further than chance would: proxies that fell silent are still on the
# list of one who works with the others. Even odds, as the prior is in them.
AIMED: Final = 0.0
GRIP_WEIGHT: Final = 5.0
MOST_GRIP: Final = 3.0
# Who tries everybody and talks to the very ports where suspects relay is looking for them.
TESTER_PRIOR: Final = 0.1
TEST_WEIGHT: Final = 1.5
# Addresses among which a driver hides carry its traffic; a driver's neighbours who only use
# the same proxies carry little of it.
TOGETHER: Final = 0.3
# Who is told by what others say of hosts may hear what is wrong of both: four to one, with two
# hosts at least that are suspects without it. Each round hears those of the round before.
HEARSAY: Final = 1.4
FEWEST_SICK: Final = 2
HEARINGS: Final = 5
# What serves a crowd is nobody's own, however much one of it downloads: some like films. Three
# who do nothing else are the first that sampling leaves of a crowd.
CROWD: Final = 3.0
PUBLIC: Final = 8  # others from which a host is open to all


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What the visits say of each party."""

    tried: Ints
    met: Ints
    sick: Ints
    log_odds: Floats  # natural logarithm: that it drives, by whom it visits
    confidence: Floats
    public: Bools  # of each pair, whether its host is open to all
    tester: Bools

    @property
    def drives(self) -> Bools:
        return np.asarray((self.confidence >= LEAST_CONFIDENCE) & ~self.tester)


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
    alone = _weighed(visits)
    party, parties = _parties(visits, alone, providers)
    by_party = joined(visits, party, parties)
    judged = _heard(by_party, _weighed(by_party))
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


def _weighed(visits: Visits) -> Weighed:
    tried = visits.per_party(np.ones(len(visits.party), bool))
    met = visits.per_party(visits.met)
    sick = visits.per_party(visits.met & visits.suspect)
    aim = Aim.of(visits)
    company = _company(visits, aim)
    nobody = np.zeros(len(visits.party))
    tester = (tried >= TESTER_TRIES) & (met < TESTER_ANSWERED * tried)
    tester &= ~works(visits, sick, grip(visits, nobody, WORKED_US))
    tester &= aim.of_those_tried(tester) < AIMED
    own = grip(visits, np.minimum(company.crowd / CROWD, 1.0))
    held: Floats = GRIP_WEIGHT * np.minimum(own, MOST_GRIP)
    odds = np.minimum(company.log_odds, MOST_ODDS)
    confidence = probabilities(np.asarray(odds + held, np.float64))
    tests = visits.per_party(visits.suspect & (visits["on_relay_port"] > 0))
    tested = probabilities(np.asarray(logit(TESTER_PRIOR) + TEST_WEIGHT * tests, np.float64))
    confidence = np.where(tester & (tests > 0), np.maximum(confidence, tested), confidence)
    return Weighed(
        tried=tried,
        met=met,
        sick=sick,
        log_odds=odds,
        confidence=confidence,
        public=company.crowd >= PUBLIC,
        tester=tester,
    )


def _heard(visits: Visits, judged: Weighed) -> Weighed:
    """The same, and who drives if it is true what drivers say of hosts by going there.

    Or what it says of a host that it serves where proxies do that its visitor uses as well.
    """
    for _ in range(HEARINGS):
        told = by_others(visits, judged.drives, judged.confidence)
        heard = replace(visits, confidence=told, faint=visits.faint | (told >= FAINT))
        again = _weighed(heard)
        more = again.drives & ~judged.drives & ~judged.tester
        more &= (again.log_odds >= HEARSAY) & (judged.sick >= FEWEST_SICK)
        if not more.any():
            break
        judged = replace(
            judged,
            confidence=np.where(more, again.confidence, judged.confidence),
            log_odds=np.where(more, again.log_odds, judged.log_odds),
        )
    return judged


def _company(visits: Visits, aim: Aim) -> Told:
    """What the hosts that each party met say of it, and how crowded each host is.

    Chance goes where others go; a crew goes to nobody but its own, or hardly.
    """
    near = visits.met & visits.faint
    names = [
        name if "/" in name or name.startswith(PROVIDER) else network_of(name)
        for name in visits.parties
    ]
    number = {name: at for at, name in enumerate(dict.fromkeys(names))}
    network = np.array([number[name] for name in names], np.int64)[visits.party[near]]
    kin = np.unique(network * len(visits.hosts) + visits.host[near], return_inverse=True)[1]
    pairs = Pairs(
        party=visits.party[near],
        host=visits.host[near],
        uses=visits.on_purpose[near],
        kin=kin,
        elsewhere=visits["elsewhere"][near],
        parties=len(visits.parties),
        hosts=len(visits.hosts),
    )
    told = crews(pairs, aim.of_those_met(), aim.drivers)
    crowd = np.zeros(len(visits.party))
    crowd[near] = told.crowd
    return replace(told, crowd=crowd)


def _parties(
    visits: Visits, alone: Weighed, providers: Sequence[str]
) -> tuple[Ints, list[str]]:
    """For each source its party: itself, or where a driver's many addresses hide.

    That is its network, or else its provider's autonomous system.
    """
    here = [network_of(source) for source in visits.parties]
    neighbours = _hidden(visits, alone, here)
    # Of a whole provider those alone who may hide there, and take turns.
    alike = _fits(visits, alone) & ~alone.drives & ~neighbours & (np.array(providers) != "")
    there = [
        name if may else itself
        for name, may, itself in zip(providers, alike.tolist(), visits.parties, strict=True)
    ]
    customers = alike & _hidden(visits, alone, there)
    customers &= in_turns(visits, customers, there)
    called = list(visits.parties)
    for member, names in ((neighbours, here), (customers, there)):
        for place in np.flatnonzero(member).tolist():
            called[place] = names[place]
    _, first, party = np.unique(called, return_index=True, return_inverse=True)
    # In the order of their first members, which is that of the visits.
    return first[party], called


def _private(visits: Visits, alone: Weighed) -> Bools:
    """Visits to proxies that do not serve the public: those, neighbours may visit by chance."""
    return np.asarray(visits.suspect & ~alone.public & visits.on_purpose)


def _fits(visits: Visits, alone: Weighed) -> Bools:
    """Sources that go to such proxies and hardly elsewhere."""
    used = visits.per_party(_private(visits, alone) & visits.met)
    return np.asarray((used > 0) & (2 * alone.sick >= alone.met) & ~alone.tester)


def _hidden(visits: Visits, alone: Weighed, names: Sequence[str]) -> Bools:
    """For each source, whether it is one of a driver's addresses; ``names``: where it is."""
    private, fits = _private(visits, alone), _fits(visits, alone)
    groups, group = np.unique(names, return_inverse=True)
    whole = _weighed(
        joined(replace(visits, suspect=private, faint=private), group, groups.tolist())
    )
    members = np.bincount(group[fits], minlength=len(groups))
    unseen = private & (fits & ~alone.drives)[visits.party]
    carries = share_of_load(visits, unseen, group) >= TOGETHER
    return np.asarray(fits & ((members >= 2) & whole.drives & carries)[group])


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
