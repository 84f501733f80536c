"""Whether visitors chose where they got to: the same servers, by one port or another."""

import numpy as np

from headwater.measures.columns import Ints
from headwater.measures.coupling import counted
from headwater.measures.ports import WEB_PORTS


def by_either(server: Ints, port: Ints) -> int:
    """Sessions by the lesser of the web's two ports, of servers that are met at both."""
    servers, place = np.unique(server, return_inverse=True)
    each = (counted(place, port == one, len(servers)) for one in WEB_PORTS)
    return int(np.minimum(*each).sum())
