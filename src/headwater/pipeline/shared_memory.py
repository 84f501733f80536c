"""What one thread lets go of serves the others.

The C library of GNU systems keeps memory apart for each thread (malloc(3)). Where one reads
an hour, another joins it and a third counts it, each such heap grows to what an hour needs,
and fresh pages cost as much as filling them several times.
"""

import ctypes
from typing import Final

M_ARENA_MAX: Final = -8  # mallopt(3)


def share_memory() -> bool:
    """One heap for all threads of this process from now on; False where there is none apart."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(M_ARENA_MAX, 1))
