"""Upstream: an outside source that reaches suspects, and hardly anyone else.

Sees       sources whose visits were answered by more suspects than chance would give, told
           apart from those who try everybody's doors (testers) and from the public of open
           proxies, who use few of them; drivers that change their address within a network
Misses     a driver that shares its address with a crowd (a big proxy or NAT of its own), or
           that uses no more of the open proxies than the public does
Mistakes   a lawful service with few customers that all happen to be hijacked
Next step  block the driver at the edge; tell its provider; watch whom it visits next
Source     R. A. Fisher 1935 (exact test); Benjamini and Hochberg 1995
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Bools, Floats, Ints, bools, codes, floats, ints
from headwater.measures.enrichment import (
    false_discovery,
    log10_breadth_tail,
    log10_hypergeometric_tail,
)
from headwater.measures.odds import LOG10, logit, probabilities
from headwater.measures.prefixes import network_of
from headwater.measures.visits import Visits, joined
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

SUSPECT: Final = 0.3  # confidence from which a host counts here: company tells more than one
FAINT: Final = 0.1  # from which it counts where many are only faintly suspected
FAINT_DISCOUNT: Final = 0.31  # log10 of two questions asked instead of one
PRIOR: Final = 0.01  # of sources that reached a suspect, how many drive it
CAPPED_EVIDENCE: Final = 6.0
LEAST_CONFIDENCE: Final = 0.5

# A driver works through a list of proxies that answer. A tester draws up that list: it tries
# many doors, and most stay shut.
TESTER_TRIES: Final = 12
TESTER_ANSWERED: Final = 0.5
# A test is a few connections that fetch a page or hand in a mail; ten to each proxy, or what
# ten would carry, and a fortieth of its load are work. A tunnel is one long session.
WORKED: Final = 10
WORKED_OCTETS: Final = 2_000_000
HELD: Final = 0.1  # of a fair share
# What reaches a proxy's relay port and is a fair part of all it receives is its driver's.
FAIR_SHARE: Final = 0.25
GRIP_WEIGHT: Final = 5.0
MOST_GRIP: Final = 3.0
# Who tries everybody and talks to the very ports where suspects relay is looking for them.
TESTER_PRIOR: Final = 0.1
TEST_WEIGHT: Final = 1.5
FEWEST_SESSIONS: Final = 3
# Addresses among which a driver hides carry its traffic; a driver's neighbours who only use
# the same proxies carry little of it.
TOGETHER: Final = 0.3
# Whoever visits a proxy that serves the public is most likely one of the public. Occasional
# visitors make it public, who know few of the proxies that its busiest visitor knows: those
# who all know the same proxies drive them together. Of the public one is told by how many
# of its proxies he uses, and hardly by the load: some download films.
PUBLIC: Final = 8  # occasional visitors' networks
OCCASIONAL: Final = 0.5  # of the proxies that the busiest visitor uses
USUAL: Final = 3.0  # times the middle number of proxies: the public without its outliers


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What the visits say of each party."""

    tried: Ints
    met: Ints
    sick: Ints
    surprise: Floats  # -log10 of the false discovery rate
    confidence: Floats
    tester: Bools

    @property
    def drives(self) -> Bools:
        return np.asarray((self.confidence >= LEAST_CONFIDENCE) & ~self.tester)


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """Findings about sources (drivers, testers), then about the hosts drivers reach."""
    if not answer.num_rows:
        return
    visits = _read(answer)
    alone = _weighed(visits)
    party, parties = _parties(visits, alone)
    by_party = joined(visits, party, parties)
    judged = _weighed(by_party)
    confidence = judged.confidence[party]
    bounds = np.searchsorted(visits.party, np.arange(len(visits.parties) + 1))
    for number in np.flatnonzero(confidence >= LEAST_CONFIDENCE):
        pairs = slice(int(bounds[number]), int(bounds[number + 1]))
        which = int(party[number])
        role = "tester" if judged.tester[which] else "driver"
        yield _source_finding(visits, pairs, role, alone, judged, by_party, which, window)
    yield from _driven(visits, by_party, judged, party, window)


def _weighed(visits: Visits) -> Weighed:
    tried = visits.per_party(np.ones(len(visits.party), bool))
    met = visits.per_party(visits.met)
    sick = visits.per_party(visits.met & visits.suspect)
    surprise = np.maximum(
        _surprise(visits, visits.suspect, visits.all_suspects),
        _surprise(visits, visits.faint, visits.all_faint) - FAINT_DISCOUNT,
    )
    held = _grip(visits)
    tester = (tried >= TESTER_TRIES) & (met < TESTER_ANSWERED * tried)
    tester &= ~_works(visits, sick, held)
    grip: Floats = GRIP_WEIGHT * np.minimum(held, MOST_GRIP)
    told = logit(PRIOR) + LOG10 * np.minimum(surprise, CAPPED_EVIDENCE) + grip
    confidence = probabilities(np.asarray(told, np.float64))
    tests = visits.per_party(visits.suspect & (visits["on_relay_port"] > 0))
    tested = probabilities(np.asarray(logit(TESTER_PRIOR) + TEST_WEIGHT * tests, np.float64))
    confidence = np.where(tester & (tests > 0), np.maximum(confidence, tested), confidence)
    return Weighed(
        tried=tried, met=met, sick=sick, surprise=surprise, confidence=confidence, tester=tester
    )


