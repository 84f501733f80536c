"""What hosts exchange beside a leg, without what goes too fast to have come by that leg.

A film moves more in a minute than a gateway's line ever did: it is the host's own, however
long it lasts, and would drown what was passed on beside it (elephants and mice: K. Papagiannaki
et al., On the feasibility of identifying elephants, Globecom 2001). What goes too fast is told
from all of the window, not from the minute it is in: that would make the rest follow the leg.
"""

from typing import Final

import numpy as np

from headwater.measures.columns import Floats, Ints
from headwater.measures.series import Grid

# Of a few sampled packets nobody knows how fast they came: standard errors of their number.
SURELY: Final = 2.0
STEP: Final = 2  # log2: what is too fast is told to within a factor of four
# In three packets or fewer nothing goes fast; a line of a gigabit fills a minute with 4^16.5.
LOWEST: Final = 6
LEVELS: Final = 12


def rates(octets: Floats, packets: Floats, spans: tuple[Floats, Floats]) -> Floats:
    """Octets in one bin, of each piece: at least so many, as far as its packets tell."""
    first, last = spans
    surely = 1.0 - SURELY / np.sqrt(np.maximum(packets, SURELY * SURELY))
    return np.asarray(octets / np.maximum(last - first, 1.0) * surely)


def beside(
    grid: Grid,
    owner: Ints,
    spans: tuple[Floats, Floats],
    packed: tuple[Floats, Floats],
    host: Ints,
    limits: Floats,
) -> Floats:
    """For each group what its host exchanged in each bin: (groups, bins).

    ``owner``: of each piece, ``host``: of each group; ``packed``: the pieces' octets and
    packets. A piece that has more octets in a bin than the group's limit, or up to four times
    as many, is left out.
    """
    octets, packets = packed
    steps, group_level = np.unique(_level(limits), return_inverse=True)
    level = np.searchsorted(steps, _level(rates(octets, packets, spans)))
    kept = np.flatnonzero(level < len(steps))
    hosts = int(max(host.max(initial=0), owner.max(initial=0))) + 1
    (each,) = grid.spread(
        owner[kept] * len(steps) + level[kept],
        (spans[0][kept], spans[1][kept]),
        (octets[kept],),
        hosts * len(steps),
    )
    up_to = np.cumsum(each.reshape(hosts, len(steps), grid.bins), axis=1)
    return np.asarray(up_to[host, group_level.reshape(-1)])


def _level(octets: Floats) -> Floats:
    level = np.ceil(np.log2(np.maximum(octets, 1.0)) / STEP)
    return np.asarray(np.clip(level, LOWEST, LOWEST + LEVELS - 1))
