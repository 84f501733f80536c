"""Who may touch a table's files now: one who commits, any number who read."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

WRITER: Final = "_writer.lock"
READERS: Final = "_readers.lock"


@contextmanager
def committing(folder: Path) -> Iterator[None]:
    """Alone in changing the table's manifest; waits for the other writer to finish."""
    with _flock(folder / WRITER, fcntl.LOCK_EX):
        yield


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """While held, files that a change has replaced are not deleted under the reader."""
    if not folder.is_dir():
        yield  # a table never written: there is nothing to protect
        return
    with _flock(folder / READERS, fcntl.LOCK_SH):
        yield


@contextmanager
def unread(path: Path) -> Iterator[bool]:
    """True where nobody holds the lock file ``path``, which is then ours; never waits."""
    with ExitStack() as held:
        try:
            held.enter_context(_flock(path, fcntl.LOCK_EX | fcntl.LOCK_NB))
            free = True
        except BlockingIOError:
            free = False
        yield free


@contextmanager
def _flock(path: Path, how: int) -> Iterator[None]:
    # A reader may own nothing here: it can lock a file that it may only read.
    writable = os.O_RDWR | os.O_CREAT
    try:
        handle = os.open(path, writable | os.O_CLOEXEC, 0o644)
    except PermissionError:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)
