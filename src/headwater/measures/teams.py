"""Who belongs together by whom they meet: outsiders who share hosts, by chains as well."""

from typing import Final

import numpy as np

from headwater.measures.columns import Ints

# Of hosts of one outsider, in the order of their codes, each is paired with so many next ones:
# who has more has a crowd.
MOST_PAIRED: Final = 64


def teams(outsider: Ints, host: Ints) -> Ints:
    """Of each pair (n) of an outsider and a host the number of its team: from 0, by codes.

    Two outsiders are of one team if two hosts met both, or if a chain of such leads from one
    to the other. A single host says little: whose host a crew works through looks after it
    himself, and after all others of his.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415  # slow to load: while the engine works
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    outsiders, here = np.unique(outsider, return_inverse=True)
    who, two_hosts = _twos(here, np.unique(host, return_inverse=True)[1])
    size = len(outsiders)
    met, there = np.unique(two_hosts, return_inverse=True)
    ties = coo_array((np.ones(len(who)), (who, size + there)), shape=(size + len(met),) * 2)
    _, labels = connected_components(ties, directed=False)
    return np.asarray(labels[here], np.int64)


def _twos(outsider: Ints, host: Ints) -> tuple[Ints, Ints]:
    """Every two hosts of each outsider, as one code; both come numbered from 0."""
    hosts = int(host.max(initial=0)) + 1
    who, where = np.divmod(np.unique(outsider * hosts + host), hosts)
    owners, codes = [who[:0]], [where[:0]]
    for step in range(1, min(MOST_PAIRED, len(who))):
        own = who[step:] == who[:-step]
        if not own.any():
            break
        owners.append(who[step:][own])
        codes.append(where[:-step][own] * hosts + where[step:][own])
    return np.concatenate(owners), np.concatenate(codes)
