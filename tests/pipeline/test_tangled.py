"""What the hour before knew of conversations, and what this hour's records add to them."""

from typing import Any

import numpy as np
import pytest
from tests.pipeline.some_records import Row, columns

from headwater.measures.openers import FLAGS, GUESS, NEVER, NOTHING_SAID, RECORD, Meetings
from headwater.pipeline.carried import Carried
from headwater.pipeline.meetings import paired, sort_out
from headwater.pipeline.tangled import Resumed, untangle

SECOND = 1_000_000
HOUR = 3600 * SECOND
TCP, UDP = 6 << 48, 17 << 48
LOW, HIGH = 1 << 16 | 25, 7 << 16 | 40_000


def record(**said: Any) -> Row:
    """Of the low endpoint, a second long, as the hour begins."""
    row = {
        "protocol": TCP, "low": True, "started": 0, "packets": 3, "bytes": 300, "flags": 16,
        "said": NOTHING_SAID, "sampling": 1, "exporter": 0,
    } | said  # fmt: skip
    protocol = row.pop("protocol")
    row |= {"low_end": protocol | LOW, "high_end": protocol | HIGH}
    return {"ended": row["started"] + SECOND} | row


def before(*rows: Row) -> Carried:
    """Conversations of the hour before; the high endpoint's, if nothing else is said."""
    told = [
        {
            "protocol": TCP, "client_is_low": False, "opened": -2000 * SECOND,
            "closed": -SECOND, "conversation": 77, "how": FLAGS, "sampling": 1,
        } | row
        for row in rows
    ]  # fmt: skip
    kinds = {"client_is_low": np.bool_, "how": np.int8, "sampling": np.int32}
    return Carried(
        low_end=np.array([row["protocol"] | LOW for row in told], np.int64),
        high_end=np.array([row["protocol"] | HIGH for row in told], np.int64),
        **{
            name: np.array([row[name] for row in told], kinds.get(name, np.int64))
            for name in ("client_is_low", "opened", "closed", "conversation", "how", "sampling")
        },
    )


def gone_on(carried: Carried, *rows: Row) -> tuple[Meetings, Resumed]:
    """All of it is tangled: nothing of it met usually."""
    records = columns(rows)
    usual, tangle = sort_out(paired(records), carried)
    assert not len(usual.low_at)
    meetings, resumed, told = untangle(records, carried, tangle)
    assert sorted(told.records.tolist()) == list(range(len(rows)))
    found = meetings.low_packets + meetings.high_packets
    assert np.bincount(told.conversation, [row["packets"] for row in rows]).tolist() == (
        found.tolist()
    )
    return meetings, resumed


def known(resumed: Resumed) -> list[tuple[int, ...]]:
    columns = (resumed.opened, resumed.conversation, resumed.low_was_client, resumed.how)
    return list(zip(*(column.tolist() for column in columns), strict=True))


NEW = (NEVER, NEVER, NOTHING_SAID, RECORD)


@pytest.mark.parametrize("client_is_low", [True, False])
def test_what_goes_on_keeps_its_name_its_beginning_and_its_client(client_is_low: bool) -> None:
    """What it had sent is in the hour before, and not counted again."""
    carried = before({"client_is_low": client_is_low, "sampling": 9})
    meetings, resumed = gone_on(carried, record(), record(low=False, packets=4, bytes=90))
    assert known(resumed) == [(-2000 * SECOND, 77, int(client_is_low), FLAGS)]
    assert (meetings.low_packets.tolist(), meetings.high_packets.tolist()) == ([3], [4])
    assert (meetings.low_bytes.tolist(), meetings.high_bytes.tolist()) == ([300], [90])
    assert (meetings.low_flags.tolist(), meetings.high_first.tolist()) == ([16], [16])
    assert (meetings.low_start.tolist(), meetings.ended.tolist()) == ([0], [SECOND])
    assert (meetings.said.tolist(), meetings.sampling.tolist()) == ([NOTHING_SAID], [9])


