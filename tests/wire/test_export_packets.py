import pytest

from headwater.wire.export_packets import EARLY_US, LATE_US, dated

NOW_US = 1_767_225_600_000_000


@pytest.mark.parametrize("off", [0, EARLY_US, -LATE_US])
def test_clocks_that_are_believed(off: int) -> None:
    assert dated(NOW_US + off, NOW_US) == (NOW_US + off, "")


@pytest.mark.parametrize("off", [EARLY_US + 1, -LATE_US - 1, -NOW_US])
def test_clocks_that_are_not(off: int) -> None:
    exported, fault = dated(NOW_US + off + (off == -NOW_US), NOW_US)
    assert exported != NOW_US
    assert fault.startswith("exporter's clock is wrong: exported ")
    assert fault.endswith("received 2026-01-01T00:00:00Z")


def test_without_a_time_of_arrival_there_is_no_judgement() -> None:
    assert dated(1, 0) == (1, "")


def test_a_header_without_a_clock() -> None:
    assert dated(0, NOW_US) == (NOW_US, "")
