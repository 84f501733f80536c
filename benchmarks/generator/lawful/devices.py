"""What machines do unasked: names, clocks, push channels, updates, gadgets' clouds."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.generator.draws import (
    Floats,
    Ints,
    Rng,
    between,
    choose,
    heavy,
    odds,
    owners,
    pick,
    zipf_weights,
)
from benchmarks.generator.stage import HOUR, Stage
from benchmarks.generator.talk import (
    FIN,
    MIDWAY,
    OPEN,
    RESET,
    SILENT,
    TCP,
    UDP,
    Talk,
    single,
    with_turns,
)


def talks(stage: Stage) -> Iterator[Talk]:
    """Every household and office has such machines."""
    cast = stage.cast
    homes = np.concatenate([cast.of("household"), cast.of("cgn"), cast.of("office")])
    weight = np.sqrt(cast.people_of(homes)) * stage.mix.intensity
    yield _names(stage, homes, weight)
    yield _resolvers(stage)
    yield _clocks(stage, homes)
    yield _push(stage, homes, weight)
    yield _updates(stage, homes, weight)
    yield from _gadgets(stage)


def polls(stage: Stage, rng: Rng, period: Floats, wobble: Floats) -> tuple[Ints, Floats]:
    """Instants of periodic acts: index of the actor and second, drifting by its wobble."""
    count = np.ceil(stage.seconds / period).astype(np.int64) + 1
    whose = owners(count)
    nth = np.arange(len(whose)) - np.repeat(np.cumsum(count) - count, count)
    phase = rng.random(len(period)) * period
    noise = rng.standard_normal(len(whose)) * wobble[whose] * period[whose]
    return whose, phase[whose] + nth * period[whose] + noise


def _names(stage: Stage, homes: Ints, weight: Floats) -> Talk:
    """Names asked outside; most households ask the operator's resolver, unseen at the edge."""
    rng = stage.rng("names")
    outsiders = odds(rng, 0.25, len(homes))
    hourly = heavy(rng, 6.0, 0.9, len(homes), high=200) * weight * outsiders
    who = homes[owners(rng.poisson(hourly * stage.load("home")).astype(np.int64))]
    public = stage.outside("public resolvers", 12, "cloud")
    habit = public[pick(rng, zipf_weights(12, 1.5), stage.places.own_size)]
    return _query(stage, rng, "names", who, habit[who], "home")


def _query(stage: Stage, rng: Rng, label: str, who: Ints, server: Ints, rhythm: str) -> Talk:
    size = len(who)
    lost = odds(rng, 0.015, size)
    return single(
        label,
        client=who,
        server=server,
        port=53,
        protocol=UDP,
        opened=stage.moments(rng, size, rhythm),
        span=heavy(rng, 0.02, 0.9, size, high=4.0),
        up=rng.normal(42, 9, size).clip(24, 90),
        down=np.where(lost, 0, heavy(rng, 130, 0.5, size, low=40, high=1400)),
        ending=OPEN,
    )


def _resolvers(stage: Stage) -> Talk:
    """The operator's resolvers ask the world on everyone's behalf."""
    rng = stage.rng("resolvers")
    own = stage.cast.of("resolver")
    count = int(len(stage.cast.hosts) * 1.5 * stage.load("home") * stage.mix.intensity)
    authorities = stage.outside("authorities", 2500, "hosting")
    server = authorities[pick(rng, zipf_weights(len(authorities), 0.8), count)]
    return _query(stage, rng, "resolver", choose(rng, own, count), server, "home")


def _clocks(stage: Stage, homes: Ints) -> Talk:
    rng = stage.rng("clocks")
    some = homes[odds(rng, 0.4, len(homes))]
    period = np.where(
        odds(rng, 0.5, len(some)), 1024.0, heavy(rng, 4000, 0.8, len(some), low=64)
    )
    whose, at = polls(stage, rng, period, np.full(len(some), 0.004))
    pool = stage.outside("clocks", 60, "hosting")
    server = choose(rng, pool, len(some), zipf_weights(60, 0.7))
    return single(
        "clock",
        client=some[whose],
        server=server[whose],
        port=123,
        client_port=np.where(some % 3 == 0, 123, 0)[whose],
        protocol=UDP,
        opened=at,
        span=0.03,
        up=48,
        down=np.where(odds(rng, 0.02, len(at)), 0, 48),
        ending=OPEN,
    )


