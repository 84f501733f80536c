"""In step: whether what goes one way is the more, the more came the other way.

A front gives its visitors what it fetches for them, and something of its own: of many visits
that shows in the order of sizes, though no two are equal. Who asks a service for something
gives what is his own, and its sizes go as they like.
"""

import math
from typing import Final

import numpy as np

from headwater.measures.columns import Ints
from headwater.measures.coupling import HEADER_OCTETS, Legs

FEWEST: Final = 30  # of fewer a front's, of which half go together, are not told from none
# Ethernet's 1500 octets, less headers of 40, or 52 with timestamps (RFC 7323).
SEGMENT: Final = 1448
OPEN_AND_CLOSE: Final = 3  # packets that only open and close a session: SYN, its ACK, FIN
SPREAD: Final = 1.5  # between the quartiles: of sizes that are all alike the order is chance


def came_down(legs: Legs) -> Ints:
    """Octets that came; where the records show none of these, the packets of the other way.

    They acknowledge every second full segment at least, or each lot that a network card joined
    (RFC 5681 section 4.2): how many octets one stands for is not known, but the more came, the
    more of them there are.
    """
    return legs.down_bytes if legs.down_packets.any() else legs.up_packets


def acknowledged(gave: Legs, came: Legs) -> float | None:
    """Of each octet given how many came, by the packets that acknowledge these.

    Where a network card joins segments it is more. None where octets are seen of what came, or
    none of what was given.
    """
    if came.down_packets.any() or not gave.down_packets.any():
        return None
    said = np.maximum(came.up_bytes - HEADER_OCTETS * came.up_packets, 0)
    only = np.maximum(came.up_packets - -(-said // SEGMENT) - OPEN_AND_CLOSE, 0)
    return round(2.0 * SEGMENT * float(only.sum()) / float(gave.down_bytes.sum()), 2)


def in_step(gave: Ints, came: Ints) -> float | None:
    """Rank correlation of sizes (Spearman, 1904), in its standard errors were there none.

    None where it is not known: of few sizes, or where both ways all are alike.
    """
    sizes = np.stack([gave, came])[:, (gave > 0) & (came > 0)]
    if sizes.shape[1] < FEWEST:
        return None
    lower, upper = (np.quantile(sizes, at, axis=1) for at in (0.25, 0.75))
    if np.all(upper < SPREAD * lower):
        return None
    ranks: Ints = sizes.argsort(axis=1).argsort(axis=1)
    together = np.asarray(np.corrcoef(ranks))[0, 1]
    return round(float(together) * math.sqrt(sizes.shape[1] - 1), 1)
