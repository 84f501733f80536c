"""Tables are shown to questions, and answers given back, in the same types everywhere."""

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from headwater.lake.engine import instants_as_numbers, plain_numbers
from headwater.records.errors import Misconfigured
from headwater.records.window import to_us

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_instants_become_microseconds(unit: str) -> None:
    kind = pa.timestamp(unit, tz="UTC")
    rows = pa.table({"at": pa.array([NOON, None], kind), "name": ["a", "b"]})
    seen = instants_as_numbers(rows)
    assert seen.to_pydict() == {"at": [to_us(NOON), None], "name": ["a", "b"]}


def test_numbers_of_an_answer_are_64_bits_wide() -> None:
    answer = pa.table(
        {
            "sum": pa.array([Decimal(7)], pa.decimal128(38, 0)),
            "share": pa.array([Decimal("0.5")], pa.decimal128(2, 1)),
            "port": pa.array([25], pa.int32()),
            "who": pa.array(["192.0.2.1"], pa.large_string()),
        }
    )
    plain = plain_numbers(answer)
    assert plain.to_pylist() == [{"sum": 7, "share": 0.5, "port": 25, "who": "192.0.2.1"}]
    assert plain.schema.types == [pa.int64(), pa.float64(), pa.int64(), pa.string()]


def test_a_sum_beyond_64_bits_is_told() -> None:
    answer = pa.table({"sum": pa.array([Decimal(1 << 70)], pa.decimal128(38, 0))})
    with pytest.raises(Misconfigured, match="too large"):
        plain_numbers(answer)
