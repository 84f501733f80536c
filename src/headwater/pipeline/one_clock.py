"""An hour's records as if one clock had stamped them all.

Where the ways in and out differ, each is stamped by an exporter of its own, and some
exporters have a clock for each way. A second or two apart, the two directions of a short
conversation no longer meet, and answers come before their questions. Each exporter, each
way, counts as a clock; what a sample of TCP's openings tells of them is taken off.
"""

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from headwater.lake.layout import HOUR_US
from headwater.measures.alike import parted
from headwater.measures.clocks_apart import ahead_us
from headwater.measures.columns import picked
from headwater.measures.endpoints import addresses, ports
from headwater.measures.openers import NOTHING_SAID, SYN, WELL_KNOWN
from headwater.pipeline.conversation_keys import Bools, Codes, Ints
from headwater.pipeline.hour_records import HourRecords, Records
from headwater.pipeline.meetings import in_twos

# Records an hour that are looked at: some ten thousand openings, for what twenty would do.
SAMPLE: Final = 1 << 16
BLOCK: Final = 1 << 16  # records at a time, whose columns stay in the nearest cache
MOST_PORT: Final = (1 << 16) - 1
WAYS: Final = 2  # in, and out


@dataclass(frozen=True, slots=True)
class Sample:
    """Which records to look at: of a conversation both directions or neither.

    They are chosen by their ports, so that parts of an hour choose what the whole does.
    """

    chosen: Bools  # by the sum of both ports

    @classmethod
    def of(cls, records: int) -> "Sample":
        """For an hour of so many records."""
        sums = np.arange(2 * MOST_PORT + 1, dtype=np.int64)
        return cls(parted(sums, max(records // SAMPLE, 1)) == 0)

    def rows(self, one_end: Ints, other_end: Ints) -> Ints:
        """``one_end``: endpoints, or only their ports."""
        found = [np.empty(0, np.int64)]
        for start in range(0, len(one_end), BLOCK):
            block = slice(start, start + BLOCK)
            sums = ports(one_end[block]) + ports(other_end[block])
            found.append(np.flatnonzero(picked(self.chosen, sums)) + start)
        return np.concatenate(found)


def of_one_clock(read: HourRecords, is_own: Bools) -> HourRecords:
    """The hour, put right; ``is_own``: by address."""
    records = read.records
    rows = Sample.of(len(records)).rows(records.low_end, records.high_end)
    ahead = clocks_ahead_us(taken(records, rows), is_own, len(read.exporters))
    return replace(read, records=put_right(records, read.hour, is_own, ahead))


def clocks_ahead_us(sample: Records, is_own: Bools, exporters: int) -> Ints:
    """Of each clock by how much it is ahead; numbered as ``clocks`` does."""
    told = taken(sample, np.flatnonzero(_begins(sample)))
    one, other = in_twos(told)
    # Two records of one way are of one clock, and tell nothing of two.
    by_client = ports(_senders(told)[one]) >= WELL_KNOWN
    asked, answered = np.where(by_client, one, other), np.where(by_client, other, one)
    clock = clocks(told, is_own)
    took = told.started[answered] - told.started[asked]
    return ahead_us(clock[asked], clock[answered], took, WAYS * exporters)


def clocks(records: Records, is_own: Bools) -> Ints:
    """Of each record its clock: that of its exporter, for its way."""
    return clock_numbers(records.exporter, is_own[addresses(_senders(records))])


def clock_numbers(exporter: Codes, goes_out: Bools) -> Ints:
    """``goes_out``: sent by an own host."""
    return WAYS * exporter.astype(np.int64) + goes_out


def put_right(records: Records, hour: int, is_own: Bools, ahead: Ints) -> Records:
    """Less what their clocks are ahead; but within the hour where their exporter put them."""
    if not ahead.any():
        return records
    by = ahead[clocks(records, is_own)]
    first, last = hour * HOUR_US, (hour + 1) * HOUR_US - 1
    ended = np.where(by == 0, records.ended, np.maximum(records.ended - by, first))
    return replace(records, started=np.clip(records.started - by, first, last), ended=ended)


def taken(records: Records, rows: Ints) -> Records:
    """These records only."""
    names = (column.name for column in fields(Records))
    return Records(**{name: getattr(records, name)[rows] for name in names})


def together(parts: list[Records]) -> Records:
    """All of them."""
    names = (column.name for column in fields(Records))
    return Records(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    )


def _senders(records: Records) -> Ints:
    return np.where(records.low, records.low_end, records.high_end)


def _begins(records: Records) -> Bools:
    """Where a TCP conversation begins, and the ports tell its client.

    Of what has no flags nothing is known: what goes on shows either side first.
    """
    opens = (records.flags != NOTHING_SAID) & (records.flags & SYN != 0)
    low, high = (ports(end) < WELL_KNOWN for end in (records.low_end, records.high_end))
    return opens & (low != high)
