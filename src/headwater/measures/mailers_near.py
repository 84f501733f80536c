"""Mailers near: whether other lawful hosts mail by themselves from where this one does.

Customers of a hoster and machines of a university do, households hardly ever; a hijacked host
lives anywhere. How many do is learnt from the network, of the wider area and of the near one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.measures.columns import Floats

WORTH: Final = 2.0  # lawful senders: what the wider area shows weighs as much as so many
# What lives there tells by itself how it lives: half of what its place says is told by that.
SHARE: Final = 0.5
MOST: Final = 1.0  # crews choose where they break in, too


@dataclass(frozen=True, slots=True)
class Area:
    """Where each sender is."""

    number: Sequence[int]
    hosts: Sequence[int]  # of the network, that live there


def near_weights(areas: Sequence[Area], hosts: int, sick: Floats) -> Floats:
    """What their places say of senders, in natural log-odds for the sick.

    ``areas``: from wide to near; ``hosts``: of the network; ``sick``: of each sender how likely
    it is by all else.
    """
    lawful = 1.0 - sick
    rate = everywhere = lawful.sum() / max(hosts, 1)
    for area in areas:
        place = np.unique(np.asarray(area.number), return_inverse=True)[1]
        others = np.bincount(place, lawful)[place] - lawful
        rate = (others + WORTH) / (np.asarray(area.hosts) - 1 + WORTH / rate)
    weights: Floats = np.clip(SHARE * np.log(everywhere / rate), -MOST, MOST)
    return weights
