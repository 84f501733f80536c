from datetime import UTC
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.wire.leases.samples import RADACCT, brief

from headwater.wire.leases.radius_csv import read_radius_csv


def test_a_row_without_a_stop_is_sure_until_its_last_update() -> None:
    assert brief(read_radius_csv(RADACCT.splitlines(), "f", UTC)) == [
        "192.0.2.10 09:00:00|09:30:00|09:30:00|09:30:00 alice u1",
        "2001:db8:1::/56 09:00:00|09:30:00|09:30:00|09:30:00 alice u1",
        "192.0.2.11 09:00:00|09:20:00||09:20:00 bob u2",
    ]


def test_times_without_a_zone_are_in_the_one_given() -> None:
    told = brief(read_radius_csv(RADACCT.splitlines(), "f", ZoneInfo("Europe/Vienna")))
    assert told[0].startswith("192.0.2.10 08:00:00|08:30:00")


def test_wrong_rows() -> None:
    header, row, _ = RADACCT.splitlines()
    told = [
        row.replace("192.0.2.10", "").replace("2001:db8:1::/56", ""),
        row.replace("09:00:00", "25:00:00"),
        row.replace("09:30:00", "08:30:00"),
    ]
    assert brief(read_radius_csv([header, *told], "f", UTC)) == [
        "line 2: no address or prefix",
        "line 3: not a time: '2026-03-01 25:00:00'",
        "line 4: ends before it starts",
    ]
    assert brief(read_radius_csv(["username,x"], "f", UTC)) == [
        "line 1: no such column: starts, ends"
    ]


@given(st.lists(st.text(max_size=60), max_size=10))
def test_any_rows_are_read_or_refused(rows: list[str]) -> None:
    told = list(read_radius_csv([RADACCT.splitlines()[0], *rows], "f", UTC))
    assert len(told) <= 4 * len(rows)
