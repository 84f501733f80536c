"""Long sessions that carry many: inward tunnels, and hosts that dial out for their work."""

from collections.abc import Iterator

import numpy as np

from benchmarks.generator.draws import Floats, Rng, between, heavy, odds
from benchmarks.generator.hijacked.jobs import Jobs, jobs_for
from benchmarks.generator.hijacked.plan import Operation, Proxy, instants
from benchmarks.generator.hijacked.relays import start_lag
from benchmarks.generator.stage import Stage
from benchmarks.generator.talk import FIN, MIDWAY, OPEN, RESET, Talk, single, with_turns


def talks(stage: Stage, operation: Operation, proxy: Proxy) -> Iterator[Talk]:
    """One host's tunnel and what leaves it."""
    rng = stage.rng(f"{operation.name} {proxy.host}")
    at = instants(rng, operation, proxy)
    jobs = jobs_for(stage, rng, operation, proxy, at)
    outward = operation.manner != "tunnel"
    starts, ends = _lives(stage, rng, proxy)
    gate = operation.driver_at(rng, starts, proxy.host)
    tunnel = np.clip(np.searchsorted(starts, at, side="right") - 1, 0, len(starts) - 1)
    inside = (at >= starts[tunnel]) & (at < ends[tunnel])
    at, tunnel = at[inside], tunnel[inside]
    jobs = _chosen(jobs, np.flatnonzero(inside))
    lag = start_lag(stage, rng, gate[tunnel], proxy.host, 1) * 0.6
    leg = stage.next_legs(len(at))
    if operation.manner == "dial-back":
        yield from _dialled(rng, operation, proxy, jobs, gate=gate[tunnel], at=at, leg=leg)
        jobs_in_tunnel = _chosen(jobs, np.zeros(0, dtype=np.int64))
        spoken = tunnel[:0], at[:0], lag[:0]
    else:
        jobs_in_tunnel, spoken = jobs, (tunnel, at, lag)
    port = _gate_port(stage, operation) if outward else proxy.port
    own = np.full(len(starts), proxy.host)
    ending = np.where(odds(rng, 0.3, len(starts)), RESET, FIN)
    bare = single(
        "op tunnel",
        client=own if outward else gate, server=gate if outward else own, port=port,
        opened=starts, span=ends - starts, up=0, down=0, subject=proxy.host,
        ending=np.where(starts <= 0.0, MIDWAY, ending),
    )  # fmt: skip
    yield _carrying(rng, bare, starts, ends, jobs_in_tunnel, *spoken, outward=outward)
    wait = lag if operation.manner != "dial-back" else lag + heavy(rng, 0.15, 0.6, len(at))
    yield jobs.outward("op relay out", proxy.host, at + wait, leg)


def _gate_port(stage: Stage, operation: Operation) -> int:
    habit = stage.habits(operation.name + " gate")
    return int(habit.choice([443, int(habit.integers(1025, 65000)), 8443, 22, 80]))


def _lives(stage: Stage, rng: Rng, proxy: Proxy) -> tuple[Floats, Floats]:
    """When the tunnel stands: it breaks now and then, and after a change of address."""
    breaks = np.sort(
        rng.random(rng.poisson(stage.hours / between(rng, 0.7, 30))) * stage.seconds
    )
    moved = stage.cast.moved.get(proxy.host)
    edges = np.sort(np.append(breaks, [moved[1] + 120.0] if moved else []))
    start = max(proxy.started_at, 0.0)
    edges = edges[edges > start + 60]
    starts = np.append(start, edges + heavy(rng, 6, 1.0, len(edges), low=1, high=300))
    ends = np.append(edges, stage.seconds)
    alive = (starts < stage.seconds) & (ends > starts + 1.0)
    return starts[alive], ends[alive]


def _chosen(jobs: Jobs, which: "np.typing.NDArray[np.int64]") -> Jobs:
    return Jobs(**{name: getattr(jobs, name)[which] for name in Jobs.__slots__})


def _carrying(
    rng: Rng,
    bare: Talk,
    starts: Floats,
    ends: Floats,
    jobs: Jobs,
    tunnel: "np.typing.NDArray[np.int64]",
    at: Floats,
    lag: Floats,
    *,
    outward: bool,
) -> Talk:
    """The tunnel's turns: its greeting, its heartbeat, and one for every job."""
    pulse = between(rng, 12, 150)
    beats = np.maximum((ends - starts) / pulse, 1).astype(np.int64)
    beat = np.repeat(np.arange(len(starts)), beats)
    nth = np.arange(len(beat)) - np.repeat(np.cumsum(beats) - beats, beats)
    every = np.arange(len(starts))
    frame = float(rng.integers(8, 60))
    words, answers = jobs.up * 1.003 + frame, jobs.down * 1.003 + frame
    up, down = (answers, words) if outward else (words, answers)
    hello = np.full(len(every), between(rng, 200, 3000))
    return with_turns(
        bare,
        turn_of=np.concatenate([every, beat, tunnel]),
        at=np.concatenate([starts, starts[beat] + (nth + 0.9) * pulse, at]),
        span=np.concatenate(
            [np.full(len(every), 0.5), np.full(len(beat), 0.1), jobs.span + lag]
        ),
        up=np.concatenate([hello, np.full(len(beat), 31.0), up]),
        down=np.concatenate([hello * 0.7, np.full(len(beat), 31.0), down]),
        up_units=np.concatenate([every * 0 + 2, beat * 0 + 1, jobs.down_units]),
        down_units=np.concatenate([every * 0 + 2, beat * 0 + 1, jobs.up_units]),
    )


def _dialled(
    rng: Rng,
    operation: Operation,
    proxy: Proxy,
    jobs: Jobs,
    *,
    gate: "np.typing.NDArray[np.int64]",
    at: Floats,
    leg: "np.typing.NDArray[np.int64]",
) -> Iterator[Talk]:
    """A connection to the gateway for each job: both legs are opened by the host."""
    size = len(at)
    yield single(
        "op dial", client=np.full(size, proxy.host), server=gate,
        port=int(rng.integers(1025, 65000)), opened=at,
        span=jobs.span + heavy(rng, 0.4, 0.6, size, low=0.1),
        up=jobs.down + rng.integers(10, 60), down=jobs.up + rng.integers(20, 90),
        ending=np.where(odds(rng, 0.2, size), OPEN, FIN), subject=proxy.host, leg=leg,
        up_units=jobs.down_units, down_units=jobs.up_units,
    )  # fmt: skip
