"""Which worlds are made, how they are exported, and what is asked of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from benchmarks.generator import Exporter, Mix
from benchmarks.generator.hijacked.plan import MANNERS

EVERY_KIND = Mix(hijacked_share=0.012, operations=len(MANNERS), kinds=tuple(MANNERS))
ALL_ABLATIONS = ("no lists", "no company", "no byte balance", "ports only")
FEW_ABLATIONS = ("no lists", "no company", "ports only")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way to export a world, and what is asked of those records."""

    name: str
    exporter: Exporter = field(default_factory=Exporter)
    ablations: tuple[str, ...] = ()
    baselines: bool = False
    orientation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One world and all its views: what one process does at a time."""

    seed: int
    subscribers: int
    hours: float
    mix: Mix
    views: tuple[View, ...]


def short(seeds: tuple[int, ...]) -> list[Job]:
    """Small worlds, for CI: shows that all runs and where the answers stand."""
    views = (
        View(
            name="1:1", ablations=("no lists", "ports only"), baselines=True, orientation=True
        ),
        View(name="1:100", exporter=Exporter(sampling=100), orientation=True),
        View(name="one-way half", exporter=Exporter(blind_share=0.5)),
    )
    mix = Mix(hijacked_share=0.03, operations=len(MANNERS), kinds=tuple(MANNERS))
    return [Job(seed=s, subscribers=1000, hours=2, mix=mix, views=views) for s in seeds]


def whole(seeds: tuple[int, ...]) -> list[Job]:
    """The table: every view of worlds of every kind; a few worlds as they usually are."""
    jobs = [
        Job(seed=s, subscribers=5000, hours=6, mix=EVERY_KIND, views=EVERY_VIEW) for s in seeds
    ]
    for seed in seeds[::3]:
        jobs += [_usual(seed), *_spans(seed)]
    return jobs


def chosen(jobs: list[Job], names: Sequence[str]) -> list[Job]:
    """Only the views so named; without names, all."""
    if not names:
        return jobs
    kept = [replace(j, views=tuple(v for v in j.views if v.name in names)) for j in jobs]
    return [job for job in kept if job.views]


def _usual(seed: int) -> Job:
    """Precision depends on how rare the hijacked are: here they are as rare as in life."""
    views = (
        View(name="usual 1:1", baselines=True),
        View(name="usual 1:100", exporter=Exporter(sampling=100)),
        View(name="usual 1:1000", exporter=Exporter(sampling=1000)),
    )
    return Job(seed=seed, subscribers=20_000, hours=6, mix=Mix(), views=views)


def _spans(seed: int) -> list[Job]:
    day = Mix(hijacked_share=0.02, operations=len(MANNERS), kinds=tuple(MANNERS))
    return [
        Job(seed=seed, subscribers=5000, hours=1, mix=EVERY_KIND, views=(View(name="1 h"),)),
        Job(seed=seed, subscribers=2000, hours=24, mix=day, views=(View(name="24 h"),)),
    ]


EVERY_VIEW = (
    View(name="1:1", ablations=ALL_ABLATIONS, baselines=True, orientation=True),
    View(name="1:10", exporter=Exporter(sampling=10), orientation=True),
    View(
        name="1:100",
        exporter=Exporter(sampling=100),
        ablations=FEW_ABLATIONS,
        baselines=True,
        orientation=True,
    ),
    View(name="1:1000", exporter=Exporter(sampling=1000), baselines=True, orientation=True),
    View(name="one-way half", exporter=Exporter(blind_share=0.5), orientation=True),
    View(name="one-way all", exporter=Exporter(blind_share=1.0), orientation=True),
    View(name="5 % lost", exporter=Exporter(loss=0.05), orientation=True),
    View(name="equal clocks", exporter=Exporter(clocks="equal"), orientation=True),
)
