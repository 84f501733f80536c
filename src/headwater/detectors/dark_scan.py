"""Dark scan: an outsider that knocks on own doors without knowing which of them are open.

Sees       sources whose first contacts mostly find doors shut, or addresses nobody lives at, as
           often as chance gives; who answered them; and what those did afterwards that they
           had not done before: a new service, mail, a call to a master
Misses     who knocks on fewer than four doors; ping sweeps; scans without SYN; under sampling,
           sources of which fewer packets than that are seen
Mistakes   a peer of a file-sharing network whose addresses of yours are all out of date
Next step  look at the hosts that answered, first of all at those that changed; what floods with
           spoofed sources bring back is left out, and so is who retries one wrong address
Source     Jung and others, Fast Portscan Detection Using Sequential Hypothesis Testing, IEEE
           S&P 2004; Moore and others, Network Telescopes, CAIDA 2004
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.measures.columns import Bools, Floats, Ints, codes, floats, ints, texts
from headwater.measures.first_contacts import blindness, walk
from headwater.measures.hour import BOTH, CLIENT, NOBODY, SERVER, Counts, Hour
from headwater.measures.odds import logit, probabilities
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

# Of first contacts, four in five open for the lawful and one in five for scanners; and with one
# error in a hundred on either side, four shut doors in a row convict (Jung and others, 2004).
LAWFUL_OPENS: Final = 0.8
SCANNER_OPENS: Final = 0.2
CONVICTED: Final = math.log(0.99 / 0.01)
PRIOR: Final = 0.1  # of sources that find four doors shut, how many scan, to say the least

# Addresses go stale in lists: leases last days and lists hours, so one in seven at most.
STALE: Final = 0.15

# One host's doors: a program that lost its peer tries again on a few ports, never on so many.
FEWEST_PORTS: Final = 16
# Where a name leads, everyone who knows the name knocks while its servers are gone: at most
# seven of them (RFC 2182 section 5), each tried in turn.
NAMED_PORTS: Final = (25, 53, 80, 110, 123, 143, 443, 465, 587, 853, 993, 995)
SERVERS_OF_A_NAME: Final = 7

SUREST: Final = 0.99
# Every door on a high port of its own: so scan those who draw the port, and so call peers whose
# addresses are out of date. One in ten is such a peer.
SUREST_OF_PEERLIKE: Final = 0.9
HIGH_PORT: Final = 1024
MOST_PORTS: Final = 10  # named in the proof
LIT: Final = "lit"  # the kind of its facts
ANSWERED, DATA = 28, 24  # TCP flags (RFC 9293 section 3.1): RST, PSH and ACK; the last two


class Sources(NamedTuple):
    """One element for each source."""

    failed: Ints  # doors
    opened: Ints
    counted: Ints  # failed doors that no name explains
    hosts: Ints
    dark: Ints  # of those hosts
    dark_share: Floats  # of the whole network
    peerlike: Bools
    first_us: Ints
    last_us: Ints


def tally(hour: Hour) -> Iterator[Counts]:
    """Sessions of one hour in which each own address shows that somebody lives there.

    It sent something. Or, where one direction only is exported, the other side's data tells:
    nobody sends PSH with ACK (and no RST, as the victims of spoofed floods do) to an address
    that said nothing.
    """
    every = hour.sessions
    both = every.inside == BOTH
    called = (both | (every.inside == CLIENT)) & (
        (every.client_packets > 0) | (every.server_flags & ANSWERED == DATA)
    )
    visited = (both | (every.inside == SERVER)) & (
        (every.server_packets > 0) | (every.client_flags & ANSWERED == DATA)
    )
    lived = np.bincount(every.client[called], minlength=hour.hosts)
    lived += np.bincount(every.server[visited], minlength=hour.hosts)
    host = np.flatnonzero(lived)
    nothing = np.zeros(len(host), np.int64)
    yield Counts(
        kind=LIT,
        host=host,
        peer=nothing + NOBODY,
        port=nothing,
        protocol=nothing,
        tries=lived[host],
        hits=lived[host],
        by_chance=np.zeros(len(host)),
    )


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each source whose walk passed the threshold."""
    parts = answer.column("part").cast(pa.string())
    doors, answered, changed = (
        answer.filter(pc.equal(parts, part)) for part in ("doors", "answered", "changed")
    )
    if not doors.num_rows:
        return
    source, names = codes(doors, "source")
    sources = _gather(doors, source, len(names))
    evidence = _evidence(sources)
    sure = probabilities(np.asarray(logit(PRIOR) + evidence, np.float64))
    confidence = np.minimum(sure, np.where(sources.peerlike, SUREST_OF_PEERLIKE, SUREST))
    convicted = np.flatnonzero(evidence >= CONVICTED)
    rows = np.argsort(source, kind="stable")
    bounds = np.searchsorted(source[rows], np.arange(len(names) + 1))
    port = ints(doors, "port")
    tried = ints(doors, "failed") + ints(doors, "opened")
    hosts, changes = _by_source(answered), _by_source(changed)
    for number in convicted:
        mine = rows[bounds[number] : bounds[number + 1]]
        name = names[int(number)]
        proof = _proof(sources, int(number)) | {
            "ports": _most_tried(port[mine], tried[mine]),
            "answered_by": list(dict.fromkeys(row["host"] for row in hosts.get(name, ()))),
            "changed": _changes(changes.get(name, ())),
        }
        yield _finding(name, float(confidence[number]), proof, window)


