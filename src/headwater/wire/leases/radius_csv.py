"""The table radacct of a RADIUS server, exported as CSV: one row for each session.

A row without acctstoptime is of a session that runs, or whose stop was lost: it is sure
until acctupdatetime.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.lease import Lease
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
    "session": "acctuniqueid acctuniquesessionid acctsessionid",
    "user": "username",
    "device": "callingstationid",
    "starts": "acctstarttime",
    "updated": "acctupdatetime acctinterimtime",
    "ends": "acctstoptime",
    "address": "framedipaddress",
    "v6": "framedipv6address",
    "prefix": "framedipv6prefix",
    "delegated": "delegatedipv6prefix",
}
NEEDED: Final = ("user", "starts", "ends")
HELD: Final = ("address", "v6", "prefix", "delegated")
_NOTHING: Final = {"", "null", "\\n", "0000-00-00 00:00:00"}  # as databases write it


def read_radius_csv(lines: Iterable[str], source: str, zone: tzinfo) -> Iterator[Told]:
    """Leases of the rows. ``zone``: of times that name none."""

    def read(row: Mapping[str, str]) -> Iterator[Lease]:
        return _leases(row, zone)

    for row in read_rows(lines, COLUMNS, NEEDED, source):
        if isinstance(row, Refused):
            yield row
        else:
            yield from each([row], source, read)


def _leases(row: Mapping[str, str], zone: tzinfo) -> Iterator[Lease]:
    said = {name: "" if cell.lower() in _NOTHING else cell for name, cell in row.items()}
    holdings = [said[name] for name in HELD if said.get(name)]
    if not holdings:
        raise MalformedInput("no address or prefix")
    starts = read_instant(said["starts"], zone)
    updated = read_instant(said["updated"], zone) if said.get("updated") else starts
    ends = read_instant(said["ends"], zone) if said["ends"] else None
    sure = max(starts, updated) if ends is None else ends
    for held in holdings:
        yield checked(
            Lease(
                held=held_by(held),
                starts_us=starts,
                sure_us=sure,
                ends_us=ends,
                told_us=sure,
                subscriber=subscriber_name(said["user"], said.get("device")),
                session=session_name(said.get("session", "")),
            )
        )
