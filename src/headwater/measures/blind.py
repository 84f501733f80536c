"""Places called by those to whom a tunnel brings errands: no visit announces any of these."""

from typing import Final

import numpy as np

from headwater.measures.calls import Calls
from headwater.measures.ports import WEB_PORTS

# Of who passes on what a tunnel brings one sees no visits: any call may be for others, and a
# relay is sent to hundreds of places for each master that it has (ln 400).
BLIND_SHARE: Final = 0.5  # of the sick clients
BLIND_WEIGHT: Final = -6.0
# Errands lead to sites, and all at the tunnel's end are sent to the same: of these the public
# leaves one in twenty alone (targets.py), of dozens as many as a crew has masters. What is
# taken for granted of hosts that may be sent nowhere, fifty to one, is even (ln 50).
SENT_WEIGHT: Final = -4.0
# Ten to one, and more than the public's own use of a place does by chance: they get orders.
ORDERS_TOLD: Final = 2.3


def blind(calls: Calls, rows: slice) -> bool:
    """Whether visits could not tell of most of its sick callers what brought them here."""
    return calls.unannounced(rows) > BLIND_SHARE


def blind_weight(calls: Calls, rows: slice, *, regular: bool) -> float:
    """What it says of a place, unless it is called by a timer, that nothing announces calls."""
    return BLIND_WEIGHT if blind(calls, rows) and not regular else 0.0


def sent_weight(calls: Calls, rows: slice, *, unseen: bool, fetched: float) -> float:
    """What speaks against its being the master, but not against its callers' being one crew.

    They go there together, whether for orders or because all are sent there. ``fetched``: what
    the packets that they got tell of it (fetching.py).
    """
    site = bool(np.isin(calls.port[rows], WEB_PORTS).all())
    return SENT_WEIGHT if unseen and site and fetched < ORDERS_TOLD else 0.0
