"""Master: an outside server that the sick call and the well do not.

Sees       servers whose own clients are suspects far more often than chance would give; surer
           where the calls keep a period, the same for many, and come before what they did,
           unless a surer server explains these. Behind shared hosting: one port, or pollers;
           gateways: from whom their callers get as much as they mail
Misses     masters reached through a crowded name (a big hosting or cloud front) where
           records are sampled, through peer-to-peer networks, or only once in the window
Mistakes   a site that relayed traffic visits: left out where calls follow visits at once,
           what is sent is pages, or, where records are sampled, the public goes to it and
           its like as well; a service that only an unusual product calls
Next step  look at the next suspects; block the server at the edge; tell its provider
Source     I. J. Good 1950 (weighing evidence); RITA v5 beacon scores for regularity
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import itemgetter
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures import ballots, votes
from headwater.measures.blind import blind, blind_weight, sent_weight
from headwater.measures.calls import POLL, WHOLE, Calls, calls_in
from headwater.measures.doors import one_door
from headwater.measures.fetching import LEAST, fetching
from headwater.measures.habit import as_often, of_gateways
from headwater.measures.odds import probability
from headwater.measures.pace import pace
from headwater.measures.ports import WEB_PORTS
from headwater.measures.precedence import Meeting, Order, precedence
from headwater.measures.regularity import common_beat, constancy, middle_regularity
from headwater.measures.targets import ERRANDS_ODDS
from headwater.measures.ways_in import ways_in
from headwater.records.detector import Detector
from headwater.records.finding import Finding, ProofValue
from headwater.records.window import Window

LEAST_CONFIDENCE: Final = 0.5

# A farm takes its orders from a few places. Who calls many that no clean host calls crawls them
# or passes on what others want from them: it speaks for its few surest alone.
MOST_MASTERS: Final = 4
# Orders are short: in an hour hardly more than a question a minute comes to, of a dozen packets
# or four thousand octets; ten times as much is two deviations away. Errands take far more.
MOST_ORDERS: Final = 240_000  # octets an hour
NO_ORDER: Final = 40_000  # octets of one call: who polls every few seconds gets many, but short
DECADE_WEIGHT: Final = -2.0  # for the square of the decades beyond
FED_WEIGHT: Final = 1.8
MAILS_WEIGHT: Final = 7.0  # as of any gateway that a host dials to be used
INDICATED_WEIGHT: Final = 9.0  # somebody took the malware apart and found this address in it
REGULAR: Final = 0.7  # mean of the three beacon scores
REGULAR_WEIGHT: Final = 3.0
CERTAIN_BEAT: Final = 3.0  # decades: one period in all clients' calls, as good as certain
# Nearly all bots poll by a timer. Thirty intervals without a period, and it is none.
MANY_INTERVALS: Final = 30
NO_BEAT: Final = 0.5  # share about the period that people's intervals have as well
IRREGULAR_WEIGHT: Final = -1.5
# Calls within two seconds of a visit carry its traffic: beyond chance by this share, a target,
# if among so few calls that is no chance itself; of hundreds of places one may seem to be.
RELAYED_EXCESS: Final = 0.3
RELAYED_SAMPLED: Final = 0.1  # most visits are not seen; orders never led to a tenth of calls
RELAYED_CHANCE: Final = 0.003
RELAYED_WEIGHT: Final = -16.0  # more than all the company it may keep
# A service listens on a port or two. Calls to ever other ports go to clients of ours that the
# records show the wrong way round, or to peers.
ONE_PORT: Final = 0.5
NO_SERVICE_WEIGHT: Final = -16.0  # more than all the company it may keep
# So much better the best of two models of use fits than one, where neither is true.
PACE_BY_CHANCE: Final = 1.0
HABIT_WEIGHT: Final = 1.5  # calling home is one, and no single visit
# Of a host's masters one is told of: rather one for which it runs errands, or one shared with
# no strangers, if about as sure. Of sampled calls errands do not show, but who else calls.
TELLS_LESS: Final = 0.9
MOST_HOSTS: Final = 1000  # named in the proof

Judged = tuple[slice, Finding]


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """Findings about servers (masters), then about the own hosts that call them."""
    if not answer.num_rows:
        return
    calls = calls_in(answer)
    firsts = np.searchsorted(calls.place, np.arange(int(calls.place.max()) + 2))
    places = [slice(int(a), int(b)) for a, b in pairwise(firsts)]
    callers = [np.unique(calls.host[rows]) for rows in places]
    company, odds = ballots.told(calls, places, callers)
    own = [calls.own(rows, window.end_us - window.start_us) for rows in places]
    # What the sick call of their own accord may be the cloud of what all of them have bought.
    odds = np.minimum(odds + own, ERRANDS_ODDS)
    told = zip(places, company.tolist(), odds.tolist(), strict=True)
    first = [_server(calls, *each, window) for each in told]
    chosen = _surest_of_each(first)
    servers = [places[at] for at in chosen]
    by_odds = sorted(chosen, key=lambda at: (-first[at].proof["log_odds"], first[at].subject))
    sure = {at for at in chosen if first[at].confidence >= LEAST_CONFIDENCE}
    spoken = votes.few_each(
        {at: callers[at] for at in by_odds},
        {at: set(calls.sick(places[at]).tolist()) for at in by_odds},
        sure,
        MOST_MASTERS,
    )
    heard = ballots.company(calls, servers, [spoken[at] for at in chosen])
    few = ballots.of_few(calls, {at: places[at] for at in sorted(sure)})
    again = zip(chosen, heard.tolist(), strict=True)
    judged = zip(
        servers, [_heard(first[at], each, few.get(at)) for at, each in again], strict=True
    )
    likely = [(rows, found) for rows, found in judged if found.confidence >= LEAST_CONFIDENCE]
    explained = ways_in([found.proof for _, found in likely])
    masters = [each for each, way_in in zip(likely, explained, strict=True) if not way_in]
    yield from (found for _, found in masters)
    by_turns = of_gateways(calls, [places[at] for at in sorted(sure)], window.end_us)
    yield from _callers(calls, masters, by_turns, window)
    for rows, found in masters:
        if found.proof["feeds"]:
            yield from _mailers(calls, rows, found, window)


def _surest_of_each(judged: Sequence[Finding]) -> list[int]:
    """Of each server the place that says most; of equals the whole server, which is first."""
    best: dict[str, int] = {}
    for at, finding in enumerate(judged):
        told = best.setdefault(finding.subject, at)
        if finding.proof["log_odds"] > judged[told].proof["log_odds"]:
            best[finding.subject] = at
    return sorted(best.values())


def _heard(found: Finding, company: float, of_few: float | None) -> Finding:
    """The same server, of whose callers fewer were heard, and which is one of so many."""
    weights = {**found.proof["weights"], "company": company}
    odds = found.proof["against_errands"]
    odds = odds if of_few is None else min(odds, of_few)
    told = votes.all_told(weights, sampled=bool(found.proof["sampled"]), odds=odds)
    proof = {
        **found.proof,
        "weights": weights,
        "against_errands": odds,
        "log_odds": round(told, 3),
    }
    return replace(found, confidence=probability(told), proof=proof)


def _weights(
    calls: Calls, rows: slice, company: float, window: Window
) -> tuple[dict[str, float], dict[str, ProofValue]]:
    """What each kind of evidence says of a server, in log-odds; and what it was judged by."""
    beat, order = _beat(calls, rows), _order(calls, rows, window)
    length_us = max(window.end_us - window.start_us, 1)
    relayed, by_chance = calls.relayed_excess(rows, length_us)
    least = RELAYED_SAMPLED if calls.sampled[rows].any() else RELAYED_EXCESS
    target = relayed >= least and by_chance <= RELAYED_CHANCE
    part = calls.parts[int(calls.part[rows][0])]
    feeds = _feeds(calls, rows, window)
    weights = {
        "company": company,
        "errands": 0.0 if feeds else _errands(calls, rows, window),
        "fed": FED_WEIGHT if feeds else 0.0,
        # Of those that were chosen for it, it says nothing.
        "regularity": 0.0 if part == POLL else beat.weight,
        "relayed": RELAYED_WEIGHT if target else 0.0,
        "unseen": blind_weight(calls, rows, regular=beat.weight > 0),
        "order": order.weight,
        "habit": HABIT_WEIGHT * _habit(calls, rows, window),
        "pace": 0.0 if feeds else _pace(calls, rows),
        "fetched": 0.0 if feeds else _fetched(calls, rows),
        "service": 0.0 if feeds or calls.at_one_port(rows) > ONE_PORT else NO_SERVICE_WEIGHT,
        "doors": _doors(calls, rows),
        "indicator": INDICATED_WEIGHT if calls.indicated[rows][0] else 0.0,
    }
    return weights, {
        "period_s": beat.period_s and round(beat.period_s, 1),
        "part": part,
        "sampled": bool(calls.sampled[rows].any()),
        "called_first": [order.before, order.told],
        "relayed_excess": round(relayed, 3),
        "feeds": feeds,
        "pages": weights["fetched"] <= -LEAST,
        "sent": sent_weight(
            calls, rows, unseen=weights["unseen"] < 0, fetched=weights["fetched"]
        ),
    }


def _server(
    calls: Calls, rows: slice, company: float, against_errands: float, window: Window
) -> Finding:
    weights, others = _weights(calls, rows, company, window)
    told = votes.all_told(weights, sampled=bool(others["sampled"]), odds=against_errands)
    period = others["period_s"]
    ill = calls.suspect[rows]
    hosts, well = (np.unique(calls.host[rows][chosen]) for chosen in (ill, ~ill))
    return Finding(
        detector=DETECTOR.name,
        subject=calls.servers[int(calls.server[rows][0])],
        kind="master",
        confidence=probability(told),
        window=window,
        summary=(
            f"called by {len(hosts)} suspects (of {calls.all_suspects} among {calls.all_hosts}"
            f" hosts) and {len(well)} others" + (f", every {period:g} s" if period else "")
        ),
        proof={
            "ports": [int(port) for port in np.unique(calls.port[rows][ill | ~ill.any()])],
            "weights": weights,
            "against_errands": against_errands,
            "log_odds": round(told, 3),
            **others,
            "clean_clients": len(well),
            "purity": round(len(hosts) / max(len(hosts) + len(well), 1), 4),
            "proxies": sorted(calls.hosts[int(host)] for host in hosts)[:MOST_HOSTS],
            "others": sorted(calls.hosts[int(host)] for host in well)[:MOST_HOSTS],
        },
    )


def _errands(calls: Calls, rows: slice, window: Window) -> float:
    """Against a place with which the sick exchange far more than orders."""
    if calls.gateway[rows].any():  # what is dialled to be used gets it all
        return 0.0
    sick = calls.suspect[rows]
    each = np.bincount(calls.host[rows][sick], calls.bytes[rows][sick])
    usual = float(np.median(each[each > 0])) if (each > 0).any() else 0.0
    beyond = math.log10(max(usual / (MOST_ORDERS * window.hours), 1.0))
    return DECADE_WEIGHT * beyond**2


def _feeds(calls: Calls, rows: slice, window: Window) -> bool:
    """Whether its callers mail what it sends them: it is dialled to use them.

    Strangers do not share a gateway: it is no part of a server that they call, too. Where
    every packet was counted, `tunnel` and `dial_back` see whether one is dialled to be used.
    """
    if calls.parts[int(calls.part[rows][0])] != WHOLE or not calls.sampled[rows].any():
        return False
    return calls.fed(rows).feeds(window.hours)


def _doors(calls: Calls, rows: slice) -> float:
    """Whether the sick come to the web's two doors as visitors do."""
    chosen = calls.parts[int(calls.part[rows][0])] == POLL  # for how they call one of them
    if chosen or not np.isin(calls.port[rows], WEB_PORTS).all():
        return 0.0
    return one_door(calls.sick_at[rows][0], calls.well_at[rows][0])


