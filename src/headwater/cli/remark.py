"""What doctor says about one thing."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    ODD = "odd"  # worth a look; Headwater works
    BROKEN = "broken"  # something does not work until it is mended


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing that is missing or odd, and what to do about it."""

    level: Level
    what: str
    do: str
