"""What the visits of those who drive others say of a host of which nothing else was heard.

Who works through a list of proxies goes to those that are on it. A host where drivers call
is most likely on their list as well, and then whoever calls there and at others of the list
works through it, too. Of a host each party hears from the others alone, never its own echo.
"""

from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats
from headwater.measures.visits import Visits

# As if of the well each were two, and there were two more: of those a driver meets some are
# chosen by what was known of them, and some wrongly suspected. As in ``company``.
EACH_WELL: Final = 2.0
UNSEEN_WELL: Final = 2.0


def by_others(visits: Visits, drives: Bools, sure: Floats) -> Floats:
    """For each pair how likely its host is sick, by itself or by the word of other parties.

    ``drives``: of each party, whether it is taken for a driver; ``sure``: how surely.
    """
    known = np.where(visits.met, visits.confidence, 0.0)
    sick = np.bincount(visits.party, known, len(visits.parties))[visits.party] - known
    met = np.bincount(visits.party, visits.met, len(visits.parties))[visits.party] - 1.0
    well = np.maximum(met - sick, 0.0)
    told = sick / (sick + EACH_WELL * well + UNSEEN_WELL)
    speaks = (drives[visits.party] & visits.met).astype(np.float64)
    doubt = np.log1p(-np.clip(speaks * sure[visits.party] * told, 0.0, 0.999))
    others = np.bincount(visits.host, doubt, len(visits.hosts))[visits.host] - doubt
    return np.asarray(
        1.0 - (1.0 - visits.confidence) * (1.0 - visits.fellow) * np.exp(others), np.float64
    )
