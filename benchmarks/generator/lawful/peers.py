"""Households that speak with households: sharing, games, voice, desktops, cameras."""

from collections.abc import Iterator

import numpy as np

from benchmarks.generator.draws import Ints, Rng, choose, heavy, odds, owners
from benchmarks.generator.stage import HOUR, Stage
from benchmarks.generator.talk import (
    FIN,
    OPEN,
    REFUSED,
    RESET,
    SILENT,
    TCP,
    UDP,
    Talk,
    in_bursts,
    single,
)


def talks(stage: Stage) -> Iterator[Talk]:
    """Many in, many out: what a relay looks like to those who only count."""
    yield from _sharing(stage)
    yield _games(stage)
    yield _voice(stage)
    yield _speed_tests(stage)
    yield _desktops(stage)
    yield from _home_servers(stage)


def _sharing(stage: Stage) -> Iterator[Talk]:
    rng = stage.rng("sharing")
    sharers = stage.cast.of("p2p")
    if not len(sharers):
        return
    peers = stage.outside("peers", 2000 + len(stage.cast.hosts), "eyeball")
    port = rng.integers(6881, 65000, len(sharers))
    hourly = heavy(rng, 45.0, 1.2, len(sharers), high=1500)
    active = rng.uniform(0.2, 1.0, len(sharers))
    for way, share in (("out", 0.6), ("in", 0.4)):
        count = rng.poisson(hourly * stage.load("home") * share * active).astype(np.int64)
        who = owners(count)
        yield _swarm(stage, rng, sharers[who], port[who], peers, inbound=way == "in")


def _swarm(
    stage: Stage, rng: Rng, own: Ints, port: Ints, peers: Ints, *, inbound: bool
) -> Talk:
    size = len(own)
    other = choose(rng, peers, size)
    udp = odds(rng, 0.65, size)
    chat = odds(rng, 0.55, size)  # DHT and failed greetings: small
    fate = rng.random(size)
    lost = fate < (0.12 if inbound else 0.45)
    ending = np.where(lost & ~udp, np.where(fate < 0.3, SILENT, REFUSED), RESET)
    their_port = (other * 7919) % 58000 + 6881
    talk = single(
        "sharing",
        client=np.where(inbound, other, own),
        server=np.where(inbound, own, other),
        port=np.where(inbound, port, their_port),
        client_port=np.where(udp, np.where(inbound, their_port, port), 0),
        protocol=np.where(udp, UDP, TCP),
        opened=stage.moments(rng, size, "home"),
        span=np.where(
            chat | lost,
            heavy(rng, 0.3, 1.0, size, high=20),
            heavy(rng, 90, 1.5, size, high=7200),
        ),
        up=np.where(
            lost & ~udp,
            0,
            np.where(chat, rng.integers(60, 300, size), heavy(rng, 4e4, 2.2, size, high=3e8)),
        ),
        down=np.where(
            lost,
            0,
            np.where(chat, rng.integers(60, 600, size), heavy(rng, 4e4, 2.2, size, high=3e8)),
        ),
        ending=np.where(udp, OPEN, ending),
        up_units=rng.geometric(0.4, size),
        down_units=rng.geometric(0.4, size),
    )
    return in_bursts(rng, talk, 240.0, most=12)


def _games(stage: Stage) -> Talk:
    rng = stage.rng("games")
    players = stage.cast.of("gamer")
    count = rng.poisson(0.5 * stage.load("home"), len(players)).astype(np.int64)
    who = players[owners(count)]
    size = len(who)
    servers = stage.outside("game servers", 80, "hosting")
    span = heavy(rng, 1300, 0.8, size, low=60, high=4 * HOUR)
    rate = heavy(rng, 35, 0.5, size, low=8, high=128)
    return single(
        "game",
        client=who,
        server=choose(rng, servers, size),
        port=choose(rng, [27015, 3074, 7777, 5000, 30120, 40007], size),
        protocol=UDP,
        opened=stage.moments(rng, size, "home"),
        span=span,
        up=span * rate * heavy(rng, 60, 0.3, size),
        down=span * rate * heavy(rng, 140, 0.4, size),
        ending=OPEN,
        up_units=span * rate,
        down_units=span * rate,
    )


