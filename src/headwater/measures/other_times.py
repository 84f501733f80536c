"""What hosts would have opened to others, had the pieces of a long session been at other times.

Turning one series of octets round against the other tells what they have in common by chance
where pieces are alike. But where a session falls silent now and then exporters cut it into
pieces of very different lengths: the longer ones hold more of its heartbeat, and more of what
else the host polls, and both agree without a tunnel. So the same pieces are held against what
the host opened at other times, too.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from headwater.measures.balance import Balance
from headwater.measures.columns import Ints
from headwater.measures.coupling import log10_chance
from headwater.measures.errands import Errands

# A dozen means tell by how much chance errs to within a third.
TIMES: Final = 12


def at_other_times(
    errands: Errands, session: Ints, whose: tuple[Ints, Ints], span: tuple[Ints, Ints]
) -> Iterator[list[Ints]]:
    """For each of TIMES what `Errands.meanwhile` gives for pieces (n) that are moved in time.

    ``session``: of each piece, ascending; ``whose``: its host and peer; ``span``: when it
    began and ended. All pieces of a session move alike, from its end round to its beginning.
    """
    host, peer = whose
    began, ended = span
    mine = np.isin(errands.host, host)
    errands = replace(
        errands,
        host=errands.host[mine],
        peer=errands.peer[mine],
        began_us=errands.began_us[mine],
        amounts=tuple(amount[mine] for amount in errands.amounts),
    )
    starts = np.flatnonzero(np.diff(session, prepend=session[:1] - 1))
    sizes = np.diff(starts, append=len(session))
    first = np.repeat(np.minimum.reduceat(began, starts), sizes)
    lasted = np.repeat(np.maximum.reduceat(ended, starts), sizes) - first + 1
    for turn in range(1, TIMES + 1):
        moved = first + (began - first + lasted * turn // (TIMES + 1)) % lasted
        yield errands.meanwhile(host, peer, moved, moved + ended - began)


def held_against(way: Balance, by_chance: float) -> Balance:
    """The same where chance gives at least so many balanced intervals."""
    if by_chance <= way.by_chance:
        return way
    seen, tries = np.array([way.balanced]), np.array([way.intervals])
    chance = log10_chance(seen, np.array([by_chance]), tries)
    return replace(way, by_chance=round(by_chance, 2), log10_chance=round(float(chance[0]), 2))
