import pyarrow as pa
import pytest

from headwater.records.tables import TABLES


@pytest.mark.parametrize("name", TABLES)
def test_every_instant_is_utc_microseconds(name: str) -> None:
    instants = [f for f in TABLES[name] if pa.types.is_timestamp(f.type)]
    assert {str(f.type) for f in instants} <= {"timestamp[us, tz=UTC]"}


@pytest.mark.parametrize("name", TABLES)
def test_numbers_are_signed_because_every_engine_reads_those_alike(name: str) -> None:
    unsigned = [f.name for f in TABLES[name] if pa.types.is_unsigned_integer(f.type)]
    assert unsigned == []


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_told_apart(name: str) -> None:
    assert len(set(TABLES[name].names)) == len(TABLES[name].names)
