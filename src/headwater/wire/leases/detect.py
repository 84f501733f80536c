"""Which of the lease formats a file is in, from its first lines."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Final

from headwater.records.lease import LeaseFormat
from headwater.wire.leases import cgn_blocks, kea_memfile, lease_csv, radius_csv
from headwater.wire.leases.cgn_blocks import read_cgn_blocks
from headwater.wire.leases.claims import Told
from headwater.wire.leases.isc_dhcpd import read_isc_dhcpd
from headwater.wire.leases.kea_memfile import read_kea
from headwater.wire.leases.lease_csv import read_lease_csv
from headwater.wire.leases.radius_csv import read_radius_csv
from headwater.wire.leases.radius_detail import is_head, read_radius_detail
from headwater.wire.leases.rows import places_in

LINES_LOOKED_AT: Final = 50
_ISC: Final = ("lease ", "ia-na ", "ia-ta ", "ia-pd ", "server-duid ", "authoring-byte-order ")


def detect(first: Sequence[str]) -> LeaseFormat | None:
    """The format, from the file's first lines; None where it is none of ours."""
    lines = [line.removeprefix("\ufeff") for line in first if line.strip()]
    if not lines:
        return None
    head = lines[0]
    if head.startswith((kea_memfile.V4, kea_memfile.V6)):
        return LeaseFormat.KEA
    if is_head(head) and len(lines) > 1 and lines[1][:1].isspace():
        return LeaseFormat.RADIUS_DETAIL
    columns = places_in(head, radius_csv.COLUMNS)
    if all(name in columns for name in radius_csv.NEEDED):
        return LeaseFormat.RADIUS_CSV
    columns = places_in(head, lease_csv.COLUMNS)
    if all(name in columns for name in cgn_blocks.NEEDED):
        return LeaseFormat.CGN_BLOCKS
    if all(name in columns for name in lease_csv.NEEDED):
        return LeaseFormat.CSV
    return LeaseFormat.ISC_DHCPD if any(line.startswith(_ISC) for line in lines) else None


def read_leases(
    lines: Iterable[str], kind: LeaseFormat, source: str, zone: tzinfo
) -> Iterator[Told]:
    """Leases of a file in that format. ``zone``: of local times, where the format has such."""
    if kind is LeaseFormat.ISC_DHCPD:
        return read_isc_dhcpd(lines, source)
    if kind is LeaseFormat.KEA:
        return read_kea(lines, source)
    dated = {
        LeaseFormat.RADIUS_DETAIL: read_radius_detail,
        LeaseFormat.RADIUS_CSV: read_radius_csv,
        LeaseFormat.CGN_BLOCKS: read_cgn_blocks,
        LeaseFormat.CSV: read_lease_csv,
    }
    return dated[kind](lines, source, zone)
