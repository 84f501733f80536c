import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.pairing import LEAD_US, Ints, Pairing, Sessions, pair

START_US = 5_000_000_000
HOUR_US = 3_600_000_000

# (host, inward, port, opened_us): what one row of an answer is made of.
Row = tuple[int, bool, int, int]
ROWS = st.lists(
    st.tuples(
        st.integers(0, 4), st.booleans(), st.sampled_from([25, 1080, 8080]),
        st.integers(START_US - HOUR_US, START_US + HOUR_US),
    ),
    max_size=40,
)  # fmt: skip


def paired(rows: list[Row]) -> Pairing:
    host, inward, port, opened = (np.array(part) for part in zip(*rows, strict=True))
    number: Ints = np.arange(len(rows), dtype=np.int64)
    sessions = Sessions(
        host=host.astype(np.int64),
        far=number + 100,
        opened_us=opened.astype(np.int64),
        up_bytes=number * 10,
        up_packets=number,
        down_bytes=number * 20,
        down_packets=number * 2,
    )
    return pair(sessions, inward, np.stack([host, port]).astype(np.int64), START_US)


def test_each_service_of_a_host_faces_all_that_the_host_opened() -> None:
    found = paired(
        [
            (7, True, 1080, START_US + 2),
            (7, False, 25, START_US + 4),
            (7, True, 8080, START_US + 1),
            (7, False, 443, START_US + 3),
            (9, False, 25, START_US),  # of a host that serves nothing
        ]
    )
    assert found.groups == 2
    assert found.keys.T.tolist() == [[7, 1080], [7, 8080]]
    assert found.inbound.row.tolist() == [0, 2]
    assert found.of.tolist() == [0, 1]
    assert found.outbound.legs.group.tolist() == [7, 7]
    assert found.outbound.row.tolist() == [3, 1]


def test_a_host_that_opens_nothing_has_an_empty_leg() -> None:
    found = paired([(7, True, 1080, START_US), (9, False, 25, START_US)])
    assert (len(found.inbound.legs), len(found.outbound.legs)) == (1, 0)


def test_what_opened_a_day_before_the_window_still_has_a_positive_time() -> None:
    found = paired([(7, True, 1080, START_US - LEAD_US), (7, False, 25, START_US)])
    assert found.inbound.legs.start_us.tolist() == [0]
    assert found.outbound.legs.start_us.tolist() == [LEAD_US]


@given(ROWS.filter(lambda rows: any(inward for _, inward, _, _ in rows)))
def test_nothing_is_lost_doubled_or_out_of_order(rows: list[Row]) -> None:
    found = paired(rows)
    keys = sorted({(host, port) for host, inward, port, _ in rows if inward})
    assert found.keys.T.tolist() == [list(key) for key in keys]
    serving = {host for host, _ in keys}
    came = [(row[0], n) for n, row in enumerate(rows) if row[1]]
    went = [(row[0], n) for n, row in enumerate(rows) if not row[1] and row[0] in serving]
    for side, expected in ((found.inbound, came), (found.outbound, went)):
        legs = side.legs
        assert sorted(zip(legs.group.tolist(), side.row.tolist(), strict=True)) == sorted(
            expected
        )
        assert (legs.far - 100).tolist() == side.row.tolist()
        assert (legs.up_bytes // 10).tolist() == legs.up_packets.tolist() == side.row.tolist()
        assert (legs.down_bytes // 20).tolist() == (legs.down_packets // 2).tolist()
        assert (legs.down_packets // 2).tolist() == side.row.tolist()
    for order in (
        list(zip(found.of, found.inbound.legs.start_us, strict=True)),
        list(zip(found.outbound.legs.group, found.outbound.legs.start_us, strict=True)),
    ):
        assert order == sorted(order)
    for key, visits in zip(keys, found.visits(), strict=True):
        assert {rows[n][0::2] for n in found.inbound.row[visits]} == {key}
    assert sum(v.stop - v.start for v in found.visits()) == len(came)


def test_rows_that_are_turned_exchange_up_and_down() -> None:
    answer = pa.table(
        {
            "opened_at": [5, 6],
            "up_bytes": [10, 11],
            "up_packets": [20, 21],
            "down_bytes": [30, 31],
            "down_packets": [40, None],
        }
    )
    code = np.arange(2)
    plain = Sessions.of(answer, code, code + 7)
    assert (plain.host.tolist(), plain.far.tolist()) == ([0, 1], [7, 8])
    assert plain.opened_us.tolist() == [5, 6]
    assert (plain.up_bytes.tolist(), plain.up_packets.tolist()) == ([10, 11], [20, 21])
    assert (plain.down_bytes.tolist(), plain.down_packets.tolist()) == ([30, 31], [40, 0])
    turned = Sessions.of(answer, code, code).turned(np.array([True, False]))
    assert (turned.up_bytes.tolist(), turned.up_packets.tolist()) == ([30, 11], [40, 21])
    assert (turned.down_bytes.tolist(), turned.down_packets.tolist()) == ([10, 31], [20, 0])
