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


def breadth_weight(servers: float, *, submits: bool) -> float:
    """``servers``: met; ``submits``: mostly at ports of submission (RFC 8314)."""
    beyond = max(0.0, servers - HOUSEHOLD_SERVERS)
    most = MOST_FOR_ACCOUNTS if submits else MOST_FOR_EXCHANGERS
    return min(most, 1.5 * math.log2(1 + beyond / HOUSEHOLD_SERVERS))


def pace_weight(sessions_per_hour: float) -> float:
    """What more sessions than a household's say."""
    beyond = math.log2(1.0 + sessions_per_hour / HOUSEHOLD_PACE)
    return min(MOST_FOR_PACE, 0.5 * beyond) if beyond > 1.0 else 0.0
