"""Hand over: whenever this host calls one outsider it fetches as much from others, or mails it.

Sees       sampled records, and such of which one direction is missing: calls to one outsider
           who takes more than it gives, each beside a session of its own to somebody else,
           both at once; as many of the calls as sampling lets one see, and as much as is
           fetched in all is handed over, but not told to others as well. In sampled records,
           calls to one who gives more than it takes, each beside a session that mails as much
Misses     gateways that are called by one session for everything (`volume`, `tunnel`) or
           hardly six times in what was sampled; one packet in a thousand, of which hardly
           any session shows both legs
Mistakes   a program that uploads to one place what it is still fetching from several, or that
           mails each letter while it is still fetching it from one
Next step  the outsider is master and upstream at once: see who else calls it
Source     Mi and others, Resident Evil: Understanding Residential IP Proxy, IEEE S&P 2019
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.carrying import LEAST_LEAVES, MOST_AT_ONCE, MOST_LEAVES
from headwater.measures.columns import Bools, Floats, Ints, codes, ints, is_text
from headwater.measures.coupling import SHIFTS_S, Legs
from headwater.measures.following import SLACK_US, strength
from headwater.measures.nearest import near, paired
from headwater.measures.odds import LOG10, logit, probability
from headwater.measures.pairing import Pairing, Sessions, pair
from headwater.measures.ports import each_at_its_own
from headwater.records.detector import Detector
from headwater.records.finding import Finding, ProofValue
from headwater.records.window import Window

PRIOR: Final = 0.001  # as of `dial_back`
CAPPED_EVIDENCE: Final = 8.0
LEAST_CONFIDENCE: Final = 0.3  # as of `farm`: `hijacked` knows more about the host
FEWEST_PAIRED: Final = 4  # as of `volume`: fewer are coincidences
# Of the calls of which a partner should be seen: records are lost, and some calls fail.
MOSTLY: Final = 0.5
# Octets of a call: as much as a gadget needs to greet its cloud (RFC 8446: two thousand with
# all headers) and to tell it how it is goes along with just as little that it asks another.
LEAST_HANDED: Final = 5_000
# Of one direction alone packets are compared: who gets contents answers each, or two at once
# (RFC 9293 section 3.8.6.3). Between the two kinds, the octets of a packet:
LARGE: Final = 300
ANSWERED: Final = 2.0
# And a session seen whole hands over what was fetched, but for what a handshake adds and what
# is not answered packet by packet. Who asks a loudspeaker for a song says a little, and gets
# ten times as much from somebody else, now more, now less.
MOST_APART: Final = 2.5
# Others are told no more than what to send. Who has news for many hands each as much as the
# next at once, and all answer: what everybody gets was fetched for nobody.
MOST_TOLD: Final = 1.0
LEAST_LETTER: Final = 300  # octets in which no message fits, as of `direct_sender`
LEAST_PACKETS: Final = 10  # of a call, one way: of a greeting and so little there are fewer
ROUNDS: Final = 30  # to solve m (1 - exp(-k)) = k: it converges by half each time at worst
# From one place to one other a program copies. Of few sampled packets it is not always seen
# that it fetched first; but two subscribers seldom copy from or to the same place.
FEWEST_SERVERS: Final = 2
FEWEST_ALIKE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What was fetched near the calls: as they were, or moved in time."""

    partner: Ints  # of each call, or -1
    hits: Ints  # of each group
    fetched: Floats  # of each group, octets: all that opened near a call, not partners alone
    sent: Floats  # the same the other way


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Each (host, outsider, port) whose calls may be for others."""

    group: int
    log10_chance: float
    by_chance: float
    calls: Ints  # places among the calls, of those with a partner
    partner: Ints


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each (host, outsider, port) that is called for others."""
    if not answer.num_rows:
        return
    mail = ints(answer, "mail") > 0
    both = (_found(answer.filter(pa.array(part)), window) for part in (~mail, mail))
    for finding in _several(list(chain.from_iterable(both))):
        if finding.confidence >= LEAST_CONFIDENCE:
            yield finding


def _several(findings: Sequence[Finding]) -> Iterator[Finding]:
    """All but those who may copy from one place to another."""
    ends = {
        (name, f.proof[name], f.subject) for f in findings for name in ("peer", "onward_to")
    }
    alike = Counter((name, place) for name, place, _ in ends)
    for finding in findings:
        shared = max(alike[name, finding.proof[name]] for name in ("peer", "onward_to"))
        servers = int(finding.proof["onward_servers"])
        if servers >= FEWEST_SERVERS or shared >= FEWEST_ALIKE:
            yield finding


