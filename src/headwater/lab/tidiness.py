"""How the lab leaves no trace: one mark on everything it makes, and ends nobody disturbs."""

import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Never

MARK = "hwlab"
POSTPONED = (signal.SIGINT, signal.SIGTERM)


def heard_once() -> None:
    """The first Ctrl-C or SIGTERM interrupts, and no other: what was made is being removed."""

    def interrupt(_signal: int, _frame: FrameType | None) -> Never:
        for number in POSTPONED:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in POSTPONED:
        signal.signal(number, interrupt)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C in here is heard after the end of the context, so that a clean-up is whole.

    Handlers are swapped, not signals blocked: a blocked signal would find another thread,
    and Python would still interrupt this one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Python never interrupts other threads
        return
    heard: list[signal.Signals] = []
    before = {number: signal.getsignal(number) for number in POSTPONED}
    for number in POSTPONED:
        signal.signal(number, lambda number, _frame: heard.append(signal.Signals(number)))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for number in heard[:1]:
        signal.raise_signal(number)


@contextmanager
def directory(owner: int) -> Iterator[Path]:
    """A temporary directory that says whose it is, readable for programs without privileges."""
    # Postfix may still be leaving: a file that goes while we remove it is no failure
    with tempfile.TemporaryDirectory(
        prefix=f"{MARK}-{owner}-", ignore_cleanup_errors=True
    ) as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def owner_of(name: str) -> int | None:
    """The process whose mark this name of a namespace or directory carries; None: not ours."""
    words = name.split("-")
    if len(words) < 3 or words[0] != MARK or not words[1].isdigit():
        return None
    return int(words[1])


def is_gone(owner: int) -> bool:
    """Whether no such process lives any more."""
    return not Path(f"/proc/{owner}").exists()