def _pace(calls: Calls, rows: slice) -> float:
    """Against a place that each of the sick calls as it is used, where no visits tell."""
    sick = calls.suspect[rows]
    unseen = calls.sampled[rows].any() or blind(calls, rows)
    if calls.gateway[rows].any() or not unseen:
        return 0.0
    _, first, each = np.unique(calls.host[rows][sick], return_index=True, return_counts=True)
    told = pace(each, calls.calls_in_all[rows][sick][first] - each)
    return min(told + PACE_BY_CHANCE, 0.0)


def _fetched(calls: Calls, rows: slice) -> float:
    """Against a place from which the sick fetch as visitors do, where visits do not show."""
    if calls.gateway[rows].any() or not calls.sampled[rows].any():
        return 0.0
    return fetching(calls.answered(rows, sick=True), calls.answered(rows, sick=False))


@dataclass(frozen=True, slots=True)
class Clock:
    """The period that the calls keep, if any, and what that says."""

    period_s: float | None
    weight: float


def _beat(calls: Calls, rows: slice) -> Clock:
    """By the clients' own clocks, the middle one; or by one that all of them share."""
    series = calls.series(rows)
    own = middle_regularity(series)
    if own and own.score >= REGULAR:
        well = calls.series(rows, sick=False)
        same = middle_regularity(well) if len(well) >= len(series) else None
        # What the well do as well, and more of them, is how the service is used.
        told = same is None or same.score < REGULAR
        return Clock(own.period_s, REGULAR_WEIGHT if told else 0.0)
    shared = common_beat(series)
    if shared is None or calls.sampled[rows].any():
        return Clock(None, 0.0)
    if -shared.log10_chance >= CERTAIN_BEAT:
        return Clock(shared.period_s, REGULAR_WEIGHT)
    plain = shared.intervals >= MANY_INTERVALS and shared.near <= NO_BEAT
    return Clock(None, IRREGULAR_WEIGHT if plain else 0.0)


