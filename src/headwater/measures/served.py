"""What a relay's visitors get: mail sent for them, something else, or a refusal.

People come to an open proxy for pages. For whom letters go out, to one exchanger after the
other, has hired or stolen it for that, however many others read through it meanwhile.
"""

from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Ints
from headwater.measures.coupling import (
    HANDSHAKE_OCTETS,
    HEADER_OCTETS,
    Coupling,
    Legs,
    couple,
)
from headwater.measures.coupling_odds import LEAST_EXCESS, PRIOR, weighed
from headwater.measures.odds import logit

MOST_HEADERS: Final = 60  # octets of a packet: more were said in it
# Who tests a relay has one letter sent, or some to a mailbox of his own; spam goes to many.
FEWEST_SERVERS: Final = 3
SURE: Final = 0.9  # of the visitors named, one in ten would be wrong at most


def browsed(visits: Legs, of: Ints, *, sampled: bool) -> Ints:
    """The visitor of each errand; of more than a knock, if it was seen whole.

    ``of``: of each errand that is no mail the visit.
    """
    brought = visits.up_bytes[of] > MOST_HEADERS * visits.up_packets[of]
    got = visits.down_bytes[of] > MOST_HEADERS * visits.down_packets[of]
    return np.asarray(visits.far[of[brought | got | sampled]])


def mailed(visits: Legs, letters: Legs, before_us: int, after_us: int) -> dict[int, int]:
    """Visitors of one relay for whom its ``letters`` go out, and how many of each's visits do.

    Each visitor's visits are compared with chance at their own times: beside a driver's
    letters, sent by the hundred within minutes, go pages of many others.
    """
    by_visitor = np.argsort(visits.far, kind="stable")
    visitors, of = np.unique(visits.far[by_visitor], return_inverse=True)
    visiting = visits.only(by_visitor)
    told, counts = couple(visiting, letters, of, len(visitors), before_us, after_us)
    rows = np.flatnonzero(told.followed)
    met = np.unique(np.stack([of[rows], letters.far[told.partner[rows]]]), axis=1)
    servers = np.bincount(met[0], minlength=len(visitors))
    chosen = (servers >= FEWEST_SERVERS) & _goes_on(counts)
    return dict(zip(visitors[chosen].tolist(), counts.followed[chosen].tolist(), strict=True))


def _goes_on(counts: Coupling) -> Bools:
    """Which visitors' letters go on, by starts or by sizes: a fair part of all they bring.

    Of what one mail server brings to another some is forwarded, too.
    """
    told, whole = np.zeros(len(counts.inbound), bool), np.zeros(len(counts.inbound), bool)
    for hits, by_chance in (
        (counts.followed, counts.followed_by_chance),
        (counts.balanced, counts.balanced_by_chance),
    ):
        _, weight = weighed(hits, by_chance, counts.inbound, whole)
        sure = logit(PRIOR) + weight >= logit(SURE)
        told |= sure & (hits - by_chance >= LEAST_EXCESS * counts.inbound)
    return told


def turned_away(legs: Legs, visits: slice, passed: Bools) -> int:
    """How many visitors were never served, and got no more than a refusal's few octets."""
    down, packets = legs.down_bytes[visits], legs.down_packets[visits]
    refused = ~passed & (packets > 0) & (down - HEADER_OCTETS * packets <= HANDSHAKE_OCTETS)
    peers = legs.far[visits]
    return len(np.setdiff1d(peers[refused], peers[~refused]))
