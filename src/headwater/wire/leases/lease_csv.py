"""Leases as plain CSV: address or prefix, start, end, subscriber, and ports if shared.

Written for any source that none of the other formats fits. An empty end says that the
source knows of none.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.lease import HIGHEST_PORT, Lease
from headwater.wire.leases.claims import (
    Told,
    checked,
    each,
    held_by,
    read_instant,
    session_name,
    subscriber_name,
)
from headwater.wire.leases.rows import read_rows

COLUMNS: Final[Mapping[str, str]] = {
    "held": "held address prefix ip ipaddress publicip publicaddress externalip natip",
    "port_from": "portfrom portstart startport firstport portmin",
    "port_to": "portto portend endport lastport portmax",
    "starts": "starts startsat start starttime from begin allocated allocatedat",
    "ends": "ends endsat end endtime until to released releasedat",
    "sure": "sureuntil lastseen updated",
    "session": "session sessionid",
    "subscriber": "subscriber customer customerid subscriberid username user account",
}
NEEDED: Final = ("held", "starts", "subscriber")


def read_lease_csv(
    lines: Iterable[str], source: str, zone: tzinfo, needed: tuple[str, ...] = NEEDED
) -> Iterator[Told]:
    """Leases of the rows. ``zone``: of times that name none."""

    def read(row: Mapping[str, str]) -> Iterator[Lease]:
        lease = _lease(row, zone)
        if lease.port_from is None and "port_from" in needed:
            raise MalformedInput("no block of ports")
        yield lease

    for row in read_rows(lines, COLUMNS, needed, source):
        if isinstance(row, Refused):
            yield row
        else:
            yield from each([row], source, read)


def _lease(row: Mapping[str, str], zone: tzinfo) -> Lease:
    starts = read_instant(row["starts"], zone)
    ends = read_instant(row["ends"], zone) if row.get("ends") else None
    sure = read_instant(row["sure"], zone) if row.get("sure") else starts
    if ends is not None:
        sure = ends
    first, last = _ports(row)
    return checked(
        Lease(
            held=held_by(row["held"]),
            starts_us=starts,
            sure_us=sure,
            ends_us=ends,
            told_us=sure,
            subscriber=subscriber_name(row["subscriber"]),
            session=session_name(row.get("session", "")),
            port_from=first,
            port_to=last,
        )
    )


def _ports(row: Mapping[str, str]) -> tuple[int, int] | tuple[None, None]:
    first, last = row.get("port_from", ""), row.get("port_to", "")
    if not first and not last:
        return None, None
    if not all(t.isascii() and t.isdigit() and len(t) <= 5 for t in (first, last)):
        raise MalformedInput(f"not a block of ports: {first[:8]!r} to {last[:8]!r}")
    if not int(first) <= int(last) <= HIGHEST_PORT:
        raise MalformedInput(f"ports out of range: {first} to {last}")
    return int(first), int(last)
