"""The list of young domains: 127.0.0.2 for those younger than a setting, else nothing.

For clients that read any address as "listed". Domains that are old enough and domains
that do not exist are NXDOMAIN; a domain not known yet is NODATA, which such a client
reads as "not listed", too.
"""

from typing import Final

from headwater.dnslist.answers.age_lookup import Knowledge, look_up
from headwater.dnslist.answers.dal import absent, unknown, written
from headwater.dnslist.answers.snapshot import Snapshot
from headwater.dnslist.answers.zone import TEST, Apex, Moment, Standing, Verdict

LISTED_ADDRESS: Final = 0x7F000002  # RFC 5782 section 2.1: 127.0.0.2
DEFAULT_DAYS: Final = 30


class YoungZone:
    """Lists domains registered less than ``days`` days ago."""

    __slots__ = ("apex", "days", "snapshot")

    def __init__(self, apex: Apex, snapshot: Snapshot, *, days: int = DEFAULT_DAYS) -> None:
        self.apex = apex
        self.snapshot = snapshot
        self.days = days

    @property
    def serial(self) -> int:
        return self.snapshot.made_at

    def look(self, labels: tuple[bytes, ...], moment: Moment) -> Verdict:
        looked = look_up(self.snapshot, labels)
        match looked.knowledge:
            case Knowledge.KNOWN if looked.fact is not None:
                registered = looked.fact.registered or 0
                if moment.day - registered < self.days:
                    text = b"registered " + written(registered)
                    return Verdict(Standing.LISTED, moment.left, LISTED_ADDRESS, text)
                return absent(moment, self.apex)
            case Knowledge.RESERVED if labels[-1] == TEST:
                return Verdict(Standing.LISTED, moment.left, LISTED_ADDRESS, b"test entry")
            case Knowledge.SUFFIX:
                # RFC 8020: NXDOMAIN here would deny every name below; resolvers that
                # minimise names (RFC 9156) ask for the suffix first.
                return Verdict(Standing.NO_DATA, moment.left)
            case Knowledge.NOT_YET:
                return unknown(moment, self.apex, looked.name)
            case _:
                return absent(moment, self.apex)
