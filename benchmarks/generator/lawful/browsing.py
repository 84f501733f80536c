"""People on the web: sittings of page views, each opening several connections; streams."""

from collections.abc import Iterator

import numpy as np

from benchmarks.generator.draws import (
    Floats,
    Ints,
    Rng,
    heavy,
    odds,
    owners,
    pick,
    zipf_weights,
)
from benchmarks.generator.stage import Stage
from benchmarks.generator.talk import (
    FIN,
    OPEN,
    RESET,
    SILENT,
    TCP,
    UDP,
    Talk,
    in_bursts,
    single,
)

VIEWS_A_SITTING = 7.0
CONNECTIONS_A_VIEW = 2.5


def talks(stage: Stage) -> Iterator[Talk]:
    """Households, offices and shared addresses browse and watch."""
    rng = stage.rng("browsing")
    cast = stage.cast
    homes = np.concatenate([cast.of("household"), cast.of("cgn")])
    busy = heavy(rng, 2.6, 1.1, len(homes), high=60) * cast.people_of(homes)
    yield from _browse(stage, rng, homes, busy * stage.mix.intensity, "home")
    desks = cast.of("office")
    busy = heavy(rng, 5.0, 0.8, len(desks), high=50) * cast.people_of(desks) * 0.4
    yield from _browse(stage, rng, desks, busy * stage.mix.intensity, "work")
    yield _streams(stage, rng, homes)


def visit_times(
    stage: Stage, rng: Rng, hosts: Ints, hourly: Floats, rhythm: str
) -> tuple[Ints, Floats]:
    """Who opens a connection when: sittings, in them views, in views connections."""
    per_sitting = VIEWS_A_SITTING * CONNECTIONS_A_VIEW
    sittings = rng.poisson(hourly * stage.load(rhythm) / per_sitting).astype(np.int64)
    sitter = owners(sittings)
    begins = stage.moments(rng, len(sitter), rhythm)
    views = rng.geometric(1 / VIEWS_A_SITTING, len(sitter)).astype(np.int64)
    viewer = owners(views)
    pauses = heavy(rng, 22.0, 1.2, len(viewer), low=1.0, high=900)
    elapsed = np.cumsum(pauses)
    starts = np.cumsum(views) - views
    elapsed -= elapsed[starts][viewer] if len(viewer) else 0.0
    view_at = begins[viewer] + elapsed
    opened = rng.geometric(1 / CONNECTIONS_A_VIEW, len(viewer)).astype(np.int64)
    whose = owners(opened)
    at = view_at[whose] + rng.exponential(0.7, len(whose))
    return hosts[sitter[viewer[whose]]], at


def _browse(stage: Stage, rng: Rng, hosts: Ints, hourly: Floats, rhythm: str) -> Iterator[Talk]:
    who, at = visit_times(stage, rng, hosts, hourly, rhythm)
    yield web_talk(stage, rng, "web", who, at)


def web_servers(stage: Stage, rng: Rng, count: int) -> Ints:
    """Mostly the places everybody goes to; a long tail of small ones."""
    popular = stage.popular()
    tail = stage.outside("web tail", 500 + len(stage.cast.hosts) * 2, "hosting")
    few = popular[pick(rng, zipf_weights(len(popular), 0.95), count)]
    many = tail[pick(rng, zipf_weights(len(tail), 0.6), count)]
    return np.where(rng.random(count) < 0.8, few, many)


def web_talk(stage: Stage, rng: Rng, label: str, who: Ints, at: Floats) -> Talk:
    """Connections to web servers, with keep-alive and the usual failures."""
    size = len(who)
    quic = odds(rng, 0.3, size)
    plain = odds(rng, 0.1, size) & ~quic
    fate = rng.random(size)
    ending = np.select([fate < 0.02, fate < 0.25, fate < 0.32], [SILENT, RESET, OPEN], FIN)
    ending = np.where(quic & (ending == SILENT), FIN, ending)
    up = heavy(rng, 1700, 0.9, size, low=300, high=3e6)
    talk = single(
        label,
        client=who,
        server=web_servers(stage, rng, size),
        port=np.where(plain, 80, 443),
        protocol=np.where(quic, UDP, TCP),
        opened=at,
        span=np.maximum(0.15, heavy(rng, 6.0, 1.5, size, high=900)),
        up=np.where(ending == SILENT, 0, up),
        down=np.where(ending == SILENT, 0, heavy(rng, 11e3, 1.7, size, low=400, high=8e7)),
        ending=ending,
        up_units=rng.geometric(0.35, size),
        down_units=rng.geometric(0.35, size),
    )
    return in_bursts(rng, talk, 60.0, most=8)


def _streams(stage: Stage, rng: Rng, homes: Ints) -> Talk:
    """Films and music: minutes to hours at a steady rate."""
    hourly = 0.12 * stage.cast.people_of(homes) * stage.mix.intensity
    who = homes[owners(rng.poisson(hourly * stage.load("home")).astype(np.int64))]
    popular = stage.popular()[:60]
    span = heavy(rng, 900.0, 1.0, len(who), low=30, high=9000)
    rate = heavy(rng, 350e3, 0.8, len(who), low=12e3, high=2.5e6)
    return single(
        "stream",
        client=who,
        server=popular[pick(rng, zipf_weights(len(popular), 1.0), len(who))],
        port=443,
        protocol=np.where(odds(rng, 0.5, len(who)), UDP, TCP),
        opened=stage.moments(rng, len(who), "home"),
        span=span,
        up=span * heavy(rng, 300.0, 0.5, len(who)),
        down=span * rate,
        ending=np.where(odds(rng, 0.4, len(who)), OPEN, FIN),
    )
