"""Hosts that call addresses of one network: gateways of one farm, or a place with customers.

Who has a gateway for each of his hosts, or a new one each hour, has them side by side. So stand
the customers of a hoster and the machines of a cloud: of those who call there few hand over
what they fetch; a farm's hosts call for nothing else.
"""

import math
from typing import Final

from headwater.measures.odds import share_odds

# Of those who call a network so, the share that hands over what it fetches: Beta distributions.
# Of a farm's hosts some rest, and of some too little is seen. Of a cloud's customers one in ten
# may send on what a camera or a site gives, or be worked on from afar while it reads.
CARRY_FOR_FARM: Final = (4.0, 1.0)
CARRY_FOR_CLOUD: Final = (1.0, 9.0)
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
