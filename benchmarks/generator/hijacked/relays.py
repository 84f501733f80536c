"""Listeners: a driver connects, names a target, and the host connects onward."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.generator.draws import Floats, Ints, Rng, between, choose, heavy, odds
from benchmarks.generator.hijacked.jobs import Jobs, jobs_for, web_jobs
from benchmarks.generator.hijacked.plan import Operation, Proxy, instants, strangers_for
from benchmarks.generator.stage import HOUR, Stage
from benchmarks.generator.talk import FIN, OPEN, RESET, TCP, UDP, Talk, single


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """What it takes to ask a proxy for a connection."""

    up: Floats
    down: Floats
    rounds: int  # round trips before the proxy may connect onward


def greeting(rng: Rng, style: str, size: int) -> Greeting:
    """Octets of the proxy protocol around the relayed words."""
    zero = np.zeros(size)
    if style == "socks4":  # no standard: 8 octets and a user id, 8 back
        return Greeting(up=zero + 9 + int(rng.integers(0, 9)), down=zero + 8, rounds=1)
    if style == "socks5":  # RFC 1928
        return Greeting(up=zero + 13 + int(rng.integers(0, 2)), down=zero + 12, rounds=2)
    if style == "socks5-name":
        return Greeting(up=zero + 10 + rng.integers(8, 34, size), down=zero + 12, rounds=2)
    if style == "socks5-password":  # RFC 1929
        words = 16 + int(rng.integers(6, 40))
        return Greeting(up=zero + words, down=zero + 14, rounds=3)
    if style == "connect":  # RFC 9110 section 9.3.6
        asked = int(rng.integers(40, 260)) + 2 * rng.integers(8, 30, size)
        return Greeting(up=zero + asked, down=zero + int(rng.integers(39, 180)), rounds=1)
    if style == "private-udp":
        return Greeting(up=zero + rng.integers(40, 120, size), down=zero + 60, rounds=1)
    return Greeting(
        up=rng.uniform(500, 900, size), down=zero + rng.uniform(1500, 4800), rounds=2
    )


def wrapped(rng: Rng, style: str, octets: Floats) -> Floats:
    """Relayed octets as they look on the inner leg: private protocols add framing."""
    if not style.startswith("private"):
        return octets
    return octets * (1.0 + 0.002 * rng.random()) + 29.0 * np.ceil(octets / 8192.0)


def start_lag(stage: Stage, rng: Rng, client: Ints, host: int, rounds: int) -> Floats:
    """From the driver's first packet to the proxy's own: trips, thinking, a slow resolver."""
    size = len(client)
    there = stage.places.round_trip(client) + stage.places.round_trip(np.full(size, host))
    thinking = heavy(rng, between(rng, 0.002, 0.08), 0.8, size, high=3)
    slow = np.where(odds(rng, 0.05, size), heavy(rng, 0.8, 0.8, size, high=8), 0.0)
    return (rounds + 0.5) * there * heavy(rng, 1.1, 0.15, size, low=1.0) + thinking + slow


def inner_leg(
    rng: Rng,
    style: str,
    jobs: Jobs,
    *,
    client: Ints,
    proxy: Proxy,
    at: Floats,
    lag: Floats,
    leg: Ints,
    label: str = "op relay in",
) -> Talk:
    """The conversation between driver and proxy that carries the jobs' words."""
    size = len(at)
    greet = greeting(rng, style, size)
    failed = jobs.failed
    close = np.where(odds(rng, 0.1, size), heavy(rng, 4.0, 1.0, size, high=90), 0.05)
    udp = style == "private-udp"
    up = greet.up + wrapped(rng, style, jobs.up)
    down = greet.down + wrapped(rng, style, jobs.down)
    return single(
        label,
        client=client,
        server=np.full(size, proxy.host),
        port=proxy.port,
        protocol=UDP if udp else TCP,
        opened=at,
        span=lag + np.where(failed, heavy(rng, 3.0, 0.8, size, high=60), jobs.span) + close,
        up=up,
        down=down,
        ending=OPEN if udp else np.where(odds(rng, 0.15, size), RESET, FIN),
        subject=proxy.host,
        leg=leg,
        up_units=np.where(failed, 1, jobs.up_units + 1),
        down_units=np.where(failed, 1, jobs.down_units + 1),
    )


