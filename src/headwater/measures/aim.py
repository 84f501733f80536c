"""Whether outsiders go to the sick more than chance would: of those they met, and tried.

A likelihood ratio against one who draws its hosts blindly, and the prior of one source of
many. Who has a list aims at the sick, even where most doors on it are shut by now: what does
not answer is drawn blindly, as far as anybody knows. Who has none tries everybody alike.
"""

import math
from typing import Final

import numpy as np

from headwater.measures import votes
from headwater.measures.columns import Bools, Floats
from headwater.measures.visits import Visits

FARM: Final = 3.0  # hosts for each address that drives: farms are driven from several


def expected_drivers(visits: Visits) -> float:
    """How many sources drive so many suspects."""
    return max(_all_sick(visits) / FARM, 1.0)


def of_those_met(visits: Visits) -> Floats:
    """For each party the log-odds that it aims at the sick, by whom it met.

    Nearly all of these are sick if it does: behind its address is nobody else.
    """
    return _log_odds(visits, visits.met, np.zeros(len(visits.parties), bool))


def of_those_tried(visits: Visits) -> Floats:
    """The same by whom it tried: as few as one in sixteen may be left on an old list."""
    tried = np.ones(len(visits.party), bool)
    return _log_odds(visits, tried, np.ones(len(visits.parties), bool))


def _log_odds(visits: Visits, chosen: Bools, dying: Bools) -> Floats:
    """``chosen``: the pairs asked about; ``dying``: of each party, whether its list may be."""
    visitors = np.bincount(visits.host[visits.met], minlength=len(visits.hosts))
    each = votes.ratios(
        visits.confidence,
        visitors[visits.host].astype(np.float64),
        hosts=visits.all_hosts,
        sick=_all_sick(visits) + votes.UNHEARD * visits.all_hosts,
        met_in_all=float(visits.all_visits),
    )
    told = votes.log_ratio(each[chosen], visits.party[chosen], dying)
    prior = -math.log(max(visits.all_sources / expected_drivers(visits), 1.0))
    return np.asarray(told + prior, np.float64)


def _all_sick(visits: Visits) -> float:
    first = np.unique(visits.host, return_index=True)[1]
    return float(visits.confidence[first].sum())
