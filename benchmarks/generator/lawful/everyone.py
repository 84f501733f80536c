"""All lawful actors, in the order in which they speak."""

from collections.abc import Iterator

from benchmarks.generator.lawful import (
    browsing,
    devices,
    gateways,
    lookalikes,
    mail,
    noise,
    peers,
)
from benchmarks.generator.stage import Stage
from benchmarks.generator.talk import Talk


def talks(stage: Stage) -> Iterator[Talk]:
    """Everything that is said within the law, and the noise on top."""
    for actor in (browsing, devices, peers, mail, gateways, lookalikes, noise):
        yield from actor.talks(stage)
