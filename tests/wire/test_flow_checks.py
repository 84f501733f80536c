"""The checks every flow passes, at their exact limits."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headwater.records.intake import Refused
from headwater.records.tables import FLOWS
from headwater.wire.flow_checks import AHEAD_US, CLOCK_GRAIN_US, EARLIEST_US, Rules, check
from headwater.wire.flow_rows import Places, Portion

NOW_US = 1_714_564_800_000_000
LARGEST = 2**63 - 1
RULES = Rules(now_us=NOW_US)


def flow(**changed: object) -> pa.RecordBatch:
    start = changed.pop("started_at", NOW_US)
    row = {
        "started_at": start,
        "ended_at": start,
        "src": "192.0.2.1",
        "dst": "192.0.2.2",
        "src_port": 1,
        "dst_port": 2,
        "protocol": 6,
        "packets": 3,
        "bytes": 180,
        "sampling": 1,
        "exporter": "198.51.100.1",
    } | changed
    arrays = [
        pa.array([row.get(field.name)], pa.int64()).cast(field.type)
        if pa.types.is_timestamp(field.type)
        else pa.array([row.get(field.name)]).cast(field.type)
        for field in FLOWS
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=FLOWS)


def judge(
    batch: pa.RecordBatch, rules: Rules = RULES, scaled: bool = False
) -> tuple[list[dict[str, object]], list[str]]:
    places = Places(unit="line", numbers=np.arange(1, batch.num_rows + 1))
    found = list(check(Portion(flows=batch, places=places, scaled=scaled), "a.csv", rules))
    rows = [r for got in found if isinstance(got, pa.RecordBatch) for r in got.to_pylist()]
    return rows, [got.reason for got in found if isinstance(got, Refused)]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"started_at": EARLIEST_US}, None),
        ({"started_at": EARLIEST_US - 1}, "clock too far in the past"),
        ({"started_at": 0}, "clock too far in the past"),
        ({"started_at": NOW_US + AHEAD_US}, None),
        ({"started_at": NOW_US + AHEAD_US + 1}, "clock in the future"),
        ({"ended_at": NOW_US + AHEAD_US + 1}, "clock in the future"),
        ({"started_at": 4_102_444_800_000_000}, "clock in the future"),
        ({"ended_at": NOW_US - CLOCK_GRAIN_US}, None),
        ({"ended_at": NOW_US - CLOCK_GRAIN_US - 1}, "flow ends before it starts"),
        ({"packets": 0, "bytes": 0}, None),
        ({"packets": -1}, "counter below zero"),
        ({"bytes": -1}, "counter below zero"),
        ({"bytes": LARGEST}, None),
        ({"bytes": LARGEST // 100, "sampling": 100}, None),
        ({"bytes": LARGEST // 100 + 1, "sampling": 100}, "counter too large"),
        ({"packets": LARGEST, "sampling": 2}, "counter too large"),
    ],
)
def test_limits(changed: dict[str, object], reason: str | None) -> None:
    rows, reasons = judge(flow(**changed))
    assert [text.partition(":")[0] for text in reasons] == ([reason] if reason else [])
    assert len(rows) == (0 if reason else 1)


def test_a_refusal_shows_the_values_and_the_place() -> None:
    batch = pa.concat_batches([flow(), flow(started_at=0), flow(started_at=1)])
    places = Places(unit="line", numbers=np.array([5, 6, 8]))
    refused = [
        got
        for got in check(Portion(flows=batch, places=places), "a.csv", RULES)
        if isinstance(got, Refused)
    ]
    reason = "clock too far in the past: 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z"
    assert refused == [Refused(source="a.csv", position="line 6", reason=reason, records=2)]


@pytest.mark.parametrize(
    ("rules", "scaled", "packets"),
    [
        (RULES, False, 300),
        (RULES, True, 3),
        (Rules(now_us=NOW_US, already_scaled=True), False, 3),
        (Rules(now_us=NOW_US, scaled_exporters=frozenset({"198.51.100.1"})), False, 3),
        (Rules(now_us=NOW_US, scaled_exporters=frozenset({"198.51.100.9"})), False, 300),
    ],
)
def test_counters_are_multiplied_unless_they_are_already(
    rules: Rules, scaled: bool, packets: int
) -> None:
    (row,), _ = judge(flow(sampling=100), rules, scaled)
    assert (row["packets"], row["bytes"], row["sampling"]) == (packets, packets * 60, 100)


SILENT = {"rates": {"198.51.100.1": 50}}


@pytest.mark.parametrize(
    ("rules", "said", "scaled", "sampling", "packets"),
    [
        (SILENT, 1, False, 50, 150),
        (SILENT, 1, True, 50, 150),
        (SILENT, 100, False, 100, 300),
        ({"rates": {"198.51.100.9": 50}}, 1, False, 1, 3),
        (SILENT | {"already_scaled": True}, 1, False, 50, 3),
        (SILENT | {"scaled_exporters": frozenset({"198.51.100.1"})}, 1, False, 50, 3),
    ],
)
def test_a_rate_that_records_do_not_say_is_the_operators(
    rules: dict[str, Any], said: int, scaled: bool, sampling: int, packets: int
) -> None:
    """Whoever stored the records scaled has not multiplied by what nobody told them."""
    (row,), _ = judge(flow(sampling=said), Rules(now_us=NOW_US, **rules), scaled)
    assert (row["sampling"], row["packets"], row["bytes"]) == (sampling, packets, packets * 60)


def test_an_end_a_little_early_becomes_the_start() -> None:
    (row,), _ = judge(flow(ended_at=NOW_US - 1))
    assert row["ended_at"] == row["started_at"]


def test_what_passes_has_the_shape_of_flows() -> None:
    places = Places(unit="line", numbers=np.arange(1))
    (got,) = check(Portion(flows=flow(), places=places), "a.csv", RULES)
    assert isinstance(got, pa.RecordBatch)
    assert got.schema.equals(FLOWS)
