"""Fronts of one origin: whether amounts tell them, and what that says of the hosts."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from headwater.measures.columns import Floats
from headwater.measures.odds import share_odds
from headwater.measures.prefixes import network_of
from headwater.measures.relaying import SCATTERED, scattered

FRONT_WEIGHT: Final = 3.5  # as of one front of one origin
RACK_WEIGHT: Final = 1.5  # machines in a rack front their owner's site together
SCATTERED_WEIGHT: Final = 3.5
MOST_FOR_MANY: Final = 1.5  # ten scattered fronts are stranger than four

# Of all the packets with which a host fetches and shows, the share of those with which it
# fetches: Beta distributions. A front fetches each thing it shows, unless it kept it: a third
# to a half, mostly. What a site asks of a service is anything beside what it shows.
FETCHED_BY_FRONT: Final = (6.0, 8.0)
FETCHED_BY_SITE: Final = (1.0, 1.0)
SHOWS_ELSE: Final = 0.1  # of fronts, how many show something of their own as well

# Of the hosts that call an origin nearly all are visited; of those that call anything else as
# many as of all hosts, more or less.
VISITED_AT_ORIGIN: Final = (9.0, 1.0)
AS_USUAL_WORTH: Final = 10.0
ORIGINS: Final = 0.001  # of outsiders that several call
# Services that sites ask, and nobody else: three for each origin, it is taken; nobody counted.
SERVICES: Final = 0.003


def front_weight(hosts: Sequence[str]) -> float:
    """Of a front, by how many others front the same origin, and where these stand."""
    networks = len({network_of(host) for host in hosts})
    apart = (SCATTERED_WEIGHT - RACK_WEIGHT) * scattered(networks)
    return FRONT_WEIGHT + RACK_WEIGHT + apart + for_many(networks)


def for_many(apart: int) -> float:
    """What it says that fronts of one origin stand in so many places."""
    return min(max(math.log(apart / SCATTERED), 0.0), MOST_FOR_MANY)


def amounts_alike(fetched: Floats, shown: Floats) -> Floats:
    """Of each host the log-odds, by amounts alone, that it shows what it fetches.

    ``fetched``, ``shown``: sampled packets, both ways: what goes through a front takes as many
    on either side, those that only acknowledge as well. Of few that is hardly known, and says
    as little.
    """
    front, site = FETCHED_BY_FRONT, FETCHED_BY_SITE
    return np.array(
        [
            share_odds(came, of, front, site)
            for came, of in zip(fetched, fetched + shown, strict=True)
        ],
        np.float64,
    )


def origin_odds(callers: int, visited: int, usual: float, alike: Floats) -> float:
    """The log-odds that what several hosts call is the origin of what they show.

    ``callers``: how many hosts call it, of whom so many are ``visited``; ``usual``: the share
    that is visited of all hosts; ``alike``: of each that is visited, see ``amounts_alike``.
    """
    base = AS_USUAL_WORTH * usual, AS_USUAL_WORTH * (1.0 - usual)
    beyond = share_odds(visited, callers, VISITED_AT_ORIGIN, base)
    rest = SERVICES + (1.0 - ORIGINS - SERVICES) * math.exp(-beyond)
    amounts = float(np.log((1.0 - SHOWS_ELSE) * np.exp(alike) + SHOWS_ELSE).sum())
    return math.log(ORIGINS) - math.log(rest) + amounts
