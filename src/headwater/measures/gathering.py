"""Who goes to hosts to which more go together than chance would send.

A crew works through one list, so that its members meet at its hosts again and again; two who
choose for themselves seldom choose the same two of many.
"""

from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Ints

SEVERAL: Final = 2  # who go to both of two hosts: of one alone nobody learns with whom it goes
# Of all pairs of hosts less than one is taken for a crew's by chance.
BY_CHANCE: Final = 1.0
# Who goes to more needs no others to be seen; and the pairs of its hosts are too many.
MOST_HOSTS: Final = 200


def gather(party: Ints, host: Ints, parties: int, hosts: int) -> Bools:
    """For each party, whether it goes to two hosts to which too many others go together.

    ``party``, ``host``: who goes where, each pair once. Were all strangers, as many would go
    to both of two as their visitors are parts of all (S. D. Poisson's law).
    """
    from scipy.sparse import coo_array  # noqa: PLC0415  # slow to load: while the engine works
    from scipy.special import gammainc  # noqa: PLC0415

    going = np.bincount(party, minlength=parties)
    chosen = going[party] <= MOST_HOSTS
    here, there = party[chosen], host[chosen]
    goes = coo_array((np.ones(len(here)), (here, there)), shape=(parties, hosts)).tocsr()
    met = (goes.T @ goes).tocoo()
    once = met.row < met.col
    one, other, both = met.row[once], met.col[once], met.data[once]
    visitors = np.bincount(there, minlength=hosts).astype(np.float64)
    usual = visitors[one] * visitors[other] / max(int((going > 0).sum()), 1)
    visited = int((visitors > 0).sum())
    by_chance = gammainc(both, usual) * visited * (visited - 1) / 2
    linked = (both >= SEVERAL) & (by_chance < BY_CHANCE)
    links = coo_array(
        (np.ones(int(linked.sum())), (one[linked], other[linked])), shape=(hosts, hosts)
    ).tocsr()
    return np.asarray((goes @ links).multiply(goes).sum(axis=1) > 0)
