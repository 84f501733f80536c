"""Who works with proxies and does not just try them, and how busy it keeps them."""

import math
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.visits import Visits

# A test is a few connections that fetch a page or hand in a mail; ten to each proxy, or what
# ten would carry, and a fortieth of its load are work. A tunnel is one long session: no test
# takes a quarter of an hour.
WORKED: Final = 10
WORKED_OCTETS: Final = 2_000_000
WORKED_US: Final = 900_000_000
HELD: Final = 0.1  # of a fair share
# What reaches a proxy's relay port and is a fair part of all it receives is its driver's.
FAIR_SHARE: Final = 0.25
FEWEST_SESSIONS: Final = 3


def works(visits: Visits, sick: Ints, held: Floats) -> Bools:
    """For each party whether it works with those it uses, though many on its list are dead.

    ``sick``: how many suspects it met; ``held``: its ``grip`` on them.
    """
    used = visits.suspect & (visits["on_relay_port"] > 0)
    sessions, octets, held_us = (
        np.bincount(visits.party[used], visits[name][used], minlength=len(visits.parties))
        for name in ("on_relay_port", "bytes", "held_us")
    )
    hosts = np.maximum(sick, 1)
    work = (sessions >= WORKED * hosts) | (octets >= WORKED_OCTETS * hosts)
    work |= held_us >= WORKED_US * hosts
    return np.asarray(work & (held >= HELD * hosts))


def grip(visits: Visits, shared: Floats, long_us: float = math.inf) -> Floats:
    """For each party: how many suspects' relays it keeps busy, by its part of their load.

    ``shared``: of each pair, from 0 to 1, how surely its host serves others as well;
    ``long_us``: from which a session that carries little counts. An owner holds one, too.
    """
    used = np.flatnonzero(visits.suspect & (visits["on_relay_port"] > 0))
    octets = visits["bytes"][used]
    share = octets / np.maximum(visits["received"][used], 1)
    long = (octets >= WORKED_OCTETS) | (visits["held_us"][used] >= long_us)
    work = (visits["on_relay_port"][used] >= FEWEST_SESSIONS) | long
    # Of what serves a crowd only what goes beyond a fair part is somebody's own.
    fair = share / FAIR_SHARE - shared[used]
    part = np.where(work, np.clip(fair, 0.0, 1.0), 0.0)
    party = visits.party[used]
    return np.bincount(party, part, minlength=len(visits.parties)).astype(np.float64)
