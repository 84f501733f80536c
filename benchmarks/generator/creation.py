"""From a seed to a world."""

from collections.abc import Iterator
from itertools import chain

import numpy as np

from benchmarks.generator.cast import make_cast
from benchmarks.generator.hijacked import everyone as hijacked
from benchmarks.generator.hijacked.plan import draw_operations
from benchmarks.generator.lawful import everyone as lawful
from benchmarks.generator.mix import Mix
from benchmarks.generator.places import make_places
from benchmarks.generator.stage import HOUR, Stage
from benchmarks.generator.talk import Talk
from benchmarks.generator.world import World, assemble

FIRST_DAY_US = 1_767_225_600_000_000  # 2026-01-01 00:00 UTC
DAY_US = 86_400_000_000


def generate(
    seed: int,
    subscribers: int = 2000,
    hours: float = 6.0,
    mix: Mix | None = None,
    day: int = 0,
) -> World:
    """All conversations of a network with so many subscribers; the same for the same seed.

    ``day``: the same hours of another day, with the same subscribers and operations, as the
    clock of the first.
    """
    mix = mix or Mix()
    rng = np.random.default_rng([seed, 1])
    places = make_places(rng, subscribers, mix.dark_share)
    seconds = hours * HOUR
    cast = make_cast(rng, mix, subscribers, places.own_size, seconds)
    hour = int(rng.integers(0, 24))
    stage = Stage(
        seed=seed,
        start_us=FIRST_DAY_US
        + int(rng.integers(0, 300)) * DAY_US
        + hour * int(HOUR) * 1_000_000,
        seconds=seconds,
        first_hour=(hour + float(rng.integers(-6, 7))) % 24.0,  # where the operator lives
        mix=mix,
        places=places,
        cast=cast,
    )
    operations = draw_operations(stage)
    stage.day = day
    talks: Iterator[Talk] = chain(lawful.talks(stage), hijacked.talks(stage, operations))
    return assemble(stage, talks, operations)
