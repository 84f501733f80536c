"""Ports of services that detectors tell apart by what they are for."""

from collections.abc import Collection
from typing import Final

import numpy as np

from headwater.measures.columns import Ints

# To exchangers (RFC 5321) and, for submission, with TLS from the start and without (RFC 8314).
EXCHANGE: Final = 25
MAIL_PORTS: Final = (EXCHANGE, 465, 587)
SUBMISSION_PORTS: Final = (465, 587)
WEB_PORTS: Final = (80, 443)
# Look-ups and clocks accompany everything and tie nothing (RFC 1035, RFC 7858; RFC 5905).
NAME_PORTS: Final = (53, 853)
NAME_AND_TIME_PORTS: Final = (53, 123, 853)
# Octets a packet, headers too: they are told in 512 (RFC 1035 section 4.2.1), in blocks of 468
# where encrypted (RFC 8467 section 4.1). What is more was given such a port to pass for them.
MOST_TOLD: Final = 640
EPHEMERAL: Final = 32_768  # ports from here on are drawn for clients by most systems
MOSTLY: Final = 0.5  # to one port: it is a service's


def each_at_its_own(shares: Collection[float], servers: int) -> bool:
    """Whether everybody is met at a port of his own: people, not services.

    ``shares``: of all that goes to ``servers``, what goes to each port.
    """
    return len(shares) >= servers and max(shares, default=1.0) < MOSTLY


def each_at_a_clients(host: Ints, port: Ints) -> bool:
    """Whether each host is met at a port of its own, by many, of such as clients have.

    So it is the outsider that has clients'. Of sampled sessions one seldom sees who opened
    them; but a gateway listens on one port.
    """
    pairs = np.unique(np.stack([host, port]), axis=1)
    ports = np.unique(pairs[1])
    return 0 < len(ports) == pairs.shape[1] and int(ports.min()) >= EPHEMERAL
