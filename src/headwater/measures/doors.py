"""Doors: whether the sick come to both of the web's, as visitors do, or to one, as programs do.

Who types a name comes to the web's first door and is sent on to its second; a program knows
its port. How often visitors do which, the well show who come to the same place.
"""

from typing import Final

from headwater.measures.columns import Ints
from headwater.measures.odds import hedged, share_odds

# The share at the door that the sick take less often (shapes of beta laws): of a program's
# hosts one in a hundred lives with somebody who visits the neighbours; of visitors, before
# any were seen, it may be any, and rather a small one.
PROGRAM: Final = (0.2, 20.0)
VISITORS: Final = (0.3, 0.7)
# Errands are run by programs as well: who comes to one door alone may be either.
ERRANDS_BY_NAME: Final = 0.5
MOST: Final = 2.5


def one_door(sick: Ints, well: Ints) -> float:
    """Natural log-odds that the sick are a program's, not visitors.

    How many of each come to either door (2). Where nobody else comes, nobody knows whether
    there are two.
    """
    less = int(sick.argmin())
    strangers, at_less = int(well.sum()), int(well[less])
    visitors = (VISITORS[0] + at_less, VISITORS[1] + strangers - at_less)
    told = share_odds(float(sick[less]), float(sick.sum()), PROGRAM, visitors)
    if told > 0.0:
        # Of few strangers one may have come by the other door by chance: they outvote no crowd.
        told = hedged(told * min(1.0, strangers / float(sick.sum())), ERRANDS_BY_NAME)
    return min(max(told, -MOST), MOST)