def relayed(
    stage: Stage,
    rng: Rng,
    style: str,
    jobs: Jobs,
    *,
    client: Ints,
    proxy: Proxy,
    at: Floats,
    name: str = "relay",
) -> Iterator[Talk]:
    """Both legs of relayed conversations; `name` says who asked for them."""
    rounds = greeting(rng, style, 1).rounds
    lag = start_lag(stage, rng, client, proxy.host, rounds)
    leg = stage.next_legs(len(at))
    yield inner_leg(
        rng, style, jobs, client=client, proxy=proxy, at=at, lag=lag, leg=leg,
        label=f"op {name} in",
    )  # fmt: skip
    yield jobs.outward(f"op {name} out", proxy.host, at + lag, leg)


def chained(
    stage: Stage,
    rng: Rng,
    style: str,
    jobs: Jobs,
    *,
    client: Ints,
    through: Proxy,
    proxy: Proxy,
    at: Floats,
) -> Iterator[Talk]:
    """Three legs: the driver asks one proxy to ask another."""
    size, rounds = len(at), greeting(rng, style, 1).rounds
    first = start_lag(stage, rng, client, through.host, rounds)
    own = np.full(size, through.host)
    second = start_lag(stage, rng, own, proxy.host, rounds)
    leg, outer_leg = stage.next_legs(size), stage.next_legs(size)
    middle = inner_leg(
        rng, style, jobs, client=own, proxy=proxy, at=at + first, lag=second, leg=leg,
        label="op relay chain",
    )  # fmt: skip
    inner = Jobs(
        target=middle.server, port=middle.port, up=middle.up, down=middle.down,
        span=middle.span, ending=middle.ending, up_units=middle.up_units,
        down_units=middle.down_units,
    )  # fmt: skip
    yield inner_leg(
        rng, style, inner, client=client, proxy=through, at=at, lag=first, leg=outer_leg
    )
    yield middle
    yield jobs.outward("op relay out", proxy.host, at + first + second, leg)


def talks(stage: Stage, operation: Operation, proxy: Proxy) -> Iterator[Talk]:
    """One listener's day: its drivers' work, their checks, and for open ones the strangers."""
    rng = stage.rng(f"{operation.name} {proxy.host}")
    at = instants(rng, operation, proxy)
    jobs = jobs_for(stage, rng, operation, proxy, at)
    style, client = operation.greeting, operation.driver_at(rng, at, proxy.host)
    through = operation.through(proxy)
    if through is None:
        yield from relayed(stage, rng, style, jobs, client=client, proxy=proxy, at=at)
    else:
        yield from chained(
            stage, rng, style, jobs, client=client, through=through, proxy=proxy, at=at
        )
    yield from _checks(stage, rng, operation, proxy)
    if proxy.kind in ("natural-open", "synthetic-open"):
        yield from _strangers(stage, rng, proxy)


def _checks(stage: Stage, rng: Rng, operation: Operation, proxy: Proxy) -> Iterator[Talk]:
    """Drivers ask now and then whether the proxy still works; nothing goes onward."""
    period = between(rng, 300, 7200)
    start = max(proxy.started_at, 0.0)
    at = np.arange(start + rng.random() * period, stage.seconds, period)
    at += rng.normal(0, 0.05 * period, len(at))
    greet = greeting(rng, operation.greeting, len(at))
    yield single(
        "op check", client=operation.driver_at(rng, at, proxy.host),
        server=np.full(len(at), proxy.host), port=proxy.port, opened=at,
        span=heavy(rng, 0.4, 0.6, len(at), low=0.1), up=greet.up, down=greet.down,
        subject=proxy.host,
    )  # fmt: skip


def _strangers(stage: Stage, rng: Rng, proxy: Proxy) -> Iterator[Talk]:
    """Unrelated people browse through what stands open."""
    crowd = strangers_for(stage, rng, int(between(rng, 4, 120)))
    start = max(proxy.started_at, 0.0)
    count = rng.poisson(between(rng, 5, 300) * (stage.seconds - start) / HOUR)
    at = start + rng.random(count) * (stage.seconds - start)
    style = "connect" if proxy.port in (3128, 8080, 808, 8888) else "socks5"
    jobs = web_jobs(stage, rng, rng, count)
    client = choose(rng, crowd, count)
    yield from relayed(
        stage, rng, style, jobs, client=client, proxy=proxy, at=at, name="stranger"
    )
