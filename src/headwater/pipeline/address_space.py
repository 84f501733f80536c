"""How many own addresses there are, lived at or not."""

from collections.abc import Iterable
from ipaddress import collapse_addresses
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from headwater.records.settings import Network

SPACE: Final = pa.schema(
    [("family", pa.int64()), ("addresses", pa.float64()), ("lit", pa.int64())]
)


def address_space(own: Iterable[Network], lit: pa.ChunkedArray) -> pa.Table:
    """A row for each family; what several prefixes hold is counted once.

    ``lit``: addresses that somebody lives at, each once.
    """
    prefixes = list(own)
    four = collapse_addresses(n for n in prefixes if n.version == 4)
    six = collapse_addresses(n for n in prefixes if n.version == 6)
    sizes = [float(sum(n.num_addresses for n in held)) for held in (four, six)]
    of_six = pc.sum(pc.match_substring(lit, ":")).as_py() or 0
    return pa.table([[4, 6], sizes, [len(lit) - of_six, of_six]], schema=SPACE)
