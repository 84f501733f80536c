"""How what a long session carries, both ways, balances with what its host passes on."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from headwater.measures.balance import Balance, balance, effect
from headwater.measures.columns import Ints
from headwater.measures.odds import LOG10, logit, probability

PRIOR: Final = 0.001  # of sessions this long, how many are tunnels for others
CAPPED_EVIDENCE: Final = 8.0
HALF_SEEN: Final = 0.5
FEWEST_PIECES: Final = 4
NOTHING: Final = Balance(intervals=0, balanced=0, by_chance=0.0, log10_chance=0.0)


class Which(Enum):
    """What the octets of a session are held against."""

    ALL = "all that the host opened"
    MAIL = "its mail alone"
    BOTH_WAYS = "all of it, but only if both ways balance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How one session's two ways balance, and with what of all that the host opened."""

    rows: slice  # its pieces
    came: Ints
    went: Ints
    there: Balance
    back: Balance
    which: Which
    pieces: Ints  # those that balance either way
    doubt: float  # how unlikely it is to begin with, as -log10

    @property
    def strength(self) -> float:
        """-log10 of the chance."""
        return evidence_of(self.there, self.back) - self.doubt

    @property
    def evidence(self) -> float:
        """The same, capped; less where few of the pieces balance."""
        # Where one way only is recorded, half of what leaves is not seen. And what is mailed
        # may be a small part of all that a session carries.
        seen = HALF_SEEN if NOTHING in (self.there, self.back) else 1.0
        effects = effect(self.there, seen), effect(self.back, seen)
        if self.which is Which.BOTH_WAYS:
            # What headers add was learnt from one way, and anything may be so many times
            # another: what is written of each letter is, where a log of them is kept afar.
            mostly = min(effects)
        else:
            mostly = 1.0 if self.which is Which.MAIL else max(effects)
        return min(self.strength, CAPPED_EVIDENCE) * mostly

    @property
    def confidence(self) -> float:
        return probability(logit(PRIOR) + LOG10 * self.evidence)


def evidence_of(there: Balance, back: Balance) -> float:
    """Two directions of one session are not two witnesses; nor are they one."""
    more, less = sorted((there.log10_chance, back.log10_chance))
    return -(more + less / 2)


def one_way(went_in: Ints, came_out: Ints) -> Balance:
    """Exporters report the directions in records of their own, with edges of their own."""
    recorded = went_in > 0
    if np.count_nonzero(recorded) < FEWEST_PIECES:
        return NOTHING
    return balance(went_in[recorded].astype(float), came_out[recorded].astype(float))