def _order(calls: Calls, rows: slice, window: Window) -> Order:
    """Whether the sick called before the first that is known of them."""
    if calls.sampled[rows].any():  # the first that was seen is not the first
        return precedence([])
    sick = calls.suspect[rows] & (calls.since_us[rows] > 0)
    host, opened, since = (
        column[rows][sick] for column in (calls.host, calls.opened_us, calls.since_us)
    )
    order = np.lexsort((opened, host))
    firsts = np.flatnonzero(np.diff(host[order], prepend=-1))
    counts = np.diff(firsts, append=len(order))
    length = max(window.end_us - window.start_us, 1)
    begun, event = (
        (column[order][firsts] - window.start_us) / length for column in (opened, since)
    )
    return precedence(map(Meeting, begun.tolist(), counts.tolist(), event.tolist()))


def _habit(calls: Calls, rows: slice, window: Window) -> float:
    habit = constancy(calls.series(rows), window.start_us, window.end_us)
    # Sampling leaves a few of the calls: that they are few says nothing.
    return max(habit, 0.0) if calls.sampled[rows].any() else habit


def _callers(
    calls: Calls, masters: Sequence[Judged], by_turns: Mapping[int, float], window: Window
) -> Iterator[Finding]:
    """Each own host that calls a master, by the surest, itself left out of the count.

    ``by_turns``: how like its others each caller of gateways is, by all of these together.
    """
    best: dict[int, tuple[float, float, dict[str, ProofValue]]] = {}
    hidden = ballots.hidden(calls, [rows for rows, _ in masters])
    for rows, found in masters:
        hosts, sick = calls.host[rows], calls.sick(rows)
        callers, errands = calls.errands(rows, NO_ORDER)
        shared = calls.parts[int(calls.part[rows][0])] != WHOLE
        sampled = bool(calls.sampled[rows].any())
        of_all = {name: found.proof[name] for name in ("sampled", "feeds", "pages")}
        # Who comes by but seldom is not like the others; of sampled calls it cannot be seen.
        alike = {} if sampled else as_often(hosts, calls.opened_us[rows], sick, window.end_us)
        turns = by_turns if calls.gateway[rows].any() else {}
        often = errands > MOST_ORDERS * window.hours
        fellows = calls.fellows(rows, feeds=bool(of_all["feeds"]), hidden=hidden)
        mails = calls.mails_too(rows).tolist()
        for at, host in enumerate(callers.tolist()):
            others, used = len(sick) - int(host in sick), bool(often[at])
            as_they_do = max(alike.get(host, 1.0), turns.get(host, 0.0))
            sure = found.confidence * float(fellows.same[at]) * as_they_do
            alone = TELLS_LESS ** (2 if shared else int(not used))
            part = float(fellows.share[at]) if sampled else alone
            if others or calls.indicated[rows][0]:
                met = {
                    "other_suspects": others,
                    "others_sick": round(float(fellows.sick[at]), 2),
                    "share": round(float(fellows.share[at]), 4),
                    "unshown": round(float(fellows.unshown[at]), 4),
                    "mails": mails[at],
                    "sure": round(found.confidence, 4),
                    "master": found.subject,
                    "used": used and not sampled,
                }
                one = part * sure, sure, {"shared": shared, **of_all, **met}
                best[host] = max(best.get(host, one), one, key=itemgetter(0))
    for host, (_, confidence, proof) in best.items():
        yield Finding(
            detector=DETECTOR.name,
            subject=calls.hosts[host],
            kind="calls-master",
            confidence=confidence,
            window=window,
            summary=f"calls {proof['master']}, as {proof['other_suspects']} other suspects do",
            proof=proof,
        )


def _mailers(calls: Calls, rows: slice, gateway: Finding, window: Window) -> Iterator[Finding]:
    """Each own host that a gateway has its mail from."""
    for host in np.unique(calls.host[rows]).tolist():
        of = np.flatnonzero(calls.host[rows] == host) + rows.start
        yield Finding(
            detector=DETECTOR.name,
            subject=calls.hosts[host],
            kind="mails-for",
            confidence=gateway.confidence,
            window=window,
            summary=f"dials {gateway.subject}, whose callers mail as much as it sends them",
            proof={
                "peer": gateway.subject,
                "port": int(calls.port[of][0]),
                "sessions": len(of),
                "bytes": int(calls.bytes[of].sum()),
                "bytes_in": int(calls.down_bytes[of].sum()),
                "mailed": int(calls.mailed[of][0]),
                "first_seen_us": int(calls.opened_us[of].min()),
                "last_seen_us": int(calls.opened_us[of].max()),
                "weight": MAILS_WEIGHT,
            },
        )


DETECTOR = Detector(name="master", question="master.sql", weigh=weigh)
