"""Who belongs together by whom they meet: outsiders who share hosts, by chains as well."""

import numpy as np

from headwater.measures.columns import Ints


def teams(outsider: Ints, host: Ints) -> Ints:
    """Of each pair (n) of an outsider and a host the number of its team: from 0, by codes.

    Two outsiders are of one team if a host met both, or if a chain of such leads from one
    to the other.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415  # slow to load: while the engine works
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    outsiders, here = np.unique(outsider, return_inverse=True)
    hosts, there = np.unique(host, return_inverse=True)
    size = len(outsiders) + len(hosts)
    ties = coo_array((np.ones(len(here)), (here, len(outsiders) + there)), shape=(size, size))
    _, labels = connected_components(ties, directed=False)
    return np.asarray(labels[here], np.int64)  # every host has an outsider: none is left out
