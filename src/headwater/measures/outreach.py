"""To how many servers a host hands mail, and how often, in natural log-odds for theft.

A household's mail goes to a provider or two. Applications that mail their customers meet many
exchangers (port 25), but they hand mail in at one service; whoever hands it in at dozens uses
the accounts of others.
"""

import math
from typing import Final

# A household's mail goes to a provider or two, each with a few addresses for its name.
HOUSEHOLD_SERVERS: Final = 4
MOST_FOR_EXCHANGERS: Final = 3.0
MOST_FOR_ACCOUNTS: Final = 5.0
# By a few servers a household sends a few letters an hour.
HOUSEHOLD_PACE: Final = 5.0
MOST_FOR_PACE: Final = 2.0
FEWEST_AGAIN: Final = 5  # sessions with who was met before: of fewer half may be chance
HALVINGS: Final = 40


def breadth_weight(servers: float, *, submits: bool) -> float:
    """``servers``: met; ``submits``: mostly at ports of submission (RFC 8314)."""
    beyond = max(0.0, servers - HOUSEHOLD_SERVERS)
    most = MOST_FOR_ACCOUNTS if submits else MOST_FOR_EXCHANGERS
    return min(most, 1.5 * math.log2(1 + beyond / HOUSEHOLD_SERVERS))


def pace_weight(sessions_per_hour: float) -> float:
    """What more sessions than a household's say."""
    beyond = math.log2(1.0 + sessions_per_hour / HOUSEHOLD_PACE)
    return min(MOST_FOR_PACE, 0.5 * beyond) if beyond > 1.0 else 0.0


def servers_there(sessions: int, met: int) -> float:
    """Among how many servers this host chooses, where so many sessions ``met`` so many of them.

    Of n equally likely ones m sessions meet n (1 - exp(-m / n)). A few sampled sessions hardly
    ever meet one twice, unless there are few.
    """
    if sessions - met < FEWEST_AGAIN:
        return math.inf
    least, most = 0.0, sessions / met  # sessions for each server there is
    for _ in range(HALVINGS):
        each = (least + most) / 2.0
        few = -math.expm1(-each) / each <= met / sessions
        least, most = (least, each) if few else (each, most)
    return max(sessions / most, met)