def _gather(doors: pa.Table, source: Ints, count: int) -> Sources:
    failed, port = ints(doors, "failed"), ints(doors, "port")
    named = np.isin(port, NAMED_PORTS)
    explained = np.where(named, np.minimum(failed, SERVERS_OF_A_NAME), 0)
    peerlike = np.ones(count, bool)
    peerlike[source[(port < HIGH_PORT) | (failed > 1)]] = False
    first, last = np.full(count, np.iinfo(np.int64).max), np.zeros(count, np.int64)
    np.minimum.at(first, source, ints(doors, "first_at"))
    np.maximum.at(last, source, ints(doors, "last_at"))
    one = np.zeros(count, np.int64)
    one[source] = np.arange(len(source))  # a row of each: these columns are the source's
    return Sources(
        failed=_sum(source, failed, count),
        opened=_sum(source, ints(doors, "opened"), count),
        counted=_sum(source, failed - explained, count),
        hosts=ints(doors, "hosts")[one],
        dark=ints(doors, "dark_hosts")[one],
        dark_share=_dark_share(doors.take(pa.array(one))),
        peerlike=peerlike,
        first_us=first,
        last_us=last,
    )


def _dark_share(doors: pa.Table) -> Floats:
    """Of the family of each door's host, of which an address tells."""
    six = np.array([":" in host for host in texts(doors, "host")], bool)
    share = np.where(six, floats(doors, "dark_share_v6"), floats(doors, "dark_share"))
    return np.asarray(np.nan_to_num(share), np.float64)


def _sum(group: Ints, values: Ints, count: int) -> Ints:
    return np.bincount(group, values, minlength=count).astype(np.int64)


def _evidence(sources: Sources) -> Floats:
    """The better of two reasons: doors that stay shut, and addresses nobody lives at."""
    shut = walk(sources.counted, sources.opened, LAWFUL_OPENS, SCANNER_OPENS)
    blind = blindness(sources.hosts, sources.dark, STALE, sources.dark_share)
    # Names explain dark addresses as well as shut doors.
    blind = np.where(sources.counted > 0, blind, 0.0)
    spread = (sources.hosts > 1) | (sources.counted >= FEWEST_PORTS)
    return np.asarray(np.where(spread, np.maximum(shut, blind), 0.0), np.float64)


def _by_source(rows: pa.Table) -> Mapping[str, list[dict[str, Any]]]:
    grouped: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.to_pylist():
        grouped[row["source"]].append(row)
    return grouped


def _most_tried(port: Ints, tried: Ints) -> list[int]:
    times: defaultdict[int, int] = defaultdict(int)  # of few ports: faster than NumPy
    for one, count in zip(port.tolist(), tried.tolist(), strict=True):
        times[one] += count
    return sorted(times, key=lambda one: (-times[one], one))[:MOST_PORTS]


def _changes(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the hosts that answered began to do later, the soonest first."""
    told = [
        {
            "host": row["host"],
            "what": row["what"],
            "port": row["port"],
            "after_s": round((row["last_at"] - row["first_at"]) / 1e6, 1),
        }
        for row in rows
    ]
    return sorted(told, key=lambda each: each["after_s"])


def _proof(sources: Sources, number: int) -> dict[str, Any]:
    hosts, share = int(sources.hosts[number]), float(sources.dark_share[number])
    return {
        "doors": int(sources.failed[number] + sources.opened[number]),
        "shut": int(sources.failed[number]),
        "opened": int(sources.opened[number]),
        "hosts": hosts,
        "dark": int(sources.dark[number]),
        "dark_by_chance": round(hosts * share, 1),
        "dark_share": round(share, 4),
        "first_seen_us": int(sources.first_us[number]),
        "last_seen_us": int(sources.last_us[number]),
    }


def _finding(source: str, confidence: float, proof: dict[str, Any], window: Window) -> Finding:
    return Finding(
        detector=DETECTOR.name,
        subject=source,
        kind="scanner",
        confidence=confidence,
        window=window,
        summary=(
            f"knocked on {proof['doors']} doors of {proof['hosts']} own addresses, of which"
            f" {proof['dark']} are dark (chance gives {proof['dark_by_chance']:g});"
            f" {proof['opened']} opened, {len(proof['changed'])} changes followed"
        ),
        proof=proof,
    )


DETECTOR = Detector(name="dark_scan", question="dark_scan.sql", weigh=weigh)
