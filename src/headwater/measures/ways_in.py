"""Whether the sick call a place for what they are, not for what has become of them.

Who breaks into one maker's devices finds them where they all call their maker's cloud: among
the sick it is as common as their master. But the master explains all that is strange about it,
and devices that nobody broke into call the cloud and no master.
"""

from collections.abc import Mapping, Sequence, Set
from typing import Any, Final

from headwater.measures.ports import WEB_PORTS

# Not all of the sick were seen to call the master in the window, nor all called by one of them.
COVERED: Final = 0.75  # of the place's sick callers, how many call the better master
STRANGERS: Final = 3  # well callers: one or two may be sick and yet unseen
# Who is sick and unseen calls both. Of few callers more than this share do not by chance.
STRANGERS_SHARE: Final = 0.5

Proof = Mapping[str, Any]  # of a master


def ways_in(masters: Sequence[Proof]) -> list[bool]:
    """Of each, whether another and surer one explains that the sick call it.

    Strangers' names share an address where the web is served: there the well say nothing.
    """
    known = [(float(m["log_odds"]), set(m["proxies"]), set(m["others"])) for m in masters]
    return [
        not set(master["ports"]) & set(WEB_PORTS)
        and any(
            odds > mine and _explains(sick, well, other_sick, other_well)
            for odds, other_sick, other_well in known
        )
        for master, (mine, sick, well) in zip(masters, known, strict=True)
    ]


def _explains(
    sick: Set[str], well: Set[str], other_sick: Set[str], other_well: Set[str]
) -> bool:
    strangers = well - other_sick - other_well
    return (
        len(sick & other_sick) >= COVERED * len(sick)
        and len(strangers) >= STRANGERS
        and len(strangers) >= STRANGERS_SHARE * len(well)
    )
