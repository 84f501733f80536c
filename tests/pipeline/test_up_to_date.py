"""Sessions of all flows there are, and made anew only where something changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from headwater.lake.tables import Lake
from headwater.pipeline.up_to_date import bring_up_to_date, held
from headwater.records.settings import Settings, parse_settings
from headwater.records.window import Window

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOST, NEIGHBOUR, PAGE = "192.0.2.1", "203.0.113.9", "198.51.100.1"


def settings(*networks: str) -> Settings:
    return parse_settings({"own_networks": list(networks)})


OURS = settings("192.0.2.0/24", "203.0.113.0/24")


def visit(lake: Lake, at: datetime, host: str = HOST, flows: int = 1) -> None:
    """So many flows, a second after each other."""
    rows = [
        {
            "started_at": at + timedelta(seconds=second),
            "ended_at": at + timedelta(seconds=second + 9), "src": host, "dst": PAGE,
            "src_port": 40_000, "dst_port": 443, "protocol": 6, "tcp_flags": 0x1B,
            "packets": 5, "bytes": 500, "sampling": 1,
        }
        for second in range(flows)
    ]  # fmt: skip
    with lake.append("flows", f"{host} at {at}") as change:
        change.write(pa.Table.from_pylist(rows))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    visit(lake, NOON)
    return lake


def test_nothing_is_held_before_anything_came(tmp_path: Path) -> None:
    assert held(Lake(tmp_path / "empty")) is None


def test_held_from_the_first_flow_to_the_last_in_whatever_order_they_came(lake: Lake) -> None:
    late, early = NOON + timedelta(hours=3), NOON - timedelta(hours=2)
    for at in (late, early, NOON + timedelta(minutes=1)):
        visit(lake, at, NEIGHBOUR, flows=8)
    last = late + timedelta(seconds=7, microseconds=1)  # as far as a flow that began then
    assert held(lake) == Window(early, last)


def test_only_new_hours_are_made(lake: Lake) -> None:
    assert bring_up_to_date(lake, OURS).hours == 1
    assert bring_up_to_date(lake, OURS).hours == 0
    visit(lake, NOON + timedelta(hours=5))
    again = bring_up_to_date(lake, OURS)
    assert (again.hours, again.skipped_hours) == (1, 1)


def test_networks_in_another_order_are_the_same_networks(lake: Lake) -> None:
    bring_up_to_date(lake, OURS)
    turned = settings("203.0.113.0/24", "192.0.2.0/24")
    assert bring_up_to_date(lake, turned).hours == 0
    assert bring_up_to_date(lake, settings("192.0.2.0/24")).hours == 1


def test_all_own_networks_are_own(lake: Lake) -> None:
    visit(lake, NOON, NEIGHBOUR)
    bring_up_to_date(lake, OURS)
    assert lake.read("sessions").column("inside").to_pylist() == ["client", "client"]


def test_how_far_it_is(lake: Lake) -> None:
    visit(lake, NOON + timedelta(hours=5))
    steps: list[tuple[int, int]] = []
    bring_up_to_date(lake, OURS, lambda done, of: steps.append((done, of)))
    assert steps == [(0, 2), (1, 2), (2, 2)]


class Watched(Lake):
    """A lake that tells whether room on its disk was asked for."""

    asked = 0

    @contextmanager
    def scratch(self, table: str) -> Iterator[Path]:
        self.asked += 1
        with super().scratch(table) as folder:
            yield folder


@pytest.mark.parametrize(("gib", "asked"), [(0.0001, 1), (1, 0)])
def test_what_does_not_fit_into_the_memory_allowed_goes_to_the_disk(
    tmp_path: Path, gib: float, asked: int
) -> None:
    """A tenth of a thousandth of a GiB does not hold a thousand flows."""
    lake = Watched(tmp_path / "lake")
    visit(lake, NOON, flows=1000)
    given = {"own_networks": ["192.0.2.0/24"], "engine": {"memory_gib": gib}}
    assert bring_up_to_date(lake, parse_settings(given)).hours == 1
    assert lake.asked == asked
