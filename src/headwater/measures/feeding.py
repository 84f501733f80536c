"""What outsiders bring to one port of a host, beside what it mails: a relay is fed.

Where packets are sampled no visit is seen to be followed by a letter; but all that a relay
mails came in before, by the port at which it is used: as many octets, or more where it is
used for other things as well. Who mails for itself has no such port. How often chance gives
one is learnt from those hosts of the network to which anything is brought.
"""

import math
from typing import Final

SEEN_PACKETS: Final = 3.0  # sampled, of mail: from here on a feed would mostly have been seen
# Of hosts that mail what their owners do not know of: about half are handed it at a port,
# and of these some are used for much else; the others send by themselves or call for it.
FED: Final = 0.4
FED_MORE: Final = 0.15
LEAST_ALIKE: Final = 0.02  # of lawful mailers, how many take in as much: shops, telephones
LEAST_MORE: Final = 0.03
LEAST_OCTETS: Final = 200  # of sampled packets: less is knocks


def fed_weight(
    brought: float,
    mailed: float,
    packets: float,
    alike: float,
    more: float,
    visited: float,
) -> float:
    """What it says, in natural log-odds, that so much was brought to a host that mails.

    ``brought``, ``mailed``: octets, and ``packets`` of mail, of sampled packets alone;
    ``alike``, ``more``: shares of all hosts to which about as much is brought as this one
    mails, and more than that; ``visited``: of those to which anything is brought.
    """
    alike, more = max(alike, LEAST_ALIKE), max(more, LEAST_MORE)
    if brought >= LEAST_OCTETS and 4 * brought >= mailed:
        # That anybody comes says little: whose owner looks after a server comes, too.
        visited = min(max(visited, alike + more) / (FED + FED_MORE), 1.0)
        fed = FED / alike if brought <= 4 * mailed else FED_MORE / more
        return math.log(fed * visited)
    unseen = math.exp(-packets / SEEN_PACKETS)
    fed = (FED + FED_MORE) * (1.0 - unseen)
    # It never speaks for a bot: that others take in much says how they live, not how bots do.
    return min(math.log((1.0 - fed) / max(1.0 - alike - more, LEAST_ALIKE)), 0.0)