def _push(stage: Stage, homes: Ints, weight: Floats) -> Talk:
    """Telephones hold one connection open for hours and whisper now and then."""
    rng = stage.rng("push")
    phones = homes[owners(rng.poisson(0.6 * weight).astype(np.int64))]
    size = len(phones)
    servers = stage.popular()[:25]
    before = odds(rng, 0.6, size)
    opened = np.where(before, 0.5, rng.random(size) * stage.seconds)
    opened += rng.random(size)
    period = heavy(rng, 1100, 0.6, size, low=60, high=3600)
    talk = single(
        "push",
        client=phones,
        server=choose(rng, servers, size),
        port=choose(rng, [5223, 5228, 443, 8883], size, np.array([3.0, 4, 3, 0.5])),
        opened=opened,
        span=0.2,
        up=600,
        down=3000,
        ending=np.where(before, MIDWAY, OPEN),
    )
    life = np.minimum(heavy(rng, 4 * HOUR, 1.0, size, low=60), stage.seconds - opened)
    count = 1 + np.minimum(life / period, 400).astype(np.int64)
    whose = owners(count)
    nth = np.arange(len(whose)) - np.repeat(np.cumsum(count) - count, count)
    jitter = np.where(nth > 0, rng.random(len(whose)) * 0.2, 0.0)
    news = odds(rng, 0.3, len(whose))
    return with_turns(
        talk,
        turn_of=whose,
        at=opened[whose] + (nth + jitter) * period[whose],
        span=heavy(rng, 0.15, 0.6, len(whose), high=5),
        up=np.where(nth == 0, 900, rng.integers(20, 90, len(whose))),
        down=np.where(news, heavy(rng, 900, 1.0, len(whose), high=2e5), 35),
    )


def _updates(stage: Stage, homes: Ints, weight: Floats) -> Talk:
    """Virus signatures, package lists, telemetry: periodic, to places everyone uses."""
    rng = stage.rng("updates")
    agents = homes[owners(rng.poisson(1.1 * weight).astype(np.int64))]
    kinds = 24
    kind = pick(rng, zipf_weights(kinds, 0.8), len(agents))
    habit = heavy(rng, 2400, 0.9, kinds, low=300, high=4 * HOUR)
    servers = stage.popular()[:120]
    whose, at = polls(stage, rng, habit[kind], rng.uniform(0.0, 0.25, kinds)[kind])
    size = len(at)
    what = kind[whose]
    down = heavy(rng, 2500, 1.0, kinds, low=200)[what] * np.exp(0.2 * rng.standard_normal(size))
    bulk = odds(rng, 0.03, size)
    return single(
        "update",
        client=agents[whose],
        server=servers[(what * 5 + rng.integers(0, 3, size)) % len(servers)],
        port=np.where(what % 5 == 0, 80, 443),
        opened=at,
        span=heavy(rng, 0.8, 0.8, size, low=0.1, high=60),
        up=heavy(rng, 900, 0.6, kinds, low=150)[what],
        down=np.where(bulk, heavy(rng, 3e6, 1.2, size, high=4e8), down),
        ending=np.where(odds(rng, 0.1, size), RESET, FIN),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Which household holds a device of which maker."""

    holder: Ints
    maker: Ints
    makers: int


def holdings(stage: Stage) -> Holdings:
    """Cameras, meters, plugs: always the same answer in one world."""
    rng = stage.habits("gadget holdings")
    homes = stage.cast.of("gadget")
    makers = max(6, len(homes) // 12)
    maker = pick(rng, zipf_weights(makers, 0.9), int(len(homes) * 1.6))
    return Holdings(holder=choose(rng, homes, len(maker)), maker=maker, makers=makers)


def _gadgets(stage: Stage) -> Iterator[Talk]:
    """Each maker has its own small cloud that few households call.

    To a counter of clients such a cloud looks like a master: rare, regular, faithful.
    """
    rng = stage.rng("gadgets")
    held = holdings(stage)
    makers = held.makers
    clouds = stage.outside("makers", makers, "hosting")
    period = heavy(rng, 1500, 1.1, makers, low=20, high=3 * HOUR)
    wobble = np.where(rng.random(makers) < 0.5, 0.01, rng.uniform(0.02, 0.3, makers))
    port = choose(rng, [443, 80, 8883, 1883, 8080, 6000, 32100, 10001], makers)
    udp = (port >= 6000) & odds(rng, 0.6, makers) & (port != 8080) & (port != 8883)
    up, down = heavy(rng, 500, 0.9, makers, low=30), heavy(rng, 400, 1.0, makers, low=20)
    period = np.where(period < 120, 120 * between(rng, 1.0, 3.0), period)
    whose, at = polls(stage, rng, period[held.maker], wobble[held.maker])
    what, size = held.maker[whose], len(whose)
    missed = odds(rng, 0.02, size)
    dead = missed & ~udp[what]
    varied = np.exp(0.08 * rng.standard_normal(size))
    yield single(
        "gadget",
        client=held.holder[whose],
        server=clouds[what],
        port=port[what],
        protocol=np.where(udp[what], UDP, TCP),
        opened=at,
        span=heavy(rng, 0.5, 0.7, size, low=0.1, high=30),
        up=np.where(dead, 0, up[what] * varied),
        down=np.where(missed, 0, down[what]),
        ending=np.where(dead, SILENT, np.where(udp[what], OPEN, FIN)),
    )
