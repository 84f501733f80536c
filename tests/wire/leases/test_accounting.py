import pytest
from tests.wire.leases.samples import at, brief

from headwater.records.errors import MalformedInput
from headwater.wire.leases.accounting import Message, leases_in


def message(status: str, seconds: int | None = None) -> Message:
    return Message(
        status=status, at_us=at("10:00"), seconds=seconds, held=("192.0.2.1",), user="alice"
    )


def test_numbers_and_names_of_the_status_mean_the_same() -> None:
    assert brief(leases_in(message("2", 60))) == brief(leases_in(message("Stop", 60)))
    assert brief(leases_in(message("Alive", 60))) == [
        "192.0.2.1 09:59:00|10:00:00||10:00:00 alice"
    ]


def test_a_start_counts_from_its_own_time() -> None:
    assert brief(leases_in(message("Start", 60))) == [
        "192.0.2.1 10:00:00|10:00:00||10:00:00 alice"
    ]


def test_sessions_of_decades_are_refused() -> None:
    with pytest.raises(MalformedInput, match="session time out of range"):
        list(leases_in(message("Stop", 2**32 - 1)))
