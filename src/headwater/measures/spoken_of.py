"""Spoken of: from when to when all that is said of a host speaks of it."""

from collections.abc import Mapping, Sequence
from typing import Final

from headwater.measures.kinds import Claim
from headwater.records.window import Window

FIRSTS: Final = ("first_passed_us", "first_seen_us", "mail_first")
LASTS: Final = ("last_passed_us", "last_seen_us", "mail_last")


def spoken_of(claims: Mapping[str, Sequence[Claim]], window: Window) -> dict[str, int]:
    """The first and the last instant; the window, where nothing tells of any."""
    each = [claim for same in claims.values() for claim in same]
    first = [int(claim[name]) for claim in each for name in FIRSTS if claim.get(name)]
    last = [int(claim[name]) for claim in each for name in LASTS if claim.get(name)]
    return {
        "first_seen_us": min(first, default=window.start_us),
        "last_seen_us": max(last, default=window.end_us),
    }
