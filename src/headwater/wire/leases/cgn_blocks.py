"""Blocks of ports that a carrier-grade NAT gave to a subscriber (RFC 6888 section 4).

CSV with the columns address, port_from, port_to, starts, ends, subscriber. A row without
ports would name one subscriber for everyone behind the address, and is refused.
"""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Final

from headwater.wire.leases.claims import Told
from headwater.wire.leases.lease_csv import read_lease_csv

NEEDED: Final = ("held", "port_from", "port_to", "starts", "subscriber")


def read_cgn_blocks(lines: Iterable[str], source: str, zone: tzinfo) -> Iterator[Told]:
    """Leases of the rows. ``zone``: of times that name none."""
    return read_lease_csv(lines, source, zone, NEEDED)
