"""Tunnel: a long session whose bytes leave the host again, piece by piece.

Sees       a session of minutes or hours between an own host and one outsider, of which each
           exported piece carries as much as the host passed on to others meanwhile. Opened by
           the host: it dials out to be used (back-connect). Opened by the outsider: a
           multiplexed proxy or a VPN
Misses     tunnels exported in fewer than four pieces; hosts whose own traffic drowns it
Mistakes   VPN gateways are tunnels too: what leaves, and who comes, must tell
Next step  an outsider at the end of a back-connect tunnel is master and upstream at once
Source     Zhang and Paxson, Detecting Stepping Stones, USENIX Security 2000
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.balance import Balance, balance
from headwater.measures.columns import Ints, codes, floats, ints, texts
from headwater.measures.odds import LOG10, logit, probability
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

PRIOR: Final = 0.001  # of sessions this long, how many are tunnels for others
CAPPED_EVIDENCE: Final = 8.0
FEWEST_PIECES: Final = 4
LEAST_CONFIDENCE: Final = 0.1  # weak alone; `hijacked` knows more about the host


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each (host, outsider, port) whose session carries others."""
    if not answer.num_rows:
        return
    host, hosts = codes(answer, "host")
    peer, peers = codes(answer, "peer")
    inward = np.array([way == "in" for way in texts(answer, "direction")])
    port = ints(answer, "port")
    keys = np.stack([host, peer, inward.astype(np.int64), port])
    _, group = np.unique(keys, axis=1, return_inverse=True)
    order = np.lexsort((ints(answer, "sliced_at"), group.reshape(-1)))
    edges = np.flatnonzero(np.diff(group.reshape(-1)[order])) + 1
    for rows in np.split(order, edges):
        there, back = _both_ways(answer, rows)
        evidence = _evidence(there, back)
        confidence = probability(logit(PRIOR) + LOG10 * min(evidence, CAPPED_EVIDENCE))
        if confidence >= LEAST_CONFIDENCE:
            yield _finding(
                answer,
                rows,
                (hosts[host[rows[0]]], peers[peer[rows[0]]], bool(inward[rows[0]])),
                (there, back),
                confidence,
                window,
            )


def _evidence(there: Balance, back: Balance) -> float:
    """Two directions of one session are not two witnesses; nor are they one."""
    more, less = sorted((there.log10_chance, back.log10_chance))
    return -(more + less / 2)


def _both_ways(answer: pa.Table, rows: Ints) -> tuple[Balance, Balance]:
    """From the outsider on to others, and from others back to the outsider.

    Exporters report the two directions in records of their own, with edges of their own.
    """
    return (
        _one_way(answer, rows, "from_peer", "sent_on"),
        _one_way(answer, rows, "to_peer", "fetched"),
    )


def _one_way(answer: pa.Table, rows: Ints, here: str, there: str) -> Balance:
    went_in, came_out = floats(answer, here)[rows], floats(answer, there)[rows]
    recorded = went_in > 0
    if np.count_nonzero(recorded) < FEWEST_PIECES:
        return Balance(intervals=0, balanced=0, by_chance=0.0, log10_chance=0.0)
    return balance(went_in[recorded], came_out[recorded])


def _finding(
    answer: pa.Table,
    rows: Ints,
    who: tuple[str, str, bool],
    ways: tuple[Balance, Balance],
    confidence: float,
    window: Window,
) -> Finding:
    host, peer, inward = who
    there, back = ways
    best = min(ways, key=lambda way: way.log10_chance)
    errands = int(ints(answer, "errands")[rows].sum())
    return Finding(
        detector=DETECTOR.name,
        subject=host,
        kind="tunnel-in" if inward else "tunnel-out",
        confidence=confidence,
        window=window,
        summary=(
            f"in {best.balanced} of {best.intervals} pieces of a long session with {peer}"
            f" the same bytes were passed on; chance gives {best.by_chance:.1f}"
        ),
        proof={
            "peer": peer,
            "port": int(ints(answer, "port")[rows[0]]),
            "protocol": int(ints(answer, "protocol")[rows[0]]),
            "pieces": len(rows),
            "sessions": 1,
            "bytes": int(
                sum(ints(answer, way)[rows].sum() for way in ("from_peer", "to_peer"))
            ),
            "log10_chance_there": there.log10_chance,
            "log10_chance_back": back.log10_chance,
            "balanced_there": there.balanced,
            "balanced_back": back.balanced,
            "errands": errands,
            "mail_errands": int(ints(answer, "mail_errands")[rows].sum()),
            "onward_servers": int(ints(answer, "errand_servers")[rows].max()),
            "first_seen_us": int(ints(answer, "sliced_at")[rows].min()),
            "last_seen_us": int(ints(answer, "ended_at")[rows].max()),
        },
    )


DETECTOR = Detector(name="tunnel", question="tunnel.sql", weigh=weigh)
