"""The list of young domains: 127.0.0.2 for those younger than a setting, else nothing.

For clients that read any address as "listed". Domains that are old enough and domains
that do not exist are NXDOMAIN; a domain not known yet is NODATA, which such a client
reads as "not listed", too.
"""

from typing import Final

from headwater.dnslist.answers.ages import AgeFact
from headwater.dnslist.answers.dal import written
from headwater.dnslist.answers.snapshot import Snapshot
from headwater.dnslist.answers.snapshot_zone import SnapshotZone
from headwater.dnslist.answers.zone import TEST, Apex, Moment, Standing, Verdict

LISTED_ADDRESS: Final = 0x7F000002  # RFC 5782 section 2.1: 127.0.0.2
DEFAULT_DAYS: Final = 30


class YoungZone(SnapshotZone):
    """Lists domains registered less than ``days`` days ago."""

    __slots__ = ("days",)

    def __init__(self, apex: Apex, snapshot: Snapshot, *, days: int = DEFAULT_DAYS) -> None:
        super().__init__(apex, snapshot)
        self.days = days

    def known(self, fact: AgeFact, moment: Moment) -> Verdict:
        registered = fact.registered or 0
        if moment.day - registered >= self.days:
            return self.absent(moment)
        text = b"registered " + written(registered)
        return Verdict(Standing.LISTED, moment.left, LISTED_ADDRESS, text)

    def reserved(self, labels: tuple[bytes, ...], moment: Moment) -> Verdict:
        if labels[-1] != TEST:
            return self.absent(moment)
        return Verdict(Standing.LISTED, moment.left, LISTED_ADDRESS, b"test entry")
