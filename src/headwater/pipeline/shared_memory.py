"""What one thread lets go of serves the others, and what is given back serves again.

The C library of GNU systems keeps memory apart for each thread (malloc(3), mallopt(3)). Where
one reads an hour, another joins it and a third counts it, each such heap grows to what an hour
needs, and fresh pages cost as much as filling them several times. Some heaps are there before
anybody asks (importing Arrow starts a thread); a column of tens of megabytes then opens and
gives back a piece of such a heap each time, and its pages are cleared anew.
"""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pyarrow as pa

MIB: Final = 1 << 20
SETTINGS: Final = (
    (-8, 1),  # M_ARENA_MAX: no further heaps
    (-3, 32 * MIB),  # M_MMAP_THRESHOLD: the most it takes; larger ones come from the system
    (-2, 64 * MIB),  # M_TOP_PAD: as much as a heap's piece, so that the last one stays
    (-1, 256 * MIB),  # M_TRIM_THRESHOLD: so much may lie at hand, a few columns of an hour
)


def share_memory() -> bool:
    """One heap for all threads of this process from now on; False where there is none apart."""
    # Arrow's own pool hands pages to the kernel in between: of an import a sixth of the time
    # went into clearing them anew.
    pa.set_memory_pool(pa.system_memory_pool())
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(*setting) for setting in SETTINGS)


@contextmanager
def memory_kept() -> Iterator[None]:
    """Spend no time on giving memory back; for a process that does one thing and ends."""
    share_memory()  # what one portion of rows gives back the next takes
    gc.freeze()  # what is loaded by now stays: there is no use in looking for garbage there
    try:
        yield
    finally:
        gc.unfreeze()
