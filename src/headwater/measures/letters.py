"""Letters, by sampled packets: a bot's are short, and seldom encrypted."""

import math
from typing import Final

import numpy as np

from headwater.measures.odds import share_odds

# Where packets are sampled no refusal is seen whole, but what was sent is: who is refused
# sends no message, and unasked-for letters are several times shorter than others (Gomes and
# others). A session speaks some ten packets without a message: of a bot's packets about a
# third are full, of an application's more than half, give or take much.
TALK_OCTETS: Final = 60  # of a packet with a command, or an acknowledgement
FULL_OCTETS: Final = 1500  # of a packet full of message: what Ethernet carries
BOTS_FULL: Final = (2.0, 4.0)  # Beta distributions of the share of full packets
LAWFUL_FULL: Final = (2.0, 1.5)
# Monitors and surveys hand in nothing, only ask whether somebody is there and encrypts: a hello
# is a third of a full packet among ten. Of lawful senders one in fifty may be such; of the sick
# one in two hundred, whom everybody turns away.
ASKERS_FULL: Final = (1.0, 30.0)
ASKERS: Final = 0.02
TURNED_AWAY: Final = 0.005
LEAST_FOR_LETTERS: Final = -2.0

# Of sessions seen whole that begin to encrypt, the share in which a letter is taken.
BOTS_TAKEN: Final = (2.0, 2.0)
LAWFUL_TAKEN: Final = (9.0, 1.0)
ASKERS_TAKEN: Final = (1.0, 999.0)

# Mail is encrypted wherever both can (RFC 3207), in a lawful sender's sessions nearly always
# (Durumeric and others): each begins with two to four packets full of certificates, beside the
# ten short ones that either side says. A bot's own engine seldom bothers.
REPLY_OCTETS: Final = 75  # of a packet with an answer, or an acknowledgement
CERTIFICATE_OCTETS: Final = 1400
# Beta distributions of the share of such packets among all that carry no message: of two to
# four in nearly all of a lawful sender's sessions, in few of a bot's.
BOTS_ENCRYPTED: Final = (1.5, 37.0)
LAWFUL_ENCRYPTED: Final = (10.0, 90.0)
ALL_ENCRYPTED: Final = 3 / 23  # three in every session: longer chains tell no more
# Old machines send plain, too, and who is met again need not show them again (RFC 8446
# section 2.2): of lawful senders a quarter may look as bots do.
MOST_FOR_PLAIN: Final = 1.5
# Of servers to which sessions are seen whole, the share that showed certificates: of a lawful
# sender's nearly all, or none, if it is an old machine; of a bot's few, or, with a library's
# engine, most. Programs that share a host, each with its own habit, leave a mixture.
LAWFUL_SERVERS: Final = (4.0, 1.0)
OLD_MACHINES: Final = (1.0, 30.0)
OLD: Final = 0.25  # of lawful senders; generous: nine in ten sessions are encrypted
BOTS_SERVERS: Final = (1.0, 3.0)


def full_share(packets: float, octets: float) -> float:
    """The share of the packets sent that are full of message, 0 to 1."""
    size = octets / max(packets, 1)
    return min(max((size - TALK_OCTETS) / (FULL_OCTETS - TALK_OCTETS), 0.0), 1.0)


def letters_weight(full: float, seen: float) -> float:
    """What it says, in natural log-odds, that of ``seen`` packets this share is full.

    ``seen``: sampled packets, of one session's one.
    """
    if not seen:
        return 0.0  # the other way was exported
    bots = share_odds(full * seen, seen, BOTS_FULL, LAWFUL_FULL)
    askers = share_odds(full * seen, seen, ASKERS_FULL, LAWFUL_FULL)
    weight = _mixed(bots, askers, TURNED_AWAY) - _mixed(0.0, askers, ASKERS)
    return max(weight, LEAST_FOR_LETTERS)


def _mixed(one: float, other: float, share: float) -> float:
    """The log-odds of a mixture of two sorts. ``share``: of the other."""
    return float(np.logaddexp(one + math.log1p(-share), other + math.log(share)))


def no_letter_weight(sessions: int) -> float:
    """What it says, in log-odds, that none of so many encrypted sessions held a letter."""
    bots = share_odds(0, sessions, BOTS_TAKEN, ASKERS_TAKEN)
    lawful = share_odds(0, sessions, LAWFUL_TAKEN, ASKERS_TAKEN)
    return _mixed(bots, 0.0, TURNED_AWAY) - _mixed(lawful, 0.0, ASKERS)


def certificates(packets: float, octets: float) -> float:
    """How many of so many packets of replies are full: of nothing but certificates."""
    size = octets / max(packets, 1)
    share = (size - REPLY_OCTETS) / (CERTIFICATE_OCTETS - REPLY_OCTETS)
    return packets * min(max(share, 0.0), 1.0)


def plain_weight(full: float, talk: float, seen: float) -> float:
    """What sampled packets say, in natural log-odds, by how many show certificates.

    ``full``: packets of replies that do; ``talk``: packets of either side that carry neither
    that nor a message; ``seen``: sampled packets of such, of one server's one.
    """
    if not full + talk:
        return 0.0
    share = min(full / (full + talk), ALL_ENCRYPTED)
    weight = share_odds(share * seen, seen, BOTS_ENCRYPTED, LAWFUL_ENCRYPTED)
    return min(weight, MOST_FOR_PLAIN)


def encrypted_weight(encrypted: int, servers: int) -> float:
    """What it says, in natural log-odds, that so many of the servers met showed certificates.

    Nothing, if none did: neither an old machine nor a bot's own engine ever asks for them.
    """
    if not encrypted:
        return 0.0
    new = share_odds(encrypted, servers, LAWFUL_SERVERS, BOTS_SERVERS)
    old = share_odds(encrypted, servers, OLD_MACHINES, BOTS_SERVERS)
    weight = -_mixed(new, old, OLD)
    return min(max(weight, -MOST_FOR_PLAIN), MOST_FOR_PLAIN)