def _voice(stage: Stage) -> Talk:
    rng = stage.rng("voice")
    callers = stage.cast.of("voice")
    who = callers[owners(rng.poisson(0.5 * stage.load("work"), len(callers)).astype(np.int64))]
    size = len(who)
    gateways = stage.outside("voice gateways", 40, "business")
    span = heavy(rng, 150, 1.1, size, low=5, high=2 * HOUR)
    inward = odds(rng, 0.5, size)
    other = choose(rng, gateways, size)
    return single(
        "voice",
        client=np.where(inward, other, who),
        server=np.where(inward, who, other),
        port=rng.integers(8000, 30000, size) * 2,
        client_port=rng.integers(8000, 30000, size) * 2,
        protocol=UDP,
        opened=stage.moments(rng, size, "work"),
        span=span,
        up=span * 50 * 172,  # RFC 3551: 20 ms of G.711 and the RTP header
        down=span * 50 * 172,
        ending=OPEN,
        up_units=span * 50,
        down_units=span * 50,
    )


def _speed_tests(stage: Stage) -> Talk:
    """Several parallel connections, a few seconds, as fast as the line goes."""
    rng = stage.rng("speed tests")
    homes = stage.cast.of("household")
    tests = rng.poisson(0.004 * stage.load("home"), len(homes)).astype(np.int64)
    tester = homes[owners(tests)]
    at = stage.moments(rng, len(tester), "home")
    server = choose(rng, stage.outside("speed tests", 12, "hosting"), len(tester))
    streams = rng.integers(4, 17, len(tester))
    which = owners(streams)
    rate = heavy(rng, 6e6, 0.8, len(tester), high=1.2e8)[which] / streams[which]
    upload = rng.random(len(which)) < 0.5
    span = rng.uniform(6, 12, len(which))
    return single(
        "speed test",
        client=tester[which],
        server=server[which],
        port=choose(rng, [8080, 443, 5201], len(which)),
        opened=at[which] + upload * 13.0 + rng.random(len(which)) * 0.2,
        span=span,
        up=np.where(upload, rate * span * 0.3, 5e3),
        down=np.where(upload, 5e3, rate * span),
        ending=RESET,
    )


def _desktops(stage: Stage) -> Talk:
    """People reach their own machines from outside: few clients, long sessions."""
    rng = stage.rng("desktops")
    hosts = stage.cast.of("remote_desktop")
    who = owners(rng.poisson(0.5 * stage.load("work"), len(hosts)).astype(np.int64))
    size = len(who)
    people = stage.outside("travellers", max(4, 2 * len(hosts)), "eyeball")
    port = choose(rng, [3389, 5900, 22, 5938, 33890], len(hosts))
    span = heavy(rng, 700, 1.3, size, low=3, high=4 * HOUR)
    talk = single(
        "remote desktop",
        client=people[(who * 2 + odds(rng, 0.3, size)) % len(people)],
        server=hosts[who],
        port=port[who],
        opened=stage.moments(rng, size, "work"),
        span=span,
        up=span * heavy(rng, 900, 0.7, size),
        down=span * heavy(rng, 12e3, 1.0, size),
        ending=np.where(odds(rng, 0.3, size), RESET, FIN),
        up_units=span * 4,
        down_units=span * 8,
    )
    return in_bursts(rng, talk, 120.0, most=40)


def _home_servers(stage: Stage) -> Iterator[Talk]:
    """Cameras, network disks, own web pages and game servers with guests from outside."""
    rng = stage.rng("home servers")
    hosts = stage.cast.of("home_server")
    guests = stage.outside("guests", max(20, 6 * len(hosts)), "eyeball")
    count = rng.poisson(
        heavy(rng, 4.0, 1.2, len(hosts), high=150) * stage.load("world")
    ).astype(np.int64)
    who = owners(count)
    size = len(who)
    port = choose(
        rng, [443, 80, 8080, 5000, 5001, 8443, 25565, 554, 32400, 8123, 1194], len(hosts)
    )
    loyal = np.minimum(rng.geometric(0.25, size), 40)
    client = guests[(hosts[who] * 31 + loyal * 17) % len(guests)]
    own_udp = port[who] == 1194
    talk = single(
        "home server",
        client=client,
        server=hosts[who],
        port=port[who],
        protocol=np.where(own_udp, UDP, TCP),
        opened=stage.moments(rng, size, "world"),
        span=np.maximum(0.2, heavy(rng, 8, 1.8, size, high=3 * HOUR)),
        up=heavy(rng, 1500, 1.0, size, low=100, high=1e8),
        down=heavy(rng, 3e4, 2.0, size, low=100, high=2e9),
        ending=np.where(own_udp, OPEN, FIN),
    )
    yield in_bursts(rng, talk, 90.0, most=20)