def _surprise(visits: Visits, sick: Bools, suspects: int) -> Floats:
    """By suspects met, which nobody meets by chance; and by how many of those that all meet."""
    public = visits.met & visits.public & sick
    open_to_all = len(np.unique(visits.host[public]))
    tails = log10_hypergeometric_tail(
        visits.per_party(visits.met & ~public),
        visits.per_party(visits.met & sick & ~public),
        max(suspects - open_to_all, 0),
        max(visits.all_hosts - open_to_all, 1),
    )
    told = -false_discovery(tails, visits.all_sources)
    # How rare a driver is among so few, the prior says.
    told -= log10_breadth_tail(
        visits.party[public], visits.host[public], len(visits.parties), USUAL
    )
    return np.asarray(told, np.float64)


def _works(visits: Visits, sick: Ints, held: Floats) -> Bools:
    """Who works with proxies and does not just try them, though many on its list are dead."""
    used = visits.suspect & (visits["on_relay_port"] > 0)
    sessions, octets = (
        np.bincount(visits.party[used], visits[name][used], minlength=len(visits.parties))
        for name in ("on_relay_port", "bytes")
    )
    hosts = np.maximum(sick, 1)
    work = (sessions >= WORKED * hosts) | (octets >= WORKED_OCTETS * hosts)
    return np.asarray(work & (held >= HELD * hosts))


def _grip(visits: Visits) -> Floats:
    """For each party: how many suspects' relays it keeps busy, by its part of their load."""
    share = visits["bytes"] / np.maximum(visits["received"], 1)
    on_port = visits["on_relay_port"]
    work = (on_port >= FEWEST_SESSIONS) | ((on_port > 0) & (visits["bytes"] >= WORKED_OCTETS))
    # Of what serves the public only what goes beyond a fair part is somebody's own.
    fair = share / FAIR_SHARE - visits.public
    part = np.where(visits.suspect & work, np.clip(fair, 0.0, 1.0), 0.0)
    return np.bincount(visits.party, part, minlength=len(visits.parties)).astype(np.float64)


def _parties(visits: Visits, alone: Weighed) -> tuple[Ints, list[str]]:
    """For each source its party: itself, or a network that hides a driver's many addresses.

    Told by proxies that do not serve the public: those, neighbours may visit by chance.
    """
    private = visits.suspect & ~visits.public & visits.on_purpose
    names = [network_of(source) for source in visits.parties]
    networks, network = np.unique(names, return_inverse=True)
    whole = _weighed(
        joined(replace(visits, suspect=private, faint=private), network, networks.tolist())
    )
    used = visits.per_party(private & visits.met)
    fits = (used > 0) & (2 * alone.sick >= alone.met) & ~alone.tester
    hidden = fits & ~alone.drives
    members = np.bincount(network[fits], minlength=len(networks))
    carries = _share_of_load(visits, private & hidden[visits.party], network) >= TOGETHER
    member = fits & ((members >= 2) & whole.drives & carries)[network]
    itself = np.arange(len(names))
    first = np.full(len(networks), len(names))
    np.minimum.at(first, network[member], itself[member])
    party = np.where(member, first[network], itself)
    called = [
        names[place] if joins else str(visits.parties[place])
        for place, joins in enumerate(member.tolist())
    ]
    return party, called


def _share_of_load(visits: Visits, chosen: Bools, network: Ints) -> Floats:
    """Of what the hosts of each network's chosen pairs receive, the part of those pairs."""
    where = network[visits.party[chosen]]
    bytes_in = np.bincount(where, visits["bytes"][chosen], minlength=int(network.max()) + 1)
    pair = where * len(visits.hosts) + visits.host[chosen]
    each, first = np.unique(pair, return_index=True)
    loads = visits["received"][chosen][first]
    load = np.bincount(each // len(visits.hosts), loads, minlength=len(bytes_in))
    return np.asarray(bytes_in / np.maximum(load, 1.0), np.float64)


def _source_finding(
    visits: Visits,
    pairs: slice,
    role: str,
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
        kind=role,
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
            "log10_q": round(-float(judged.surprise[which]), 2),
            "network": party if party != source else None,
            "sessions": int(visits["reached"][pairs][used].sum()),
            "bytes": int(visits["bytes"][pairs][used].sum()),
            "bytes_in": int(visits["up_bytes"][pairs][used].sum()),
            "first_seen_us": int(visits["first_seen"][pairs][used].min(initial=window.end_us)),
            "last_seen_us": int(visits["last_seen"][pairs][used].max(initial=window.start_us)),
            "proxies": [visits.hosts[int(host)] for host in hosts],
        },
    )


