"""Sites: applications that mail their customers live where customers come to look.

A shop confirms orders, a forum tells of answers: most who send such mail show a site, too.
A hijacked host lives anywhere. How much more often a sender shows one than any other host
does is learnt from the network; where only sites are hosted it says nothing.
"""

import math
from typing import Final

WORTH: Final = 20.0  # senders: what all hosts show weighs as much as so many of them
MOST_AGAINST: Final = -2.0  # sites are broken into, too, to mail from them
FEWEST_SITES: Final = 0.01  # of all hosts: a rarer thing is not told apart from chance


def site_weight(senders: int, with_site: int, usual: float) -> float:
    """What it says, in natural log-odds, that a sender shows a site.

    ``senders``: of the network, with the sick among them, which makes it rather too little;
    ``with_site``: how many of them show one; ``usual``: the share of all hosts that do.
    """
    usual = max(usual, FEWEST_SITES)
    among_senders = (with_site + WORTH * usual) / (senders + WORTH)
    return max(min(math.log(usual / among_senders), 0.0), MOST_AGAINST)
