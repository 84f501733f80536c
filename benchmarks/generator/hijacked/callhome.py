"""Calls home: hijacked hosts ask their master what to do, and tell it where they are."""

from collections.abc import Iterator

import numpy as np

from benchmarks.generator.draws import between, choose, heavy, odds, some
from benchmarks.generator.hijacked.plan import Master, Operation, Proxy
from benchmarks.generator.stage import Stage
from benchmarks.generator.talk import FIN, SILENT, Talk, single


def talks(stage: Stage, operation: Operation) -> Iterator[Talk]:
    """All calls of one operation, and the innocent neighbours of its masters."""
    for proxy in operation.proxies:
        for number, master in enumerate(_masters_of(operation, proxy)):
            yield _calls(stage, operation, proxy, master, number)
    for master in operation.masters:
        if master.shared:
            yield _neighbours(stage, operation, master)


def _masters_of(operation: Operation, proxy: Proxy) -> list[Master]:
    """Most hosts know one master, some all of them."""
    if not operation.masters:
        return []
    if proxy.host % 3 == 0:
        return operation.masters
    return [operation.masters[proxy.host % len(operation.masters)]]


def _calls(
    stage: Stage, operation: Operation, proxy: Proxy, master: Master, number: int
) -> Talk:
    rng = stage.rng(f"{operation.name} {proxy.host} home {number}")
    first = proxy.infected_at
    if first < 0:
        first = rng.random() * master.period_s
    at = np.arange(first, stage.seconds, master.period_s)
    # The first call is made at once; only the next ones follow the timer.
    late = rng.standard_normal(len(at)) * master.wobble * master.period_s
    at = np.where(at == first, at, at + late)
    moved = stage.cast.moved.get(proxy.host)
    again = [moved[1] + 125.0 + rng.exponential(20.0)] if moved else []
    at = np.concatenate([at, again])
    size = len(at)
    missed = odds(rng, 0.03, size)
    telling = np.where((at == first) | np.isin(at, again), 300.0, 0.0)
    orders = np.where(odds(rng, 0.05, size), heavy(rng, 2e4, 0.9, size, high=2e6), 0.0)
    steady = heavy(rng, 1.0, between(rng, 0.01, 0.3), size)
    return single(
        "op call home", client=np.full(size, proxy.host), server=master.address,
        port=master.port, opened=at, span=heavy(rng, 0.6, 0.6, size, low=0.1, high=30),
        up=np.where(missed, 0, master.up * steady + telling),
        down=np.where(missed, 0, master.down + orders),
        ending=np.where(missed, SILENT, FIN), subject=proxy.host,
    )  # fmt: skip


def _neighbours(stage: Stage, operation: Operation, master: Master) -> Talk:
    """Clean hosts visit the other sites on a shared address."""
    rng = stage.rng(f"{operation.name} neighbours {master.address}")
    share = between(rng, 0.004, 0.05)
    homes = stage.cast.of("household")
    visitors = some(rng, homes, max(3, int(share * len(homes))))
    count = rng.poisson(1.2 * stage.load("home") * len(visitors) / 2)
    return single(
        "shared site", client=choose(rng, visitors, count), server=master.address,
        port=choose(rng, [443, 80], count), opened=stage.moments(rng, count, "home"),
        span=heavy(rng, 4, 1.3, count, low=0.2, high=600),
        up=heavy(rng, 1500, 0.8, count, low=200), down=heavy(rng, 15e3, 1.6, count, low=300),
    )  # fmt: skip
