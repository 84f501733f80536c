"""Hosts that call addresses of one network: gateways of one farm, or a place with customers.

Who has a gateway for each of his hosts, or a new one each hour, has them side by side. So stand
the customers of a hoster and the machines of a cloud: of those who call there few hand over
what they fetch; a farm's hosts call for nothing else.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.measures.columns import Ints
from headwater.measures.odds import share_odds
from headwater.measures.outsiders import Outsiders
from headwater.measures.pieces import Pieces
from headwater.measures.pooling import Pool
from headwater.measures.series import breadth

# Of those who call a network so, the share that hands over what it fetches: Beta distributions.
# Of a farm's hosts some rest, and of some too little is seen. Of a cloud's customers one in ten
# may send on what a camera or a site gives, or be worked on from afar while it reads.
CARRY_FOR_FARM: Final = (4.0, 1.0)
CARRY_FOR_CLOUD: Final = (1.0, 9.0)
ONE_PLACE: Final = 2.0  # addresses, evenly called: of fewer one has most of the hosts
ONE_ALONE: Final = 4.5  # as of one host that hands over what it fetches: even chances


def farm_weight(carrying: float, callers: int) -> float:
    """What so many ``carrying`` of a network's callers say of each (natural log-odds), against
    customers who have nothing to do with each other."""
    every = max(float(callers), carrying)
    return ONE_ALONE + share_odds(carrying, every, CARRY_FOR_FARM, CARRY_FOR_CLOUD)


def either(one: float, other: float) -> float:
    """What speaks for a farm where two kinds of lawful hosts may look alike, each with what
    speaks against it alone."""
    return -math.log(math.exp(-one) + math.exp(-other))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is known of networks that are asked about as if each were one outsider."""

    callers: Ints  # of each
    outsiders: Outsiders

    def weight(self, pool: Pool, hosts: Ints) -> float:
        """What so many of those who call the network say of a host."""
        carrying = float(pool.members[np.isin(pool.hosts, hosts)].sum())
        return farm_weight(carrying, int(self.callers[pool.outsider]))

    def side_by_side(self, inner: Pieces) -> bool:
        """Whether hosts go to several: of one alone the network says no more than itself."""
        return breadth(np.asarray(self._hosts(inner), np.float64)) >= ONE_PLACE

    def shared(self, inner: Pieces) -> Pieces:
        """What is exchanged with addresses that several hosts meet: two gateways, two ports."""
        several = np.flatnonzero(self._hosts(inner) > 1)
        return inner.only(np.flatnonzero(np.isin(self.outsiders.who(inner), several)))

    def _hosts(self, inner: Pieces) -> Ints:
        """How many hosts meet each address."""
        met = np.unique(np.stack([self.outsiders.who(inner), inner.host]), axis=1)[0]
        return np.bincount(met, minlength=1)

    def called(self, pool: Pool, host: int) -> int:
        """With whom in the network the host exchanges most."""
        inner = pool.inner.only(np.flatnonzero(pool.inner.host == host))
        return int(np.bincount(self.outsiders.who(inner), inner.sent + inner.got).argmax())
