"""What the age zones say of many facts at once."""

from typing import Final

import numpy as np
import numpy.typing as npt

from headwater.dnslist.answers.ages import DAY_ZERO
from headwater.dnslist.answers.batch_names import Places
from headwater.dnslist.answers.batch_tails import ABSENT, LISTED, UNKNOWN, TailZone
from headwater.dnslist.answers.dal import LOOPBACK, OLDEST, DalZone
from headwater.dnslist.answers.keyed_hash import Hashes
from headwater.dnslist.answers.single import soa_record
from headwater.dnslist.answers.snapshot import Snapshot
from headwater.dnslist.answers.young import LISTED_ADDRESS, YoungZone
from headwater.dnslist.answers.zone import Apex, Moment

DAY_BITS: Final = np.uint64(0xFFFF)
CHANGED_SHIFT: Final = np.uint64(16)
ALL_AGES: Final = -1
LISTED_NOW, ABSENT_NOW, UNKNOWN_NOW = np.uint8(LISTED), np.uint8(ABSENT), np.uint8(UNKNOWN)
Verdicts = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint32]]


class AgeZone:
    """An age zone dressed for batches."""

    __slots__ = ("tail_zone", "zone")

    def __init__(self, zone: DalZone | YoungZone) -> None:
        self.zone = zone
        self.tail_zone = TailZone(
            soa_record(zone, 0), zone.apex.wire, zone.apex.unknown_ttl, zone.apex.absent_ttl
        )

    @property
    def apex(self) -> Apex:
        return self.zone.apex

    @property
    def young_days(self) -> int:
        """Who is listed: those younger than this, or everybody."""
        return self.zone.days if isinstance(self.zone, YoungZone) else ALL_AGES

    @property
    def snapshot(self) -> Snapshot:
        return self.zone.snapshot


def judge_facts(
    young_days: Places, known: npt.NDArray[np.bool_], facts: Hashes, moment: Moment
) -> Verdicts:
    """Standing and address of (m) names. ``young_days`` (m): the zone's limit, or ALL_AGES."""
    today = moment.day - DAY_ZERO
    registered = (facts & DAY_BITS).astype(np.int64)
    changed = (facts >> CHANGED_SHIFT & DAY_BITS).astype(np.int64)
    age = today - registered
    any_age = young_days == ALL_AGES
    listed = (registered > 0) & (any_age | (age < young_days))
    standing = np.where(known, np.where(listed, LISTED_NOW, ABSENT_NOW), UNKNOWN_NOW)
    days = np.minimum(np.maximum(age, 1), OLDEST) << 8
    days |= np.minimum(np.maximum(today - changed, 0), OLDEST)
    address = np.where(any_age, days | LOOPBACK, LISTED_ADDRESS)
    return standing, address.astype(np.uint32)
