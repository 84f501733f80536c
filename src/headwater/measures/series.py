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
        begin, end = first.astype(np.int64), last.astype(np.int64)
        length = np.where(last > first, last - first, 1.0)
        head = np.where(end == begin, 1.0, (begin + 1 - first) / length)
        tail = np.where(end == begin, 0.0, (last - end) / length)
        # Between the first and the last bin of what goes on for days there are hundreds: a step
        # up after the one and down at the other, added up, costs the same for all.
        row = group * self.bins
        long = np.flatnonzero(end - begin > 1)
        steps = np.concatenate([(row + begin + 1)[long], (row + end)[long]])
        ends = np.concatenate([row + begin, row + end])

        def shared(amount: Floats) -> Floats:
            parts = np.concatenate([amount * head, amount * tail])
            at_ends = np.asarray(np.bincount(ends, parts, groups * self.bins), np.float64)
            at_ends = at_ends.reshape(groups, self.bins)
            if not len(long):
                return np.asarray(at_ends, np.float64)
            rate = (amount / length)[long]
            step = np.bincount(steps, np.concatenate([rate, -rate]), groups * self.bins)
            level = np.cumsum(step.reshape(groups, self.bins), axis=1)
            return np.asarray(at_ends + np.maximum(level, 0.0))

        return tuple(shared(amount) for amount in amounts)


def steadied(series: Floats, unit: Floats) -> Floats:
    """Amounts, counted in ``unit`` (one a series), with a variance that is everywhere alike."""
    counted: Floats = np.sqrt(series / np.maximum(unit, 1.0)[:, None] + ANSCOMBE)
    return counted


def risen(series: Floats, reach: int) -> Floats:
    """What stands out of the mean of ``reach`` bins before and after: no trend is left."""
    rows, bins = series.shape
    before = reach + 1  # columns in which nothing has come yet; as many after the last say all
    total = np.zeros((rows, bins + 2 * reach + 1))
    np.cumsum(series, axis=1, out=total[:, before : before + bins])
    total[:, before + bins :] = total[:, before + bins - 1, None]
    place = np.arange(bins)
    count = np.minimum(place + reach + 1, bins) - np.maximum(place - reach, 0)
    return np.asarray(series - (total[:, 2 * reach + 1 :] - total[:, :bins]) / count)


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
