"""Whether visitors chose where they got to: the same servers, by one port or another."""

import numpy as np

from headwater.measures.columns import Ints
from headwater.measures.coupling import counted
from headwater.measures.ports import WEB_PORTS


def by_either(server: Ints, port: Ints, own_server: Ints, own_port: Ints) -> tuple[int, float]:
    """Sessions by the lesser of the web's two ports, of servers that are met at both.

    And which share of all that the host opens for itself (``own``) is by the same doors:
    as large a share of what follows visits by chance is.
    """
    servers, place = np.unique(server, return_inverse=True)
    plain, wrapped = (counted(place, port == one, len(servers)) for one in WEB_PORTS)
    lesser = np.where(plain < wrapped, *WEB_PORTS)
    both = servers[np.minimum(plain, wrapped) > 0]
    doors = lesser[np.minimum(plain, wrapped) > 0]
    where = np.searchsorted(both, own_server).clip(max=max(len(both) - 1, 0))
    met = np.isin(own_server, both)
    met[met] = own_port[met] == doors[where[met]]
    return int(np.minimum(plain, wrapped).sum()), float(met.mean()) if len(met) else 0.0
