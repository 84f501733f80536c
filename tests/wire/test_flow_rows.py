"""Rows that can be held become flows; the others are refused with their place."""

import numpy as np
import pyarrow as pa
import pytest

from headwater.records.intake import Refused
from headwater.records.tables import FLOWS
from headwater.wire.columns.numbers import Values, whole_numbers
from headwater.wire.columns.words import Coded, addresses
from headwater.wire.flow_rows import REQUIRED, Places, Portion, portion

NOON_US = 1_714_564_800_000_000


def numbers(*given: int | str | None) -> Values:
    return whole_numbers(pa.array([None if n is None else str(n) for n in given], pa.string()))


def fields(**changed: Values | Coded) -> dict[str, Values | Coded]:
    """Two flows, one TCP and one ICMP."""
    two: dict[str, Values | Coded] = {
        "started_at": numbers(NOON_US, NOON_US + 1),
        "src": addresses(pa.array(["192.0.2.1", "2001:db8::1"])),
        "dst": addresses(pa.array(["198.51.100.1", "2001:db8::2"])),
        "src_port": numbers(1024, 8),
        "dst_port": numbers(25, 0),
        "protocol": numbers(6, 58),
        "packets": numbers(3, 1),
        "bytes": numbers(180, 64),
    }
    return two | changed


def read(**changed: Values | Coded) -> tuple[list[dict[str, object]], list[Refused]]:
    places = Places(unit="line", numbers=np.array([7, 9], np.int64))
    found = list(portion(fields(**changed), places, "a.csv"))
    rows = [row for got in found if isinstance(got, Portion) for row in got.flows.to_pylist()]
    return rows, [got for got in found if isinstance(got, Refused)]


def test_absent_columns_have_their_defaults() -> None:
    rows, refused = read()
    assert refused == []
    assert rows[0]["ended_at"] == rows[0]["started_at"]
    assert rows[0]["sampling"] == 1
    for name in ("tcp_flags", "exporter", "initiator", "src_as", "input_if"):
        assert rows[0][name] is None


def test_the_shape_is_that_of_flows() -> None:
    (got,) = portion(fields(), Places(unit="line", numbers=np.arange(2)), "a.csv")
    assert isinstance(got, Portion)
    assert got.flows.schema.equals(FLOWS)


def test_protocols_without_ports_have_none() -> None:
    rows, refused = read(src_port=numbers(1024, "8.0"))
    assert [(row["src_port"], row["dst_port"]) for row in rows] == [(1024, 25), (0, 0)]
    assert refused == []


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("src_port", numbers(65536, 0), "src_port out of range: not 0 to 65535"),
        ("src_port", numbers(-1, 0), "src_port out of range: not 0 to 65535"),
        ("src_port", numbers("http", 0), "src_port not readable"),
        ("protocol", numbers(256, 6), "protocol out of range: not 0 to 255"),
        ("protocol", numbers(None, 6), "protocol missing"),
        ("sampling", numbers(0, 1), "sampling out of range: not 1 to 2147483647"),
        ("tcp_flags", numbers(65536, 1), "tcp_flags out of range: not 0 to 65535"),
        ("packets", numbers("many", 1), "packets not readable"),
        ("started_at", numbers(None, 1), "started_at missing"),
        ("ended_at", numbers("never", 1), "ended_at not readable"),
        ("src", addresses(pa.array(["host", "192.0.2.1"])), "src not readable"),
        ("dst", addresses(pa.array([None, "192.0.2.1"])), "dst missing"),
        ("exporter", addresses(pa.array(["me", None])), "exporter not readable"),
    ],
)
def test_a_row_that_cannot_be_held_is_refused_and_its_neighbour_kept(
    name: str, values: Values | Coded, reason: str
) -> None:
    rows, refused = read(**{name: values})
    assert refused == [Refused(source="a.csv", position="line 7", reason=reason)]
    assert len(rows) == 1


def test_rows_of_one_fault_are_counted_together_each_row_once() -> None:
    rows, refused = read(packets=numbers("x", "y"), bytes=numbers("x", 1))
    assert rows == []
    assert [(r.reason, r.records, r.position) for r in refused] == [
        ("packets not readable", 2, "line 7")
    ]


@pytest.mark.parametrize("name", ["sampling", "ended_at", "src_port", "tcp_flags"])
def test_single_values_may_be_missing(name: str) -> None:
    rows, refused = read(**{name: numbers(None, None)})
    assert refused == []
    assert len(rows) == 2


def test_required_columns_are_of_the_shape() -> None:
    assert set(REQUIRED) <= set(FLOWS.names)
