"""What the age zones say of many facts at once."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from headwater.dnslist.answers.ages import DAY_ZERO
from headwater.dnslist.answers.batch_names import Places
from headwater.dnslist.answers.batch_tails import TailZone
from headwater.dnslist.answers.dal import LOOPBACK, OLDEST, DalZone
from headwater.dnslist.answers.keyed_hash import Hashes
from headwater.dnslist.answers.single import soa_record
from headwater.dnslist.answers.snapshot import Snapshot
from headwater.dnslist.answers.young import LISTED_ADDRESS, YoungZone
from headwater.dnslist.answers.zone import Apex, Moment, Standing

DAY_BITS: Final = np.uint64(0xFFFF)
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
    def snapshot(self) -> Snapshot:
        return self.zone.snapshot


def judge_facts(
    zones: Sequence[AgeZone],
    zone: Places,
    known: npt.NDArray[np.bool_],
    facts: Hashes,
    moment: Moment,
    verdicts: Verdicts,
) -> None:
    """Fill in standing and address (m) for known names; ``zone`` (m) numbers ``zones``."""
    standing, address = verdicts
    today = moment.day - DAY_ZERO
    registered = (facts & DAY_BITS).astype(np.int64)
    age = today - registered
    quiet = np.clip(today - (facts >> np.uint64(16) & DAY_BITS).astype(np.int64), 0, OLDEST)
    exists = known & (registered > 0)
    standing[known & (registered == 0)] = Standing.ABSENT
    for number, dressed in enumerate(zones):
        here = exists & (zone == number)
        if isinstance(dressed.zone, YoungZone):
            standing[here] = np.where(
                age[here] < dressed.zone.days, Standing.LISTED, Standing.ABSENT
            )
            address[here] = LISTED_ADDRESS
        else:
            standing[here] = Standing.LISTED
            codes = np.clip(age[here], 1, OLDEST) << 8 | quiet[here]
            address[here] = LOOPBACK | codes
