from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.leases.samples import PLAIN, brief

from headwater.wire.leases.lease_csv import read_lease_csv


def test_columns_are_known_by_many_names_and_delimiters() -> None:
    assert brief(read_lease_csv(PLAIN.splitlines(), "f", UTC)) == [
        "2001:db8:1::/56 09:00:00|10:00:00|10:00:00|10:00:00 alice",
        "192.0.2.1 09:00:00|09:00:00||09:00:00 bob",
    ]


HEADER = "address,starts,ends,subscriber,port_from,port_to"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("192.0.2.1,2126-01-01,,a", "time out of range: '2126-01-01 00:00:00+00:00'"),
        ("192.0.2.1,1971-01-01,,a", "time out of range: '1971-01-01 00:00:00+00:00'"),
        ("192.0.2.1,2026-01-02,2026-01-01,a", "ends before it starts"),
        ("192.0.2.1,2026-01-02,2026-01-02,a", "held for no time"),
        ("0.0.0.0,2026-01-02,,a", "not an address of anybody: '0.0.0.0'"),
        ("192.0.2.1/24,2026-01-02,,a", "prefix with host bits: '192.0.2.1/24'"),
        ("192.0.2.1,2026-01-02,," + "a" * 300, "subscriber too long: 300 characters"),
        ("192.0.2.1,2026-01-02,,a,5,", "not a block of ports: '5' to ''"),
        ("192.0.2.1,2026-01-02,,a,9,5", "ports out of range: 9 to 5"),
        ("192.0.2.1,2026-01-02,,a,1,70000", "ports out of range: 1 to 70000"),
        ('192.0.2.1,"2026-01-02', "not CSV: unexpected end of data"),
    ],
)
def test_a_wrong_row_costs_itself(row: str, reason: str) -> None:
    good = "192.0.2.1,2026-01-02,,bob,1,2"
    told = brief(read_lease_csv([HEADER, row, good], "f", UTC))
    assert told == [f"line 2: {reason}", "192.0.2.1 1-2 00:00:00|00:00:00||00:00:00 bob"]


@given(st.lists(st.text(alphabet=st.sampled_from('0123456789.,:-/"ab'), max_size=60)))
def test_any_rows_are_read_or_refused(rows: list[str]) -> None:
    assert len(list(read_lease_csv([HEADER, *rows], "f", UTC))) <= len(rows)
