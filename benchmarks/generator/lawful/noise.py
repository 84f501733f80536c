"""What falls on every address: scanners, research, password guessers, stray knocks."""

from collections.abc import Iterator

import numpy as np

from benchmarks.generator.draws import between, choose, heavy, odds, pick, some, zipf_weights
from benchmarks.generator.stage import HOUR, Stage
from benchmarks.generator.talk import FIN, REFUSED, SILENT, TCP, UDP, Talk, single

KNOCKED = (23, 445, 22, 80, 443, 3389, 8080, 25, 5060, 2323, 6379, 1433, 5555, 3128, 1080, 8000)


def talks(stage: Stage) -> Iterator[Talk]:
    """Unasked-for traffic; none of it relays."""
    yield _radiation(stage)
    yield from _scanners(stage)
    yield from _guessers(stage)
    yield from _own_scanners(stage)


def _radiation(stage: Stage) -> Talk:
    rng = stage.rng("radiation")
    own = stage.places.own_size
    count = rng.poisson(stage.mix.radiation * own * stage.hours)
    sources = stage.outside("radiation", 400 + own // 8, "eyeball")
    target = rng.integers(0, own, count)
    answered = odds(rng, 0.12, count) & np.isin(target, stage.cast.hosts)
    udp = odds(rng, 0.15, count)
    return single(
        "radiation",
        client=sources[pick(rng, zipf_weights(len(sources), 0.9), count)],
        server=target,
        port=choose(rng, list(KNOCKED), count, zipf_weights(len(KNOCKED), 0.7)),
        protocol=np.where(udp, UDP, TCP),
        opened=rng.random(count) * stage.seconds,
        span=np.where(odds(rng, 0.2, count), 1.0, 0.0),
        up=np.where(udp, 60, 0),
        down=0,
        ending=np.where(answered, REFUSED, SILENT),
    )


def _scanners(stage: Stage) -> Iterator[Talk]:
    """Sweeps: one port or several, part of the prefix or all of it. A third are research."""
    for number in range(stage.mix.scanners):
        rng = stage.rng(f"scanner {number}")
        science = number % 3 == 0
        source = stage.places.draw(rng, 1, "business" if science else "hosting")
        stage.shared[f"research {number}" if science else f"scanner {number}"] = source
        own = stage.places.own_size
        targets = some(rng, np.arange(own, dtype=np.int64), int(own * between(rng, 0.05, 1.0)))
        port = int(choose(rng, list(KNOCKED), 1)[0])
        lasts = min(stage.seconds, between(rng, 120, 6 * HOUR))
        begins = rng.random() * (stage.seconds - lasts)
        alive = np.isin(targets, stage.cast.hosts) & odds(rng, 0.1, len(targets))
        open_here = alive & odds(rng, 0.15, len(targets))
        ending = np.where(open_here, FIN, np.where(alive, REFUSED, SILENT))
        yield single(
            "research scan" if science else "scan",
            client=np.full(len(targets), source[0]),
            server=targets,
            port=port,
            opened=np.sort(begins + rng.random(len(targets)) * lasts),
            span=np.where(open_here, heavy(rng, 0.4, 0.6, len(targets)), 0.0),
            up=np.where(open_here, rng.integers(20, 300, len(targets)), 0),
            down=np.where(open_here, rng.integers(20, 900, len(targets)), 0),
            ending=ending,
        )


def _guessers(stage: Stage) -> Iterator[Talk]:
    """Passwords tried for hours on machines with a shell or a mailbox."""
    hosts = np.concatenate([stage.cast.of("server"), stage.cast.of("remote_desktop")])
    for number in range(max(2, stage.mix.scanners // 3)):
        rng = stage.rng(f"guesser {number}")
        source = stage.places.draw(rng, 1, "hosting")
        stage.shared[f"guesser {number}"] = source
        victims = some(rng, hosts, int(between(rng, 2, 30)))
        count = rng.poisson(between(rng, 20, 800) * stage.hours)
        yield single(
            "guessing",
            client=np.full(count, source[0]),
            server=choose(rng, victims, count),
            port=int(choose(rng, [22, 3389, 25, 587], 1)[0]),
            opened=rng.random(count) * stage.seconds,
            span=heavy(rng, 2.5, 0.6, count, low=0.3, high=60),
            up=heavy(rng, 1900, 0.2, count),
            down=heavy(rng, 2300, 0.2, count),
            up_units=6,
            down_units=6,
        )


def _own_scanners(stage: Stage) -> Iterator[Talk]:
    """Infected subscribers that knock on the world's doors and relay nothing."""
    for host in stage.cast.of("own_scanner").tolist():
        rng = stage.rng(f"own scanner {host}")
        count = rng.poisson(min(between(rng, 200, 5000) * stage.hours, 15000))
        fate = rng.random(count)
        yield single(
            "own scan",
            client=np.full(count, host),
            server=stage.places.draw(rng, count, "eyeball"),
            port=choose(rng, [23, 2323, 445, 22], count, np.array([6.0, 2, 1, 1])),
            opened=rng.random(count) * stage.seconds,
            span=np.where(fate < 0.02, 2.0, 0.0),
            up=np.where(fate < 0.02, 60, 0),
            down=np.where(fate < 0.02, 90, 0),
            ending=np.select([fate < 0.02, fate < 0.2], [FIN, REFUSED], SILENT),
        )