def _driven(
    visits: Visits, parties: Visits, judged: Weighed, party: Ints, window: Window
) -> Iterator[Finding]:
    """For each host a driver reaches: how sure its *other* hosts make us of the driver.

    The host itself is left out of the count, or its own suspicion would come back to it.
    """
    pairs = np.flatnonzero(judged.drives[parties.party] & parties.met)
    own = parties.suspect[pairs].astype(np.int64)
    which = parties.party[pairs]
    other_met, other_sick = judged.met[which] - 1, judged.sick[which] - own
    surprise = np.zeros(len(pairs))
    for mine in (0, 1):
        here = own == mine
        surprise[here] = -log10_hypergeometric_tail(
            other_met[here],
            other_sick[here],
            parties.all_suspects - mine,
            parties.all_hosts - 1,
        )
    order = np.argsort(parties.host[pairs], kind="stable")
    edges = np.flatnonzero(np.diff(parties.host[pairs][order])) + 1
    addresses = _addresses(visits, judged, party)
    for here in np.split(order, edges) if len(order) else []:
        host = int(parties.host[pairs[here[0]]])
        yield _driven_finding(
            parties,
            pairs[here],
            surprise[here],
            (other_met[here], other_sick[here]),
            addresses[host],
            window,
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
    surprise: Floats,
    others: tuple[Ints, Ints],
    drivers: list[str],
    window: Window,
) -> Finding:
    """``others``: other hosts that the driver of each pair met, and suspects among them."""
    best = int(np.argmax(surprise))
    other_met, other_sick = (int(each[best]) for each in others)
    name = parties.parties[int(parties.party[pairs[best]])]
    weight = LOG10 * min(float(surprise[best]), CAPPED_EVIDENCE)
    load = int(parties["bytes"][pairs].sum())
    return Finding(
        detector=DETECTOR.name,
        subject=parties.hosts[int(parties.host[pairs[0]])],
        kind="driven",
        confidence=float(probabilities(np.array([logit(PRIOR) + weight]))[0]),
        window=window,
        summary=f"visited by {name}, which drives {other_sick} other suspects",
        proof={
            "drivers": drivers,
            "other_suspects": other_sick,
            "others_well": other_met - other_sick,
            "log10_chance": round(-float(surprise[best]), 2),
            "sessions": int(parties["reached"][pairs].sum()),
            "bytes": load,
            "share_of_load": round(load / max(int(parties["received"][pairs].max()), 1), 3),
            "first_seen_us": int(parties["first_seen"][pairs].min()),
            "last_seen_us": int(parties["last_seen"][pairs].max()),
        },
    )


def _read(answer: pa.Table) -> Visits:
    source, sources = codes(answer, "source")
    order = np.argsort(source, kind="stable")
    code, hosts = codes(answer, "host")
    names = (
        "reached", "bytes", "up_bytes", "first_seen", "last_seen", "on_relay_port", "received",
    )  # fmt: skip
    columns = {name: ints(answer, name)[order] for name in names}
    confidence = np.nan_to_num(floats(answer, "confidence")[order])
    relays = bools(answer, "relays")[order]
    host = code[order]
    on_purpose = (columns["on_relay_port"] > 0) | ~np.isfinite(floats(answer, "port")[order])
    all_hosts, all_suspects, all_faint, all_sources = (
        int(ints(answer, name).max(initial=0))
        for name in ("hosts", "suspects", "faint", "sources")
    )
    return Visits(
        party=source[order],
        host=host,
        parties=sources,
        hosts=hosts,
        suspect=(confidence >= SUSPECT) | relays,
        faint=(confidence >= FAINT) | relays,
        public=_public(sources, source[order], host, columns["on_relay_port"] > 0),
        on_purpose=on_purpose,
        columns=columns,
        all_hosts=all_hosts,
        all_suspects=all_suspects,
        all_faint=all_faint,
        all_sources=all_sources,
    )


def _public(sources: Sequence[str], source: Ints, host: Ints, uses: Bools) -> Bools:
    """Pairs whose host relays for occasional visitors of many networks."""
    visitors, visitor = np.unique(source[uses], return_inverse=True)
    names = [network_of(sources[int(each)]) for each in visitors]
    networks, network = np.unique(names, return_inverse=True)
    visited, by = np.unique(np.stack([host[uses], network[visitor]]), axis=1)
    breadth = np.bincount(by, minlength=len(networks))[by]
    most = np.ones(int(host.max()) + 1, np.int64)
    np.maximum.at(most, visited, breadth)
    occasional = (breadth <= OCCASIONAL * most[visited]) | (breadth == 1)
    return np.asarray(np.bincount(visited[occasional], minlength=len(most))[host] >= PUBLIC)


DETECTOR = Detector(name="upstream", question="upstream.sql", weigh=weigh)
