"""Small tables for the lake's tests."""

from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

RowsAt = Callable[[Sequence[int]], pa.Table]


@pytest.fixture
def flows() -> RowsAt:
    """Flows that start at the given microseconds; ``packets`` counts from 0."""
    return _flows


@pytest.fixture
def sightings() -> RowsAt:
    """Sightings made at the given microseconds."""
    return _sightings


def _flows(starts_us: Sequence[int]) -> pa.Table:
    count = len(starts_us)
    starts = pa.array(starts_us, pa.int64())
    return pa.table(
        {
            "started_at": starts,
            "ended_at": starts,
            "src": pa.array(["192.0.2.1"] * count).dictionary_encode(),
            "dst": ["198.51.100.2"] * count,
            "src_port": pa.array([1024] * count, pa.int32()),
            "dst_port": pa.array([25] * count, pa.int32()),
            "protocol": pa.array([6] * count, pa.int32()),
            "packets": pa.array(range(count), pa.int64()),
            "bytes": pa.array([60] * count, pa.int64()),
            "sampling": pa.array([1] * count, pa.int32()),
        }
    )


def _sightings(seen_us: Sequence[int]) -> pa.Table:
    count = len(seen_us)
    return pa.table(
        {
            "seen_at": pa.array(seen_us, pa.int64()),
            "subject": ["192.0.2.1"] * count,
            "subject_kind": ["address"] * count,
            "kind": ["listed"] * count,
            "means": ["proxy"] * count,
            "source": ["list.example"] * count,
        }
    )
