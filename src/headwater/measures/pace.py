"""Whether several hosts call a place at one pace, as one program does, or each as it is used.

One program has one timer: how often each host calls differs by how long it was on. What is
asked for through a relay differs as the relays are used: by tens, and whichever calls this
place more calls others more. Counts of sampled calls show it without a single interval (M.
Greenwood and G. U. Yule, J. R. Statist. Soc. 83, 1920: counts of things that happen at paces
drawn from a gamma law are negative binomial).
"""

from typing import Final

import numpy as np

from headwater.measures.columns import Floats, Ints

# Shapes of the gamma law: paces that differ by half of the mean, and by one and a half times
# it; by two thirds, once what each calls elsewhere is allowed for.
ONE_PROGRAM: Final = 4.0
AS_USED: Final = 0.5
IN_PROPORTION: Final = 2.0
# One host in ten was on for minutes only, or is a different thing that calls the same place.
ODD: Final = 0.1
FEWEST: Final = 3  # hosts; of two any counts are as alike as those of chance
MEANS: Final = 48  # tried between the least and the most


def pace(calls: Ints, elsewhere: Ints) -> float:
    """Natural log-odds that so many calls come from one program in all hosts, not from use.

    ``calls``: of each host, at least one each, as only those who called were met; and how
    many it made ``elsewhere``.
    """
    if len(calls) < FEWEST:
        return 0.0
    means = np.geomspace(0.1, 2.0 * float(calls.max()), MEANS)
    use = (elsewhere + 1.0) / float(np.mean(elsewhere + 1.0))
    at_random = _log_chance(calls, np.tile(means, (len(calls), 1)), AS_USED)
    in_step = _log_chance(calls, np.outer(use, means), IN_PROPORTION)
    program = _log_chance(calls, np.tile(means, (len(calls), 1)), ONE_PROGRAM)
    odd = _log_chance(calls, np.full((len(calls), 1), float(calls.mean())), AS_USED)
    mixed = np.logaddexp(program + np.log1p(-ODD), odd + np.log(ODD))
    alike, used, stepwise = (
        float(each.sum(axis=0).max()) for each in (mixed, at_random, in_step)
    )
    return alike - float(np.logaddexp(used, stepwise) - np.log(2.0))


def _log_chance(calls: Ints, means: Floats, shape: float) -> Floats:
    """Of each host's count under each of its means: (hosts, means), given that it is not 0."""
    from scipy.special import gammaln  # noqa: PLC0415  # slow to load: while the engine works

    count = calls[:, None].astype(np.float64)
    none = shape * np.log(shape / (shape + means))
    ways = gammaln(count + shape) - gammaln(shape) - gammaln(count + 1.0)
    told = ways + none + count * np.log(means / (shape + means))
    return np.asarray(told - np.log(-np.expm1(none)), np.float64)
