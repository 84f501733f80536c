"""Tables of flows in many types come out alike."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.wire.flow_rows import Places, Portion
from headwater.wire.flow_table import known_columns, read, unknown_columns

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
TEXT = {
    "started_at": ["2024-05-01T12:00:00Z", "1714564800"],
    "ended_at": ["2024-05-01 12:00:01", None],
    "src": ["192.0.2.1", "2001:DB8::1"],
    "dst": ["198.51.100.1", "::ffff:192.0.2.9"],
    "src_port": ["1024", "53"],
    "dst_port": ["25", "53"],
    "protocol": ["tcp", "17"],
    "tcp_flags": [".AP.SF", None],
    "packets": ["3", "1"],
    "bytes": ["180", "64"],
    "sampling": ["1", "100"],
    "initiator": ["true", "0"],
}
TYPED = {
    "started_at": pa.array([NOON, NOON], pa.timestamp("ns", tz="UTC")),
    "ended_at": pa.array([1714564801.0, None]),
    "src": pa.array(["192.0.2.1", "2001:db8::1"]).dictionary_encode(),
    "dst": pa.array(["198.51.100.1", "192.0.2.9"], pa.large_string()),
    "src_port": pa.array([1024, 53], pa.uint16()),
    "dst_port": pa.array([25.0, 53.0]),
    "protocol": pa.array([6, 17], pa.int8()),
    "tcp_flags": pa.array([27, None], pa.uint8()),
    "packets": pa.array([3, 1], pa.uint64()),
    "bytes": pa.array([180, 64], pa.decimal128(20, 0)),
    "sampling": pa.array([1, 100], pa.int16()),
    "initiator": pa.array([True, False]),
}


def rows(columns: dict[str, object]) -> list[dict[str, object]]:
    batch = pa.RecordBatch.from_pydict(columns)
    places = Places(unit="row", numbers=np.arange(1, batch.num_rows + 1))
    (got,) = read(batch, places, "a")
    assert isinstance(got, Portion)
    found: list[dict[str, object]] = got.flows.to_pylist()
    return found


def test_text_and_types_mean_the_same() -> None:
    assert rows(dict(TEXT)) == rows(dict(TYPED))


def test_values() -> None:
    first, second = rows(dict(TEXT))
    assert first["started_at"] == NOON
    assert (first["protocol"], first["tcp_flags"], first["initiator"]) == (6, 27, True)
    assert (second["src"], second["dst"]) == ("2001:db8::1", "192.0.2.9")
    assert second["ended_at"] == NOON
    assert (second["sampling"], second["packets"]) == (100, 1)


def test_names_may_be_large_and_others_are_passed_over() -> None:
    columns = {name.upper(): values for name, values in TEXT.items()} | {"Label": ["a", "b"]}
    assert rows(columns) == rows(dict(TEXT))
    assert unknown_columns(list(columns)) == ["Label"]


def test_times_without_a_zone_are_counted() -> None:
    batch = pa.RecordBatch.from_pydict(TEXT | {"started_at": ["2024-05-01 12:00:00"] * 2})
    (got,) = read(batch, Places(unit="row", numbers=np.arange(2)), "a")
    assert isinstance(got, Portion)
    assert got.without_zone == 2


def test_bad_values_are_refused() -> None:
    batch = pa.RecordBatch.from_pydict(TEXT | {"initiator": ["maybe", None]})
    found = list(read(batch, Places(unit="row", numbers=np.arange(1, 3)), "a"))
    assert Refused(source="a", position="row 1", reason="initiator not readable") in found
    assert len(found) == 2


@pytest.mark.parametrize("name", ["started_at", "src", "dst", "protocol", "packets", "bytes"])
def test_needed_columns_are_named_where_missing(name: str) -> None:
    with pytest.raises(MalformedInput, match=f"no column {name}"):
        known_columns([other for other in TEXT if other != name])


def test_a_column_twice_is_refused() -> None:
    with pytest.raises(MalformedInput, match="column src twice"):
        known_columns([*TEXT, "SRC"])
