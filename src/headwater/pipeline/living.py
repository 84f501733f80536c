"""Living: in which network, and in which wider area, own hosts live.

A question never looks into an address: which are neighbours is told beside it.
"""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from headwater.measures.columns import codes

LIVING: Final = pa.schema(
    [("host", pa.string()), ("area", pa.int64()), ("network", pa.int64())]
)
# The first two and the first three parts of an address: /16 and /24, or /32 and /48.
AREA: Final = r"^([^.:]*[.:][^.:]*).*"
NETWORK: Final = r"^([^.:]*[.:][^.:]*[.:][^.:]*).*"


def living(lit: pa.Table) -> pa.Table:
    """Each host of ``lit`` with numbers of its area and its network, from 1."""
    hosts = lit.column("host").combine_chunks()
    area, network = (
        codes(pa.table({"place": pc.replace_substring_regex(hosts, part, r"\1")}), "place")[0]
        for part in (AREA, NETWORK)
    )
    places = [pa.array(each + 1) for each in (area, network)]
    return pa.table([hosts, *places], schema=LIVING)
