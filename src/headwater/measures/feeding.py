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
# Of lawful mailers that are visited, how many take in as much, or more: shops, telephones.
LEAST_ALIKE: Final = 0.1
LEAST_MORE: Final = 0.15
LEAST_OCTETS: Final = 200  # of sampled packets: less is knocks


def fed_weight(
    brought: float, mailed: float, packets: float, alike: float, more: float
) -> float:
    """What it says, in natural log-odds, that so much was brought to a host that mails.

    ``brought``, ``mailed``: octets, and ``packets`` of mail, of sampled packets alone;
    ``alike``, ``more``: of the hosts to which anything is brought the shares that are brought
    about as much as this one mails, and more than that.
    """
    by_themselves = 1.0 - FED - FED_MORE  # and are visited as everybody is
    if brought >= LEAST_OCTETS and 4 * brought >= mailed:
        # That anybody comes says nothing: whose owner looks after a server comes, too.
        if brought <= 4 * mailed:
            return math.log(FED / max(alike, LEAST_ALIKE) + by_themselves)
        return math.log(FED_MORE / max(more, LEAST_MORE) + by_themselves)
    return math.log(by_themselves + (1.0 - by_themselves) * unseen_feed(packets))


def unseen_feed(packets: float) -> float:
    """How likely a feed goes unseen of whose mail so many sampled packets are seen."""
    return math.exp(-packets / SEEN_PACKETS)
