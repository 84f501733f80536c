"""Is a set fuller of suspects than chance would make it?

Upstreams and masters are told from the crowd by the same question: of the own hosts this
outsider met, are more under suspicion than a blind draw would give?
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, logsumexp

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
    possible = (k >= 0) & (k <= n)
    safe = np.where(possible, k, 0.0)
    values = -np.log(n + 1.0) - betaln(n - safe + 1.0, safe + 1.0)
    return np.where(possible, values, -np.inf)


def log10_breadth_tail(visitor: Ints, place: Ints, visitors: int, usual: float) -> Floats:
    """log10 of the chance that one of the public goes to so many of the places open to it.

    ``visitor`` and ``place``: the pairs, each once; the answer has one value per visitor, 0.0
    for who goes nowhere. Whoever goes to one place goes to one more with the same chance each
    time (the geometric law: of all laws with that mean the one that assumes least). How
    likely that is, the other visitors of the same places tell; not those who go to more than
    ``usual`` times as many as the middle one, lest a few who go everywhere pass for the public.
    """
    breadth = np.bincount(visitor, minlength=visitors)
    further = np.zeros(visitors)
    for each in np.unique(place):
        here = visitor[place == each]
        plain = breadth[here][breadth[here] <= usual * float(np.median(breadth[here]))]
        # Who goes to many places is met at each of them, and counts as one in all. One more
        # who goes further: the chance is never said to be nothing.
        further[here] += (float((1.0 - 1.0 / plain).sum()) + 1.0) / (len(plain) + 1.0)
    chance = further / np.maximum(breadth, 1)
    return np.asarray(
        np.maximum(breadth - 1, 0) * np.log10(np.where(chance > 0, chance, 1.0)), np.float64
    )


def false_discovery(log10_p: Floats, tests: int | None = None) -> Floats:
    """log10 of the q-value of each test: Benjamini and Hochberg 1995.

    ``tests`` is how many questions were asked in all, where only the telling ones were kept.
    """
    count = len(log10_p)
    if count == 0:
        return np.zeros(0)
    order = np.argsort(log10_p)
    ranks = np.arange(1, count + 1)
    raw = log10_p[order] + np.log10(max(tests or count, count)) - np.log10(ranks)
    adjusted = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 0.0)
    values = np.empty(count)
    values[order] = adjusted
    return values
