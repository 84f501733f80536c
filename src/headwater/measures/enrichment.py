"""Is a set fuller of suspects than chance would make it?

Upstreams and masters are told from the crowd by the same question: of the own hosts this
outsider met, are more under suspicion than a blind draw would give?
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def log10_hypergeometric_tail(drawn: Ints, hits: Ints, suspects: int, hosts: int) -> Floats:
    """log10 P(X >= hits) of drawing ``drawn`` of ``hosts``, ``suspects`` of which count.

    One value per element; 0.0 where nothing was hit. Fisher's exact test, one-sided
    (R. A. Fisher 1935), computed in logarithms so that tiny chances stay told apart.
    """
    tails = np.zeros(len(drawn))
    pairs, where = np.unique(np.stack([drawn, hits]), axis=1, return_inverse=True)
    values = np.array(
        [_log10_tail(int(n), int(k), suspects, hosts) for n, k in zip(*pairs, strict=True)]
    )
    if len(values):
        tails = values[where.reshape(-1)]
    return tails


def _log10_tail(drawn: int, hits: int, suspects: int, hosts: int) -> float:
    if hits <= 0:
        return 0.0
    from scipy.special import logsumexp  # noqa: PLC0415  # slow to load: while the engine works

    most = min(drawn, suspects)
    if hits > most:
        return -np.inf
    k = np.arange(hits, most + 1, dtype=np.float64)
    terms = (
        _log_choose(suspects, k)
        + _log_choose(hosts - suspects, drawn - k)
        - _log_choose(hosts, np.array([float(drawn)]))
    )
    return min(float(logsumexp(terms)) / np.log(10.0), 0.0)


def _log_choose(n: int, k: Floats) -> Floats:
    """log of n over k; -inf where the choice is impossible."""
    from scipy.special import betaln  # noqa: PLC0415

    possible = (k >= 0) & (k <= n)
    safe = np.where(possible, k, 0.0)
    values = -np.log(n + 1.0) - betaln(n - safe + 1.0, safe + 1.0)
    return np.where(possible, values, -np.inf)
