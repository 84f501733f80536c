"""How many own addresses there are, lived at or not."""

from collections.abc import Iterable
from ipaddress import collapse_addresses
from typing import Final

import pyarrow as pa

from headwater.records.settings import Network

SPACE: Final = pa.schema([("family", pa.int64()), ("addresses", pa.float64())])


def address_space(own: Iterable[Network]) -> pa.Table:
    """A row for each family; what several prefixes hold is counted once."""
    prefixes = list(own)
    four = collapse_addresses(n for n in prefixes if n.version == 4)
    six = collapse_addresses(n for n in prefixes if n.version == 6)
    sizes = [float(sum(n.num_addresses for n in held)) for held in (four, six)]
    return pa.table([[4, 6], sizes], schema=SPACE)
