"""Random draws that many actors share: heavy tails, counts, choices by popularity."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rng = np.random.Generator


def heavy(
    rng: Rng,
    median: float | Floats,
    sigma: float | Floats,
    size: int,
    *,
    low: float = 0.0,
    high: float = np.inf,
) -> Floats:
    """Log-normal values about `median`, `sigma` in natural-log units, clipped."""
    drawn = median * np.exp(sigma * rng.standard_normal(size))
    return np.clip(drawn, low, high).astype(np.float64)


def between(rng: Rng, low: float, high: float) -> float:
    """One value, uniform in the logarithm: what one actor keeps as its own habit."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def owners(counts: Ints) -> Ints:
    """0,0,0,1,2,2 for counts 3,1,2: whose each drawn item is."""
    return np.repeat(np.arange(len(counts), dtype=np.int64), counts)


def ranks(counts: Ints) -> Ints:
    """0,1,2,0,0,1 for counts 3,1,2: the place of each item among its owner's."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) - np.repeat(ends - counts, counts)


def poisson(rng: Rng, mean: Floats | float, size: int | None = None) -> Ints:
    """Counts; means above a million per actor are a mistake and are held there."""
    return rng.poisson(np.minimum(mean, 1e6), size).astype(np.int64)


def zipf_weights(size: int, exponent: float) -> Floats:
    """Popularity of ranks 1..size, summing to one."""
    weights = 1.0 / np.arange(1, size + 1, dtype=np.float64) ** exponent
    return weights / weights.sum()


def pick(rng: Rng, weights: Floats, size: int) -> Ints:
    """Indices drawn with the given weights (any positive scale)."""
    cumulative = np.cumsum(weights)
    drawn = np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right")
    return np.minimum(drawn, len(weights) - 1).astype(np.int64)


def choose(
    rng: Rng, values: Ints | list[int], size: int, weights: Floats | None = None
) -> Ints:
    """Members of `values`, with replacement."""
    pool = np.asarray(values, dtype=np.int64)
    if weights is None:
        return pool[rng.integers(0, len(pool), size)]
    return pool[pick(rng, weights, size)]


def some(rng: Rng, values: Ints, count: int) -> Ints:
    """`count` members without replacement (all, if there are no more)."""
    return rng.permutation(values)[: max(0, min(count, len(values)))]


def odds(rng: Rng, chance: float | Floats, size: int) -> Flags:
    """True with the given chance."""
    return rng.random(size) < chance
