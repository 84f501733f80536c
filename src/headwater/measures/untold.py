"""What it says of a sampled sender that nothing else is told of it, by how much is seen at all.

Of hosts that mail everywhere many are sick, and most of these show it otherwise, too: what they
mail came in before, their drivers visit them, they call a master together with others. Seen
whole, hardly one in ten shows nothing of that. Of sampled packets less is seen: how much less,
the packets tell that were seen of each session.
"""

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

from headwater.measures.kinds import Claim

SHOWS_MORE: Final = 0.9  # of the sick that mail, seen whole
ROUNDS: Final = 60  # each goes part of the way that is left


def seen_share(senders: Sequence[Claim]) -> float:
    """How likely a session of mail is seen at all, by what is said of the mail of each sender.

    0 where every packet was counted: `direct_sender` takes it for granted there.
    """
    each = [
        sender["mail_packets"] / sender["sampling"] / sender["mail_exported"]
        for sender in senders
        if sender["sampling"] > 1 and sender["mail_exported"]
    ]
    return _not_unseen(median(each)) if each else 0.0


def _not_unseen(packets: float) -> float:
    """The share that is seen of sessions of which those that are seen show so many packets.

    Of those with none nothing is known: the packets of one are Poisson's, cut off at zero.
    """
    expected = packets
    for _ in range(ROUNDS):
        expected = packets * (1.0 - math.exp(-expected))
    return 1.0 - math.exp(-expected)


def untold_weight(seen: float) -> float:
    """What it says, in natural log-odds, that nothing else is told; ``seen``: 0 to 1.

    A visit and what follows it are two sessions: of these both must be seen.
    """
    return math.log(1.0 - SHOWS_MORE * seen**2)
