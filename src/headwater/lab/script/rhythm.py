"""When things happen: by chance, by the clock, in bursts."""

from collections.abc import Iterator
from random import Random


def by_chance(dice: Random, start: float, end: float, mean_gap: float) -> Iterator[float]:
    """Moments with independent pauses (a Poisson process)."""
    moment = start + dice.expovariate(1 / mean_gap)
    while moment < end:
        yield round(moment, 3)
        moment += dice.expovariate(1 / mean_gap)


def by_clock(
    dice: Random, start: float, end: float, period: float, jitter: float
) -> Iterator[float]:
    """Moments one period apart, each off by at most this share of the period."""
    tick = start
    while tick < end:
        yield round(max(start, tick + dice.uniform(-jitter, jitter) * period), 3)
        tick += period


def in_bursts(
    dice: Random, start: float, end: float, count: int, largest: int = 5
) -> list[float]:
    """Exactly `count` moments, a few close together, then a pause."""
    moments: list[float] = []
    while len(moments) < count:
        begin = dice.uniform(start, end)
        for _ in range(min(dice.randint(1, largest), count - len(moments))):
            moments.append(round(begin, 3))
            begin = min(end, begin + dice.uniform(0.1, 1.2))
    return sorted(moments)


def page_size(dice: Random) -> int:
    """Octets of a web answer: most are small, some large."""
    return int(min(150_000, max(300, dice.lognormvariate(8.8, 1.0))))


def mail_size(dice: Random) -> int:
    """Octets of a mail body: one to thirty kilobytes."""
    return int(min(30_000, max(1_000, dice.lognormvariate(8.3, 0.8))))
