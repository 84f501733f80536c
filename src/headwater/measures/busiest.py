"""How much of a host's work each of its drivers does, beside the one that does most of it.

Whoever uses a whole farm drives all of it; but a hundred who each use a little of it are not
what its owners are. Who does as much of a host's work as any other has a whole host; who does a
tenth of that, a tenth. Work is what is carried or how often one comes, whichever is more: some
bring all through one tunnel, others small errands, many a time.
"""

from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.visits import Visits

# Of sampled records one who comes ten times may be met once: one visit more or less, and a full
# packet of it, is chance.
UNSEEN_VISITS: Final = 1.0
UNSEEN_OCTETS: Final = 1500


def beside_the_busiest(visits: Visits, party: Ints, parties: Visits, drives: Bools) -> Floats:
    """For each of the ``visits``, from 0 to 1, what its party does beside the busiest driver.

    ``party``: of each source, its number in ``parties``, the same visits joined: who changes
    its address does one's work. ``drives``: of each party, whether it is compared; of others
    nothing is said (0).
    """
    chosen = drives[parties.party] & parties.met
    packet = UNSEEN_OCTETS * np.maximum(parties["sampling"], 1)
    often = _of_the_most(parties, (parties["reached"] + UNSEEN_VISITS).astype(float), chosen)
    much = _of_the_most(parties, (parties["bytes"] + packet).astype(float), chosen)
    place = np.searchsorted(
        parties.party * len(parties.hosts) + parties.host,
        party[visits.party] * len(visits.hosts) + visits.host,
    )
    return np.asarray(np.maximum(often, much)[place], np.float64)


def _of_the_most(visits: Visits, work: Floats, chosen: Bools) -> Floats:
    most = np.zeros(len(visits.hosts))
    np.maximum.at(most, visits.host[chosen], work[chosen])
    return np.where(chosen, work / np.maximum(most[visits.host], UNSEEN_VISITS), 0.0)
