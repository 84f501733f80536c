"""Whether outsiders go to the sick more than chance would: of those they met, and tried.

A likelihood ratio against one who draws its hosts blindly, and the prior of one source of
many. Who has a list aims at the sick, even where most doors on it are shut by now: what does
not answer is drawn blindly, as far as anybody knows. Who has none tries everybody alike.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.measures import votes
from headwater.measures.columns import Bools, Floats
from headwater.measures.order import firsts
from headwater.measures.visits import Visits

FARM: Final = 3.0  # hosts for each address that drives: farms are driven from several


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What each pair's host says, told once for all that is asked of it."""

    visits: Visits
    ratios: Floats  # of each pair, as in ``votes``
    drivers: float  # how many sources drive so many suspects

    @classmethod
    def of(cls, visits: Visits) -> "Aim":
        first = firsts(visits.host, len(visits.hosts))
        sick = float(visits.confidence[first].sum())
        visitors = np.bincount(visits.host[visits.met], minlength=len(visits.hosts))
        ratios = votes.ratios(
            visits.confidence,
            visitors[visits.host].astype(np.float64),
            hosts=visits.all_hosts,
            sick=sick + votes.UNHEARD * visits.all_hosts,
            met_in_all=float(visits.all_visits),
        )
        return cls(visits=visits, ratios=ratios, drivers=max(sick / FARM, 1.0))

    def of_those_met(self) -> Floats:
        """For each party the log-odds that it aims at the sick, by whom it met.

        Nearly all of these are sick if it does: behind its address is nobody else.
        """
        return self._log_odds(self.visits.met, dying=False)

    def of_those_tried(self, parties: Bools) -> Floats:
        """The same of these ``parties`` by whom they tried; of others it is the prior.

        As few as one in sixteen may be left on an old list.
        """
        return self._log_odds(parties[self.visits.party], dying=True)

    def _log_odds(self, chosen: Bools, *, dying: bool) -> Floats:
        """``chosen``: the pairs asked about; ``dying``: whether their lists may be."""
        visits = self.visits
        every = np.full(len(visits.parties), dying)
        told = votes.log_ratio(self.ratios[chosen], visits.party[chosen], every)
        prior = -math.log(max(visits.all_sources / self.drivers, 1.0))
        return np.asarray(told + prior, np.float64)
