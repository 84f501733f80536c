"""Settings that every test shares."""

import signal

import pytest
from hypothesis import settings

# A busy machine makes an example slow, not wrong; nothing here is judged by the clock.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def interrupts_are_heard() -> None:
    """Ctrl-C means what it means at a terminal, here and in every program a test starts.

    A run in the background begins with interrupts ignored, which children inherit, and
    Spark's driver leaves a handler of its own behind.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
