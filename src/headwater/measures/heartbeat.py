"""What long sessions carry beside their heartbeat."""

from typing import Final

import numpy as np

from headwater.measures.columns import Ints

WHOLE_US: Final = 60_000_000  # a shorter piece may fall between two heartbeats


def beyond_rest(group: Ints, began_us: Ints, ended_us: Ints, octets: Ints) -> Ints:
    """Octets of each piece, but for the heartbeat of its session, the ``group``.

    That goes on at the rate at which the quietest piece went.
    """
    lasted = np.maximum(ended_us - began_us, 0)
    whole = (octets > 0) & (lasted >= WHOLE_US)
    rest = np.full(int(group.max()) + 1, np.inf)
    np.minimum.at(rest, group[whole], octets[whole] / lasted[whole])
    rest[np.isinf(rest)] = 0.0
    # What is all heartbeat is still a piece that was recorded.
    return np.maximum(octets - rest[group] * lasted, octets > 0).astype(np.int64)
