import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.leases.samples import KEA4, KEA6, brief

from headwater.wire.leases.kea_memfile import read_kea


def test_a_deletion_says_only_that_it_ended_after_all_above_it() -> None:
    assert brief(read_kea(KEA4.splitlines(), "f")) == [
        "192.0.2.10 09:00:00|10:00:00|10:00:00|09:00:00 00:00:5e:00:53:01",
        "192.0.2.11 09:10:00|10:10:00|10:10:00|09:10:00 010203",
        "192.0.2.10 09:00:00|09:10:00|10:00:00|09:10:00 00:00:5e:00:53:01",
    ]


def test_addresses_and_delegated_prefixes_of_ipv6() -> None:
    assert brief(read_kea(KEA6.splitlines(), "f")) == [
        "2001:db8::10 09:00:00|09:10:00|09:10:00|09:00:00 00030001",
        "2001:db8:1::/56 09:00:00|09:10:00|09:10:00|09:10:00 00030001",
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("192.0.2.1,,,3600,1772359200,1,0,0,,1,,0", "held by nobody: state declined"),
        ("192.0.2.1,,,3600,1772359200,1,0,0,,0,,0", "no subscriber"),
        ("192.0.2.1,a,,x,1772359200,1,0,0,,0,,0", "valid_lifetime is no number: 'x'"),
        ("192.0.2.1,a,,10,99999999999,1,0,0,,0,,0", "time out of range: '99999999989'"),
        ("192.0.2.1,a,,10", "wrong number of values: 4 of 12"),
        ("192.0.2.1" * 1000, "line too long: 9000 characters, 8192 are read"),
    ],
)
def test_a_wrong_row_costs_itself(row: str, reason: str) -> None:
    header, *rows = KEA4.splitlines()
    told = brief(read_kea([header, row, *rows], "f"))
    assert told[0] == f"line 2: {reason}"
    assert len(told) == 4


def test_a_lease_without_end_lasts_for_ever() -> None:
    header = KEA4.splitlines()[0]
    row = f"192.0.2.1,a,,4294967295,{1772355600 + 4294967295},1,0,0,,0,,0"
    assert brief(read_kea([header, row], "f")) == [
        "192.0.2.1 09:00:00|00:00:00|00:00:00|09:00:00 a"
    ]


def test_rows_before_any_header_are_refused() -> None:
    assert brief(read_kea(["192.0.2.1,a"], "f")) == ["line 1: no header"]


@given(st.lists(st.text(alphabet=st.sampled_from("0123456789.,:abcdef&#x2c")), max_size=20))
def test_any_rows_are_read_or_refused(rows: list[str]) -> None:
    told = list(read_kea([KEA6.splitlines()[0], *rows], "f"))
    assert len(told) <= len(rows)
