"""Where and when everything plays: the window, the day's rhythm, the addresses, the cast."""

from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from benchmarks.generator.cast import Cast
from benchmarks.generator.draws import Floats, Ints, Rng
from benchmarks.generator.mix import Mix
from benchmarks.generator.places import Places

HOUR = 3600.0
GRID_S = 60.0


def _hump(hour: Floats, peak: float, width: float, power: float = 2.0) -> Floats:
    distance = np.abs((hour - peak + 12.0) % 24.0 - 12.0)
    result: Floats = np.exp(-((distance / width) ** power))
    return result


def _shape(rhythm: str, hour: Floats) -> Floats:
    if rhythm == "home":
        return 0.22 + 1.1 * _hump(hour, 20.3, 3.6) + 0.5 * _hump(hour, 12.5, 4.5)
    if rhythm == "work":
        return 0.08 + 1.2 * _hump(hour, 13.2, 4.8, 4.0)
    if rhythm == "world":
        return 0.75 + 0.4 * _hump(hour, 17.0, 6.0)
    return np.ones_like(hour)


def curve(rhythm: str, hour: Floats) -> Floats:
    """How lively a kind of actor is at a local hour; the day's mean is one."""
    day = np.arange(0.0, 24.0, 0.25)
    return _shape(rhythm, hour) / float(_shape(rhythm, day).mean())


@dataclass(slots=True)
class Stage:
    """All that an actor may know. Every actor has its own stream of random numbers."""

    seed: int
    start_us: int  # of the window, microseconds since 1970-01-01 UTC
    seconds: float  # length of the window
    first_hour: float  # local hour of day when the window opens
    mix: Mix
    places: Places
    cast: Cast
    day: int = 0  # the same actors do other things on another day
    legs: int = 0  # relayed conversations numbered so far
    shared: dict[str, Ints] = field(default_factory=dict)  # outside hosts several actors meet

    @property
    def hours(self) -> float:
        return self.seconds / HOUR

    def rng(self, name: str) -> Rng:
        """The random stream of one actor: adding another actor does not disturb it."""
        return np.random.default_rng([self.seed, crc32(name.encode()), *self.another_day()])

    def habits(self, name: str) -> Rng:
        """The same stream on all days: whom one always meets, and how."""
        return np.random.default_rng([self.seed, crc32(name.encode())])

    def another_day(self) -> list[int]:
        """What to seed a stream with beside all else; nothing on the first day."""
        return [self.day] if self.day else []

    def _grid(self, rhythm: str) -> Floats:
        minutes = np.arange(0.0, self.seconds, GRID_S)
        return curve(rhythm, (self.first_hour + minutes / HOUR) % 24.0)

    def load(self, rhythm: str) -> float:
        """The window's length in hours of average liveliness."""
        return float(self._grid(rhythm).mean() * self.hours)

    def moments(self, rng: Rng, count: int, rhythm: str) -> Floats:
        """Instants in the window (seconds), denser when the rhythm is lively."""
        grid = self._grid(rhythm)
        cumulative = np.concatenate([[0.0], np.cumsum(grid)])
        edges = np.minimum(np.arange(len(cumulative)) * GRID_S, self.seconds)
        return np.interp(rng.random(count) * cumulative[-1], cumulative, edges)

    def next_legs(self, count: int) -> Ints:
        """Fresh numbers for pairs of conversations that carry the same words."""
        first = self.legs
        self.legs += count
        return np.arange(first, first + count, dtype=np.int64)

    def outside(self, name: str, count: int, kind: str) -> Ints:
        """A population of outside hosts, drawn once and met by everyone who asks for it."""
        if name not in self.shared:
            self.shared[name] = self.places.draw(self.habits("places " + name), count, kind)
        return self.shared[name]

    def popular(self) -> Ints:
        """Web servers everybody visits, by falling popularity."""
        households = len(self.cast.hosts)
        return self.outside("popular", 150 + households // 8, "cloud")

    def exchangers(self) -> Ints:
        """Mail exchangers of the world, big providers first."""
        return self.outside("exchangers", 800 + len(self.cast.hosts) // 8, "mail")
