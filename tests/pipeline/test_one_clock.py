"""Exporters whose clocks differ, on a real lake."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.pipeline.house import BASE_US, HOST, OTHER, SERVER, House, Row, S, both
from tests.pipeline.some_records import columns, some_records

from headwater.lake.layout import HOUR_US
from headwater.pipeline import one_clock
from headwater.pipeline.one_clock import Sample, put_right, taken
from headwater.records.window import from_us

LAG_S = 0.03  # what an answer takes
ELSEWHERE = "203.0.113.2"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def talks(count: int, **changed: Any) -> list[Row]:
    """As many calls from an own host, and to it; each takes two seconds."""
    changed = {"lasts_s": 0.4, "lag_s": LAG_S} | changed
    return [
        row
        for number in range(count)
        for row in (
            *both(60 + 3 * number, HOST, SERVER, (40_000 + number, 443), **changed),
            *both(61 + 3 * number, SERVER, OTHER, (50_000 + number, 25), **changed),
        )
    ]


def is_inbound(row: Row) -> bool:
    return row["src"] == SERVER


def stamped(rows: list[Row], by_s: float, exporter: str | None) -> list[Row]:
    """What comes in is stamped by a clock of its own."""
    later = {"exporter": exporter}
    return [
        row | (later | {at: row[at] + int(by_s * S) for at in ("started_at", "ended_at")})
        if is_inbound(row)
        else row
        for row in rows
    ]


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def began(rows: list[Row]) -> set[datetime]:
    return {from_us(row["started_at"]) for row in rows}


def timeless(sessions: list[Row]) -> list[Row]:
    left_out = ("started_at", "opened_at", "closed_at", "exporter", "conversation")
    return [
        {name: value for name, value in row.items() if name not in left_out} for row in sessions
    ]


@pytest.mark.parametrize("exporter", [ELSEWHERE, "203.0.113.1", None])
@pytest.mark.parametrize("by_s", [2.1, -2.1, 0.3, -30])
def test_what_two_clocks_stamped_is_joined_as_if_by_one(
    tmp_path: Path, by_s: float, exporter: str | None
) -> None:
    rows = talks(40)
    apart, equal = House(tmp_path / "apart"), House(tmp_path / "equal")
    found, wanted = apart.sessions(stamped(rows, by_s, exporter)), equal.sessions(rows)
    assert timeless(found) == timeless(wanted)
    shift = [
        (one["started_at"] - other["started_at"]).total_seconds()
        for one, other in zip(found, wanted, strict=True)
    ]
    assert max(shift) - min(shift) <= LAG_S
    assert max((row["closed_at"] - row["started_at"]).total_seconds() for row in found) < 0.5


def test_equal_clocks_are_left_alone(tmp_path: Path) -> None:
    one, two = House(tmp_path / "one"), House(tmp_path / "two")
    rows = talks(40)
    as_they_are = one.sessions(rows)
    told = two.sessions(stamped(rows, 0, ELSEWHERE))
    assert [row | {"exporter": ""} for row in told] == [
        row | {"exporter": ""} for row in as_they_are
    ]


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"lag_s": -0.5, "tcp_flags": 0x18}, id="what goes on"),
        pytest.param({"lag_s": -0.5, "tcp_flags": None}, id="what may go on"),
        pytest.param({"lag_s": -0.5, "protocol": 17, "tcp_flags": None}, id="datagrams"),
        pytest.param({"lag_s": 0.5, "port": 6881}, id="sharers of files"),
    ],
)
def test_what_tells_no_client_tells_no_clock(house: House, how: dict[str, Any]) -> None:
    """Either side may have been heard first."""
    port = how.get("port", 443)
    said = {name: value for name, value in how.items() if name != "port"}
    rows = [
        row
        for number in range(40)
        for row in both(60 + 3 * number, HOST, SERVER, (40_000 + number, port), **said)
    ]
    lasted = {row["closed_at"] - row["started_at"] for row in house.sessions(rows)}
    assert lasted == {timedelta(seconds=2.5)}


@pytest.mark.parametrize("by_s", [2, -2])
def test_whatever_its_clock_a_session_stays_in_its_hour(house: House, by_s: int) -> None:
    rows = talks(40) + [
        row
        for at_s in (1, 3599)
        for row in both(at_s, HOST, SERVER, (39_000 + at_s, 443), lasts_s=0.4)
    ]
    kept = stamped(rows, by_s, ELSEWHERE)
    stored = house.sessions(kept)
    assert {hour_of(row["started_at"]) for row in stored} == set(map(hour_of, began(kept)))
    assert set(house.lake.hours("sessions")) == set(house.lake.hours("flows"))


def test_a_sample_holds_both_directions_or_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_clock, "SAMPLE", 300)
    monkeypatch.setattr(one_clock, "BLOCK", 100)
    records = columns(some_records(3000, 1))
    sample = Sample.of(len(records))
    rows = sample.rows(records.low_end, records.high_end)
    assert 200 < len(rows) < 400
    ports = sample.rows(records.high_end & 0xFFFF, records.low_end & 0xFFFF)
    assert np.array_equal(rows, ports)
    part = taken(records, np.arange(1000))
    assert np.array_equal(sample.rows(part.low_end, part.high_end), rows[rows < 1000])


def test_hours_whose_clocks_agree_are_not_even_copied() -> None:
    records = columns(some_records(10, 2))
    assert put_right(records, 0, np.ones(10, np.bool_), np.zeros(4, np.int64)) is records


def test_what_began_before_its_hour_is_at_its_start() -> None:
    records = columns(some_records(300, 2, over_s=3))
    hour = BASE_US // HOUR_US
    np.add(records.started, BASE_US, out=records.started)
    np.add(records.ended, BASE_US, out=records.ended)
    ahead = np.array([0, 0, 2 * S, 2 * S])
    right = put_right(records, hour, np.ones(10, np.bool_), ahead)
    moved = records.exporter == 1
    assert right.started.min() == BASE_US
    assert np.array_equal(right.started[~moved], records.started[~moved])
    assert np.array_equal(right.ended[~moved], records.ended[~moved])
    assert (right.started <= right.ended).all()
    assert np.array_equal(right.ended[moved], np.maximum(records.ended[moved] - 2 * S, BASE_US))
