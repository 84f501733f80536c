"""Whether what several hosts fetch from one outsider is what they show their own visitors.

Few hosts are visited as a site is. Where most of those that call one place are, and show in
all about as much as they fetch there, they are its fronts: a site asks a service for little,
and a cache fetches less than it shows. Sampled records need hold no moment of it twice.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats
from headwater.measures.coupling import log10_chance
from headwater.measures.pieces import Pieces
from headwater.measures.pooling import Pool
from headwater.measures.ports import WEB_PORTS

LEAST_SHOWN: Final = 600.0  # octets of sampled packets: more than knocks and refusals
# Shown for each octet fetched. Of few sampled packets it is known to a factor of two.
LEAST_RATIO: Final = 0.4
MOST_RATIO: Final = 2.5


def shown(pieces: Pieces) -> Bools:
    """Which pieces are visits from outside to a site."""
    return np.asarray(pieces.inward & pieces.outside & np.isin(pieces.port, WEB_PORTS))


def fronted(pieces: Pieces, share: float, least: float) -> Iterator[Pool]:
    """Every asked outsider of whom the evidence, -log10 of the chance, reaches ``least``.

    ``pieces``: as for ``pooled``; ``share``: of all hosts, how many show ``LEAST_SHOWN``.
    """
    hosts, owner = np.unique(pieces.host, return_inverse=True)
    showing = np.bincount(owner, pieces.sent * shown(pieces), len(hosts))
    asked = np.flatnonzero(pieces.asked)
    peers = int(pieces.peer.max(initial=0)) + 1
    pair, row = np.unique(owner[asked] * peers + pieces.peer[asked], return_inverse=True)
    place, peer = np.divmod(pair, peers)
    got = np.bincount(row, pieces.got[asked], len(pair))
    outsiders, pool = np.unique(peer, return_inverse=True)
    tries = np.bincount(pool, minlength=len(outsiders))
    fronts = showing[place] >= LEAST_SHOWN
    hits = np.bincount(pool, fronts, len(outsiders)).astype(np.int64)
    fetched, showed = (
        np.bincount(pool, each, len(outsiders)) for each in (got, showing[place])
    )
    ratio = showed / np.maximum(fetched, 1.0)
    expected: Floats = np.asarray(tries, np.float64) * share
    strength = -log10_chance(hits, expected, tries)
    alike = (ratio >= LEAST_RATIO) & (ratio <= MOST_RATIO)
    for at in np.flatnonzero((strength >= least) & alike):
        mine = pieces.only(np.flatnonzero(np.isin(owner, place[pool == at])))
        outer = mine.only(np.flatnonzero(mine.peer != outsiders[at]))
        yield Pool(
            outsider=int(outsiders[at]),
            there=True,
            strength=float(strength[at]),
            bursts=float(hits[at]),
            slope=round(float(ratio[at]), 2),
            hosts=hosts[place[pool == at]],
            members=fronts[pool == at].astype(np.float64),
            inner=mine.only(np.flatnonzero(mine.asked & (mine.peer == outsiders[at]))),
            outer=outer,
            shares=shown(outer) * outer.sent,
        )
