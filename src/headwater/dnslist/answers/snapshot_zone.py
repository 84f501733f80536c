"""What the zones that answer from a snapshot of ages have in common."""

from abc import ABC, abstractmethod

from headwater.dnslist.answers.age_lookup import Knowledge, look_up
from headwater.dnslist.answers.ages import AgeFact
from headwater.dnslist.answers.snapshot import Snapshot
from headwater.dnslist.answers.zone import Apex, Moment, Standing, Verdict


class SnapshotZone(ABC):
    """For any name the registrable domain answers; what is said of a known one differs."""

    __slots__ = ("apex", "snapshot")

    def __init__(self, apex: Apex, snapshot: Snapshot) -> None:
        self.apex = apex
        self.snapshot = snapshot

    @property
    def serial(self) -> int:
        return self.snapshot.made_at

    @abstractmethod
    def known(self, fact: AgeFact, moment: Moment) -> Verdict:
        """What is said of a registered domain."""

    @abstractmethod
    def reserved(self, labels: tuple[bytes, ...], moment: Moment) -> Verdict:
        """What is said of names at and below TEST and INVALID (RFC 5782 section 5)."""

    def look(self, labels: tuple[bytes, ...], moment: Moment) -> Verdict:
        """Every TTL ends at the next UTC midnight, when the age changes."""
        looked = look_up(self.snapshot, labels)
        match looked.knowledge:
            case Knowledge.KNOWN if looked.fact is not None:
                return self.known(looked.fact, moment)
            case Knowledge.RESERVED:
                return self.reserved(labels, moment)
            case Knowledge.NO_SUCH_DOMAIN:
                return self.absent(moment)
            case Knowledge.SUFFIX:
                # RFC 8020: NXDOMAIN here would deny every name below; resolvers that
                # minimise names (RFC 9156) ask for the suffix first.
                return Verdict(Standing.NO_DATA, moment.left)
            case _:
                # NODATA for a short while: the answer is on its way.
                ttl = min(self.apex.unknown_ttl, moment.left)
                return Verdict(Standing.UNKNOWN, ttl, wanted=looked.name)

    def absent(self, moment: Moment) -> Verdict:
        """NXDOMAIN, for no longer than the operator allows or the day lasts."""
        return Verdict(Standing.ABSENT, min(self.apex.absent_ttl, moment.left))
