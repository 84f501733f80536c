"""Sessions of all flows there are: what a hunt needs, and all that it needs to begin."""

import hashlib
from collections.abc import Callable
from typing import Final

from headwater.lake.tables import Lake
from headwater.measures.prefixes import PrefixTable
from headwater.pipeline.orient import Oriented, orient
from headwater.records.settings import Settings
from headwater.records.window import Window, from_us

GIB: Final = 1 << 30

OnProgress = Callable[[int, int], None]  # done, of how many


def unwatched(_done: int, _total: int) -> None:
    """Nobody watches."""


def bring_up_to_date(
    lake: Lake, settings: Settings, on_progress: OnProgress = unwatched
) -> Oriented:
    """Sessions for every hour of flows that is new, or whose own networks changed."""
    own = settings.own_networks
    digest = hashlib.sha256(" ".join(sorted(map(str, own))).encode()).hexdigest()
    memory = int(settings.engine.memory_gib * GIB)
    return orient(lake, PrefixTable(own).holds_text, digest[:32], on_progress, memory)


def held(lake: Lake) -> Window | None:
    """From the first flow the lake holds to the last; None where it holds none."""
    files = lake.manifest("flows").files
    if not files:
        return None
    first, last = min(f.start_us for f in files), max(f.end_us for f in files)
    return Window(from_us(first), from_us(last + 1))
