"""An endpoint in one number: protocol, address and port.

Addresses are codes below 2^32, good within one hour. Pairs of endpoints are unordered: the
lower number stands first, whoever sent.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32] | NDArray[np.int64]

PORT_BITS: Final = 16
ADDRESS_BITS: Final = 32
PROTOCOL_SHIFT: Final = PORT_BITS + ADDRESS_BITS


def endpoints(protocol: Numbers, address: Numbers, port: Numbers) -> Ints:
    """``address``: codes. Both ends of one conversation have one protocol."""
    ends = protocol.astype(np.int64)
    ends <<= ADDRESS_BITS
    ends |= address
    ends <<= PORT_BITS
    ends |= port
    return ends


def protocols(ends: Ints) -> Ints:
    """IANA assigned internet protocol numbers."""
    return ends >> PROTOCOL_SHIFT


def addresses(ends: Ints) -> Ints:
    """Codes, as given to ``endpoints``."""
    return (ends >> PORT_BITS) & ((1 << ADDRESS_BITS) - 1)


def ports(ends: Ints) -> Ints:
    """Port numbers."""
    return ends & ((1 << PORT_BITS) - 1)
