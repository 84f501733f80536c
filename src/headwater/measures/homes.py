"""Whether somebody lives where hosts do the same for one outsider, of sampled records.

Few servers are seen of a sampled browser, of a household's as of an office's. But most of what
households receive are films and games: much, from one server. Where people work, and where
machines stand in racks, that is rare.
"""

import math
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats

# Ten minutes of film at 700 kbit/s; a page with all its pictures has 2 or 3 million octets
# (HTTP Archive, State of the Web).
FILM_OCTETS: Final = 50e6
# At work films are watched a fourth as often as at home; machines fetch as much now and then.
AT_WORK: Final = 0.25
USUAL: Final = (0.05, 0.95)  # of a few hosts the share is not known any better
MOST: Final = 3.0
# A household whose people are away watches nothing, nor do those of a whole small farm.
LEAST: Final = -1.5


def watching(film: Floats, passed_on: Floats) -> Bools:
    """Of each host, whether it got a film's worth from one server for itself.

    ``film``: octets, the most from one server; ``passed_on``: what it exchanged with those
    whom it may work for: of what comes in for others no more can come.
    """
    return np.asarray(film >= np.maximum(FILM_OCTETS, passed_on))


def homes_weight(watch: Bools, usual: float) -> float:
    """What the lives of hosts say, all together, for homes and against a firm's or a rack's
    machines (natural log-odds). ``usual``: of all own hosts, how many watch."""
    share = min(max(usual, USUAL[0]), USUAL[1])
    yes, no = math.log(1.0 / AT_WORK), math.log((1.0 - share) / (1.0 - AT_WORK * share))
    hosts = int(np.count_nonzero(watch))
    return min(max(hosts * yes + (len(watch) - hosts) * no, LEAST), MOST)
