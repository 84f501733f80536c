"""How sure it is that a service passes visits on: by how many it does, and by chance would."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.coupling import Coupling, log10_chance
from headwater.measures.odds import LOG10, logit, probability

PRIOR: Final = 0.01  # of services with a handful of outside visitors, how many relay
LEAST_EXCESS: Final = 0.25  # share of visits that must be passed on, beyond chance
CAPPED_EVIDENCE: Final = 6.0  # sessions come in bursts: beyond 1 in a million is not counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How sure it is that one service relays, and by which count."""

    confidence: float
    balanced: bool  # told by equal bytes, not by starts alone
    visits: int
    passed_on: int
    by_chance: float
    log10_chance: float


def evidence(counts: Coupling, group: int, sampled: bool) -> Evidence:
    """The stronger of the two counts: equal bytes, or starts alone.

    A few sampled packets say nothing about a session's size: then starts alone.
    """
    starts = one_count(counts, group, sampled, balanced=False)
    if sampled:
        return starts
    sizes = one_count(counts, group, sampled, balanced=True)
    return max(starts, sizes, key=lambda each: (each.confidence, each.balanced))


def one_count(counts: Coupling, group: int, sampled: bool, *, balanced: bool) -> Evidence:
    """What one of the counts says of one service."""
    one = slice(group, group + 1)
    hits = (counts.balanced if balanced else counts.followed)[one]
    expected = (counts.balanced_by_chance if balanced else counts.followed_by_chance)[one]
    chance, weight = weighed(hits, expected, counts.inbound[one], np.array([sampled]))
    return Evidence(
        confidence=probability(logit(PRIOR) + float(weight[0])),
        balanced=balanced,
        visits=int(counts.inbound[group]),
        passed_on=int(hits[0]),
        by_chance=round(float(expected[0]), 2),
        log10_chance=round(float(chance[0]), 2),
    )


def weighed(hits: Ints, expected: Floats, tries: Ints, sampled: Bools) -> tuple[Floats, Floats]:
    """(log10 of the chance, weight in log-odds) of each count."""
    chance = log10_chance(hits, expected, tries)
    excess = (hits - expected) / np.maximum(tries, 1)
    # Under sampling the other leg is mostly unseen: what remains is how unlikely it is.
    effect = np.where(sampled, 1.0, np.clip(excess / LEAST_EXCESS, 0.0, 1.0))
    return chance, LOG10 * np.minimum(-chance, CAPPED_EVIDENCE) * effect