def test_which_side_was_silent_is_still_known() -> None:
    meetings, _ = gone_on(before({}), record())
    assert (meetings.high_start.tolist(), meetings.high_flags.tolist()) == (
        [NEVER], [NOTHING_SAID],
    )  # fmt: skip
    assert not meetings.high_once.any()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"started": HOUR - SECOND}, (-2000 * SECOND, 77, 0, FLAGS)),
        ({"started": HOUR}, NEW),  # after an hour of silence
        ({"flags": 2}, (-2000 * SECOND, 77, 0, FLAGS)),  # said again within the second
        ({"flags": 18, "started": 1}, NEW),
    ],
)
def test_what_begins_anew_takes_nothing_over(row: Row, told: tuple[int, ...]) -> None:
    _, resumed = gone_on(before({}), record(**row))
    assert known(resumed) == [told]


def test_who_met_before_meets_again() -> None:
    """A conversation that is over stands for none, but the next is not the first."""
    meetings, resumed = gone_on(before({}), record(started=HOUR), record(started=3 * HOUR))
    assert known(resumed) == [NEW, NEW]
    assert meetings.again.tolist() == [True, True]
    meetings, _ = gone_on(before(), record(), record(), record(started=3 * HOUR, packets=9))
    assert meetings.again.tolist() == [False, True]
    assert gone_on(before({}), record())[0].again.tolist() == [True]


def test_by_datagrams_the_client_of_the_last_stays_the_client() -> None:
    """After whatever silence; that is as good as if the record said it."""
    said = {"protocol": UDP, "how": GUESS}
    carried = before(
        said | {"closed": -1500 * SECOND, "client_is_low": False, "conversation": 70},
        said | {"closed": -900 * SECOND, "client_is_low": True, "conversation": 71},
    )
    meetings, resumed = gone_on(
        carried, record(protocol=UDP), record(protocol=UDP, started=900 * SECOND)
    )
    assert known(resumed) == [(NEVER, NEVER, 1, RECORD)] * 2
    assert meetings.again.tolist() == [True, True]


@pytest.mark.parametrize("closed", [-SECOND, -60 * SECOND])
def test_of_a_port_used_twice_the_later_conversation_goes_on(closed: int) -> None:
    late = {"opened": -30 * SECOND, "conversation": 5, "how": GUESS, "client_is_low": True}
    early = {"opened": -90 * SECOND, "conversation": 6, "closed": closed}
    for carried in (before(late, early), before(early, late)):
        _, resumed = gone_on(carried, record())
        assert known(resumed) == [(-30 * SECOND, 5, 1, GUESS)]


def test_what_goes_on_lends_nothing_to_other_pairs() -> None:
    """A record of the hour before may claim to end in this one, after all that was seen."""
    carried = before({"protocol": UDP, "closed": 5 * SECOND})
    fresh = [record(), record(), record(low=False)]
    _, resumed = gone_on(carried, *fresh, record(protocol=UDP))
    assert known(resumed) == [NEW, (-2000 * SECOND, 77, 0, FLAGS)]


def test_of_two_that_began_at_one_instant_the_shorter_came_first() -> None:
    """A lone SYN is over before what follows it."""
    rows = [record(flags=24, ended=9 * SECOND), record(flags=2, ended=0), record(low=False)]
    meetings, _ = gone_on(before(), *rows)
    assert meetings.low_first.tolist() == [2]


def test_pairs_that_are_not_heard_again_are_left_out() -> None:
    records = columns([record(protocol=UDP)])
    usual, tangle = sort_out(paired(records), before({}))
    assert (len(usual.low_at), len(tangle.records), len(tangle.carried)) == (1, 0, 0)
    meetings, resumed, told = untangle(records, before({}), tangle)
    assert (len(meetings.low_end), known(resumed), len(told.records)) == (0, [], 0)


def test_flags_and_first_packets_are_of_each_side() -> None:
    rows = [
        record(flags=2, packets=1, sampling=4),
        record(flags=NOTHING_SAID, low=False, packets=4, sampling=4),
        record(flags=18, low=False, packets=4, sampling=4, started=1),
        record(flags=24, packets=4, sampling=4, started=2),
    ]
    meetings, _ = gone_on(before({"sampling": 4}), *rows)
    assert (meetings.low_flags.tolist(), meetings.low_first.tolist()) == ([26], [2])
    assert (meetings.high_flags.tolist(), meetings.high_first.tolist()) == ([18], [18])
    assert (meetings.low_once.tolist(), meetings.high_once.tolist()) == ([False], [True])
