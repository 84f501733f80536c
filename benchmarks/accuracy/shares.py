"""A share of so many, and how far chance alone may have moved it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

Z95 = 1.959964  # the normal quantile of a two-sided 95 % interval


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``of``."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """None where there was nothing to be right about."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval at 95 % (Wilson 1927); (0, 1) of nothing."""
        if not self.of:
            return 0.0, 1.0
        share, spread = self.hits / self.of, Z95 * Z95 / self.of
        middle = (share + spread / 2) / (1 + spread)
        half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        if self.value is None:
            return "-"
        low, high = self.interval
        return f"{self.value:.3f} ({low:.3f} to {high:.3f}) {self.hits}/{self.of}"


def share(each: Iterable[bool]) -> Share:
    """How many of these are true."""
    told = list(each)
    return Share(sum(told), len(told))
