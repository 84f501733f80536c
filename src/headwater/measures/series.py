"""Series of amounts per bin of time, many at once, and how closely one follows another.

Rows are series, columns bins. What one series has in common with another is held against
what it has in common with the same series turned round: that keeps rhythm and bursts, and
only the coincidence in time is lost.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ANSCOMBE: Final = 0.375  # F. J. Anscombe, Biometrika 35, 1948: steadies Poisson counts
NOISE_FLOOR: Final = 0.1  # of a series' own variance: below it all is the sampler's noise
HIGHEST: Final = 3  # turns of which the mean stands for the highest
# The highest three of some hundred normal values lie about here (their expected mean); where
# they lie further out, the tails are heavier than normal, and the scale is stretched.
USUAL_HIGHEST: Final = 2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Bins of equal length, from an instant on."""

    start_us: int
    bin_us: int
    bins: int

    def places(self, began_us: Ints, ended_us: Ints) -> tuple[Floats, Floats]:
        """Where spans begin and end, counted in bins, kept within the grid."""
        most = self.bins - 1e-6
        first = np.clip((began_us - self.start_us) / self.bin_us, 0.0, most)
        return first, np.clip((ended_us - self.start_us) / self.bin_us, first, most)

    def spread(
        self,
        group: Ints,
        spans: tuple[Floats, Floats],
        amounts: tuple[Floats, ...],
        groups: int,
    ) -> tuple[Floats, ...]:
        """Each amount shared evenly over the bins of its span: one (groups, bins) each."""
        first, last = spans
        begin = first.astype(np.int64)
        count = last.astype(np.int64) - begin + 1
        row = np.repeat(np.arange(len(group)), count)
        at = begin[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        length = (last - first)[row]
        inside = np.minimum(last[row], at + 1) - np.maximum(first[row], at)
        share = np.where(length > 0, inside / np.where(length > 0, length, 1.0), 1.0)
        place, size = group[row] * self.bins + at, groups * self.bins
        return tuple(
            np.asarray(np.bincount(place, share * amount[row], size), np.float64).reshape(
                groups, self.bins
            )
            for amount in amounts
        )


def steadied(series: Floats, unit: Floats) -> Floats:
    """Amounts, counted in ``unit`` (one a series), with a variance that is everywhere alike."""
    counted: Floats = np.sqrt(series / np.maximum(unit, 1.0)[:, None] + ANSCOMBE)
    return counted


def risen(series: Floats, reach: int) -> Floats:
    """What stands out of the mean of ``reach`` bins before and after: no trend is left."""
    bins = series.shape[1]
    total = np.cumsum(np.pad(series, ((0, 0), (1, 0))), axis=1)
    place = np.arange(bins)
    low, high = np.maximum(place - reach, 0), np.minimum(place + reach + 1, bins)
    mean = (total[:, high] - total[:, low]) / (high - low)
    return np.asarray(series - mean)


def together(leads: Floats, follows: Floats) -> Floats:
    """Sum of products for each turn: column k has ``follows`` k bins later, going round."""
    bins = leads.shape[1]
    spectrum = np.conj(np.fft.rfft(leads, axis=1)) * np.fft.rfft(follows, axis=1)
    return np.asarray(np.fft.irfft(spectrum, n=bins, axis=1))


def background(products: Floats, lags: int) -> Floats:
    """The turns that are neither a lag nor close to one: (series, turns)."""
    return products[:, lags + 2 : products.shape[1] - (lags + 2)]


def peaks(products: Floats, lags: int) -> Floats:
    """How far each lag stands out of the background, in its standard deviations."""
    far = background(products, lags)
    middle = far.mean(axis=1, keepdims=True)
    spread = far.std(axis=1, keepdims=True)
    top = np.partition(far, -HIGHEST, axis=1)[:, -HIGHEST:].mean(axis=1, keepdims=True)
    scale = np.maximum(np.maximum(spread, (top - middle) / USUAL_HIGHEST), 1e-9)
    return np.asarray((products[:, :lags] - middle) / scale)


def slopes(leads: Floats, follows: Floats, noise: Floats, lags: int) -> Floats:
    """Of each octet that came in, how many left, at each lag: regression through the noise.

    ``noise``: the variance that sampling alone gives each leading series, summed over bins;
    without it every slope would come out too small (W. A. Fuller, Measurement Error Models).
    """
    products = together(leads, follows)
    level = background(products, lags).mean(axis=1, keepdims=True)
    own = (leads * leads).sum(axis=1)
    net = np.maximum(own - noise, NOISE_FLOOR * own)
    return np.asarray((products[:, :lags] - level) / np.maximum(net, 1e-9)[:, None])


def log10_tail(deviations: Floats) -> Floats:
    """log10 of a bound on P(normal > z), element-wise; 0 where z is not above 1."""
    z = np.maximum(deviations, 1.0)
    tail = -(z * z / 2 + np.log(z * math.sqrt(2 * math.pi))) / math.log(10.0)
    return np.where(deviations > 1.0, tail, 0.0)


def breadth(weights: Floats) -> float:
    """How many equal weights would be as evenly spread: (sum)² / sum of squares, 0 for none."""
    square = float((weights * weights).sum())
    return float(weights.sum()) ** 2 / square if square > 0 else 0.0
