"""What a host that is visited does for itself: whether a person is at it."""

from dataclasses import dataclass

import numpy as np

from headwater.measures.columns import Ints
from headwater.measures.homes import watching
from headwater.measures.ports import WEB_PORTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Sessions that a host opened to others: one element each."""

    peer: Ints
    port: Ints
    got: Ints  # octets


def own_life(own: Opened, for_visitors: Ints, gave: int) -> dict[str, int | bool]:
    """How many web servers it met, and whether it watches films.

    ``own``: but for what followed visits; ``for_visitors``: the servers of those; ``gave``:
    octets that its visitors got.
    """
    films = np.bincount(own.peer, own.got * ~np.isin(own.peer, for_visitors))
    return {
        "own_web_servers": len(np.unique(own.peer[np.isin(own.port, WEB_PORTS)])),
        "watches": bool(watching(films.max(initial=0.0), np.array(gave))),
    }
