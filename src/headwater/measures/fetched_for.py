"""Whether what goes to an outsider, as several hosts fetch things, was fetched for it.

A camera tells its maker's cloud that something moved, and sends the pictures elsewhere; what
one of a ring has new all fetch, from each other.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from headwater.measures.columns import Bools
from headwater.measures.pieces import Pieces
from headwater.measures.pooling import Pool
from headwater.measures.ports import WEB_PORTS

# Of what coincides: what merely goes by cancels out, so that a quarter is no chance.
NO_CHANCE: Final = 0.25
# Octets a packet: headers of IP and TCP with time stamps take half of it (RFC 9293 section
# 3.1, RFC 7323 section 3.2), so that most packets of the piece say no more than that they came.
BARE: Final = 120


def fetched_for(pool: Pool) -> bool:
    """Whether most of what comes while something is handed over is contents, of others."""
    rows = np.flatnonzero(_may_be_handed_over(pool))
    seen = replace(pool, outer=pool.outer.only(rows), shares=pool.shares[rows])
    return max(seen.share(_bare(seen.outer)), seen.share(_among_equals(seen))) < NO_CHANCE


def _may_be_handed_over(pool: Pool) -> Bools:
    """Of which sessions no more came than the host handed over in all: films are its own."""
    handed = np.bincount(
        pool.inner.host, pool.inner.sent, int(pool.outer.host.max(initial=0)) + 1
    )
    session = np.unique(pool.outer.conversation, return_inverse=True)[1]
    return np.asarray(np.bincount(session, pool.outer.got)[session] <= handed[pool.outer.host])


def _bare(outer: Pieces) -> Bools:
    """Of which pieces nothing but headers comes back: whoever sends is told that it came."""
    return np.asarray(outer.got < BARE * outer.got_packets)


def _among_equals(pool: Pool) -> Bools:
    """Which pieces go by the port at which the outsider is called, if that is no web site's."""
    own = np.setdiff1d(pool.inner.port, WEB_PORTS)
    return np.asarray(np.isin(pool.outer.port, own))
