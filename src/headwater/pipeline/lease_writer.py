"""One at a time changes the leases: what is forgotten must not come back from beside."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from headwater.lake import locks
from headwater.lake.tables import Lake
from headwater.records.errors import RemoteFault

LOCK: Final = "_leases.lock"


@contextmanager
def alone(lake: Lake) -> Iterator[None]:
    """Raises RemoteFault where another command is changing the leases now."""
    folder = lake.folder("leases")
    folder.mkdir(parents=True, exist_ok=True)
    with locks.unread(folder / LOCK) as free:
        if not free:
            raise RemoteFault("another command is changing the leases now: ask again")
        yield