def _found(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """Of calls beside what is fetched, or of calls beside what is mailed, turned round."""
    if not answer.num_rows:
        return
    host, hosts = codes(answer, "host")
    peer, peers = codes(answer, "peer")
    port = ints(answer, "port")
    opened_at, closed_at = ints(answer, "opened_at"), ints(answer, "closed_at")
    pairing = pair(
        Sessions.of(answer, host, peer),
        is_text(answer, "leg", "to"),
        np.stack([host, peer, port]),
        window.start_us,
    )
    sampling, mail = (int(ints(answer, name).max()) for name in ("sampling", "mail"))
    octets = ints(answer, "up_bytes"), ints(answer, "down_bytes")
    for told in _told(pairing, sampling, LEAST_LETTER if mail else LEAST_HANDED):
        host_code, peer_code, number = (int(part) for part in pairing.keys[:, told.group])
        rows = pairing.inbound.row[pairing.of == told.group]
        handed = pairing.inbound.row[told.calls]
        fetched = pairing.outbound.row[told.partner]
        if _stored(opened_at, closed_at, *((handed, fetched) if mail else (fetched, handed))):
            continue
        took, gave = (int(each[rows].sum()) for each in (octets[::-1] if mail else octets))
        served, times = np.unique(peer[fetched], return_counts=True)
        each_port = np.unique(port[fetched], return_counts=True)[1] / len(fetched)
        proof: dict[str, ProofValue] = {
            "peer": peers[peer_code],
            "port": number,
            "sampled": sampling > 1,
            "calls": len(rows),
            "sessions": len(rows),
            "bytes": gave + took,
            "gave": gave,
            "took": took,
            "passed_on": len(fetched),
            "by_chance": round(told.by_chance, 2),
            "log10_chance": round(told.log10_chance, 2),
            "onward_servers": len(served),
            "onward_mail": len(fetched) if mail else 0,
            "onward_to": peers[int(served[times.argmax()])],
            "source": False,
            "among_peers": len(served) > 1 and each_at_its_own(each_port.tolist(), len(served)),
            "first_seen_us": int(opened_at[rows].min()),
            "last_seen_us": int(closed_at[rows].max()),
        }
        yield _finding(hosts[host_code], proof, window)


def _told(pairing: Pairing, sampling: int, least: int) -> Iterator[Told]:
    """The groups of which as many calls have a partner as can be seen, and of as many octets.

    ``least``: octets of a call.

    Of most nothing is near enough: only the others are compared with what chance gives.
    """
    calls, others = pairing.inbound.legs, pairing.outbound.legs
    least, doubt = (least, 1.0) if sampling > 1 else (LEAST_PACKETS, ANSWERED)
    apart = MOST_APART if sampling == 1 else None
    if sampling == 1:
        calls, others = _in_packets(calls, others)
    tries = np.bincount(pairing.of, minlength=pairing.groups).astype(np.int64)
    seen = _seen(calls, pairing.of, tries, sampling)
    wanted = np.maximum(MOSTLY * seen * tries, FEWEST_PAIRED)
    handed = np.bincount(pairing.of, calls.up_bytes, pairing.groups)
    large = handed * seen >= least * tries  # of all calls, those that show nothing too
    beside = _beside(calls, others, pairing.of, pairing.groups, apart)
    asked = np.flatnonzero((large & (beside.hits >= wanted))[pairing.of])
    some = (
        calls.only(asked),
        others.only(np.flatnonzero(np.isin(others.group, calls.group[asked]))),
    )
    hits, fetched, sent = (np.zeros((pairing.groups, len(SHIFTS_S))) for _ in range(3))
    reach = 1 + 2 * SLACK_US // 1_000_000
    for turn, shift_s in enumerate(SHIFTS_S):
        moved_s = shift_s + (reach if shift_s > 0 else -reach)
        moved = _beside(*some, pairing.of[asked], pairing.groups, apart, moved_s * 1_000_000)
        hits[:, turn], fetched[:, turn], sent[:, turn] = moved.hits, moved.fetched, moved.sent
    by_chance = hits.mean(axis=1)
    leaves = (beside.fetched - fetched.mean(axis=1)) / np.maximum(handed, 1.0)
    as_much = (leaves <= MOST_LEAVES * doubt) & (leaves >= LEAST_LEAVES * seen / doubt)
    enough = as_much & (beside.hits - by_chance >= wanted)
    told_others = (beside.sent - sent.mean(axis=1)) / np.maximum(handed, 1.0)
    enough &= (told_others <= MOST_TOLD) & np.isin(np.arange(len(enough)), pairing.of[asked])
    elsewhere = _elsewhere(pairing.keys[0], large, enough)
    for group in np.flatnonzero(enough):
        one = slice(group, group + 1)
        mine = np.flatnonzero((pairing.of == group) & (beside.partner >= 0))
        yield Told(
            group=int(group),
            log10_chance=elsewhere[group] - strength(beside.hits[one], hits[one], tries[one]),
            by_chance=float(by_chance[group]),
            calls=mine,
            partner=beside.partner[mine],
        )


def _elsewhere(host: Ints, tried: Bools, shown: Bools) -> Floats:
    """How many times likelier (log10) chance shows as much of any that a host calls so.

    ``tried``: could have shown it. Of many the best one shows something; of gateways each does.
    """
    hosts = int(host.max(initial=-1)) + 1
    of_each, showing = (np.bincount(host[chosen], minlength=hosts) for chosen in (tried, shown))
    return np.asarray(
        np.log10(np.maximum(of_each, 1) / np.maximum(showing, 1))[host], np.float64
    )


def _in_packets(calls: Legs, others: Legs) -> tuple[Legs, Legs]:
    """The same with packets for octets, of whichever direction is seen."""
    handed = np.where(calls.up_packets > 0, calls.up_packets, calls.down_packets)
    answers = np.where(others.up_bytes < LARGE * others.up_packets, others.up_packets, 0)
    contents = np.where(
        others.down_bytes >= LARGE * others.down_packets, others.down_packets, 0
    )
    fetched = np.where(others.down_packets > 0, contents, answers)
    told = np.where(others.up_bytes < LARGE * others.up_packets, 0, others.up_packets)
    taken = np.where(others.down_bytes < LARGE * others.down_packets, others.down_packets, 0)
    sent = np.where(others.up_packets > 0, told, taken)
    return replace(calls, up_bytes=handed), replace(others, up_bytes=sent, down_bytes=fetched)


def _seen(calls: Legs, of: Ints, tries: Ints, sampling: int) -> Floats:
    """Of each group's partners, the share of which at least a packet is sampled.

    They have as many packets as the calls themselves: ``k`` sampled ones on the average, of
    which those that show any show k / (1 - exp(-k)).
    """
    packets = (calls.up_packets + calls.down_packets) / sampling
    each = np.bincount(of, packets, len(tries)) / np.maximum(tries, 1)
    known = each.copy()
    for _ in range(ROUNDS):
        known = each * -np.expm1(-known)
    return np.asarray(-np.expm1(-known), np.float64)


def _beside(
    calls: Legs, others: Legs, of: Ints, groups: int, apart: float | None, shift_us: int = 0
) -> Beside:
    edges = near(calls, others, of, SLACK_US, shift_us)
    if apart is not None:
        handed, fetched = calls.up_bytes[edges.one], others.down_bytes[edges.other]
        edges = edges.only((fetched <= apart * handed) & (handed <= apart * fetched))
    partner = paired(edges, len(calls))
    largest = np.zeros(groups)
    np.maximum.at(largest, of, calls.up_bytes)
    once = np.unique(edges.slot, return_index=True)[1]
    group = of[edges.one[once]]
    # One download of the host's own would outweigh all.
    most = MOST_AT_ONCE * largest[group]
    octets = np.minimum(others.down_bytes[edges.other[once]], most)
    sent = np.minimum(others.up_bytes[edges.other[once]], most)
    return Beside(
        partner=partner,
        hits=np.bincount(of[partner >= 0], minlength=groups).astype(np.int64),
        fetched=np.asarray(np.bincount(group, octets, groups), np.float64),
        sent=np.asarray(np.bincount(group, sent, groups), np.float64),
    )


def _stored(opened_at: Ints, closed_at: Ints, fetched: Ints, handed: Ints) -> bool:
    """Whether contents were mostly fetched to the end before they were handed over, or not
    even asked for.

    Of what goes on at once a packet of either comes first, as chance has it.
    """
    after = np.count_nonzero(opened_at[handed] > closed_at[fetched])
    before = np.count_nonzero(opened_at[fetched] > closed_at[handed])
    return bool(2 * abs(after - before) > len(handed))


def _finding(host: str, proof: dict[str, ProofValue], window: Window) -> Finding:
    evidence = min(-float(str(proof["log10_chance"])), CAPPED_EVIDENCE)
    return Finding(
        detector=DETECTOR.name,
        subject=host,
        kind="dials-back",
        confidence=probability(logit(PRIOR) + LOG10 * evidence),
        window=window,
        summary=(
            f"at {proof['passed_on']} of {proof['calls']} calls to {proof['peer']} port"
            f" {proof['port']} as much was"
            f" {'mailed' if proof['onward_mail'] else 'fetched from others'} at once;"
            f" chance gives {proof['by_chance']}"
        ),
        proof=proof,
    )


DETECTOR = Detector(name="hand_over", question="hand_over.sql", weigh=weigh)
