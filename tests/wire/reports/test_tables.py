import pytest
from tests.wire.reports.cases import DESK, WORDS

from headwater.wire.reports.tables import columns_of, csv_cells, csv_rows, find_tables, read_row


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("timestamp,ip,port", "ip"),
        ("Date,Time,C&C,C&C Port,PXY,PXY Port", "PXY"),
        ("time,source_ip,ip", "source_ip"),
        ("timestamp,ip,cc,proxy", "ip"),
        ("src,dst,time", "src"),
    ],
)
def test_the_accused_s_column(header: str, column: str) -> None:
    names = header.split(",")
    columns = columns_of(names, WORDS)
    assert columns is not None
    assert names[columns.address] == column


@pytest.mark.parametrize("header", ["a,b", "destination ip,time", "ip", "", "md5,url,asn"])
def test_a_table_that_accuses_nobody(header: str) -> None:
    assert columns_of(header.split(","), WORDS) is None


def test_date_and_time_in_two_columns_are_one_moment() -> None:
    columns = columns_of(["Time", "Date", "ip"], WORDS)
    assert columns is not None
    row = read_row(["08:15:27", "2019-03-12", "192.0.2.7"], columns, DESK)
    assert row is not None
    assert row.moment is not None
    assert f"{row.moment.at:%F %T}" == "2019-03-12 08:15:27"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    text = f'ip{delimiter}"time"\n192.0.2.7{delimiter}"a b"\n'
    assert list(csv_rows(text)) == [["ip", "time"], ["192.0.2.7", "a b"]]


def test_a_broken_row_costs_only_itself() -> None:
    assert len(list(csv_cells(["a,b", "c\0,d"], ","))) == 2
    assert list(csv_rows("")) == []


def test_aligned_columns_with_a_gap_are_cut_at_the_header() -> None:
    lines = [
        "Time                 Source IP      Note  Port",
        "2019-03-12 08:15:27  192.0.2.7            22",
    ]
    (table,) = find_tables(lines, DESK, {1})
    ((number, row),) = table.rows
    assert (number, row.address) == (1, "192.0.2.7")
