"""Ends nobody disturbs, and marks that say whose things are."""

import os
import signal
from pathlib import Path

import pytest

from headwater.lab import tidiness


def test_an_interrupt_waits_for_the_end_of_the_clean_up() -> None:
    steps = []

    def clean_up() -> None:
        with tidiness.undisturbed():
            signal.raise_signal(signal.SIGINT)
            steps.append("still here")

    with pytest.raises(KeyboardInterrupt):
        clean_up()
    assert steps == ["still here"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("first", tidiness.POSTPONED)
def test_who_is_impatient_is_heard_once(first: signal.Signals) -> None:
    before = {number: signal.getsignal(number) for number in tidiness.POSTPONED}
    try:
        tidiness.heard_once()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(first)
        for number in tidiness.POSTPONED:
            signal.raise_signal(number)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_names_say_whose_they_are() -> None:
    assert tidiness.owner_of("hwlab-123-edge") == 123
    assert tidiness.owner_of("hwlab-123-x8s_f") == 123
    for foreign in ("other-123-edge", "hwlab-edge", "hwlab-x-edge", "hwlab"):
        assert tidiness.owner_of(foreign) is None
    assert not tidiness.is_gone(os.getpid())


def test_the_directory_is_open_for_readers_and_goes() -> None:
    with tidiness.directory(os.getpid()) as path:
        assert path.stat().st_mode & 0o777 == 0o755
        (path / "file").write_text("x")
    assert not Path(path).exists()
