"""What drivers do beside driving: knock where proxies used to be, read pages, send mail."""

from collections.abc import Iterator

import numpy as np

from benchmarks.generator.draws import between, choose, heavy, odds, some
from benchmarks.generator.hijacked.plan import Operation
from benchmarks.generator.lawful.mail import mail_talk
from benchmarks.generator.smtp import Habits, sessions
from benchmarks.generator.stage import HOUR, Stage
from benchmarks.generator.talk import REFUSED, SILENT, Talk, single


def talks(stage: Stage, operation: Operation) -> Iterator[Talk]:
    """Conversations of drivers with hosts that are not theirs."""
    if not len(operation.drivers):
        return
    yield _stale_tries(stage, operation)
    rng = stage.rng(operation.name + " shadows")
    if rng.random() < 0.3:
        yield _visits(stage, operation)
    if rng.random() < 0.25:
        yield _own_mail(stage, operation)


def _stale_tries(stage: Stage, operation: Operation) -> Talk:
    """Old lists die slowly: cured hosts and given-up addresses are still knocked on."""
    rng = stage.rng(operation.name + " stale")
    hijacked = [proxy.host for proxy in operation.proxies]
    clean = np.setdiff1d(np.arange(stage.places.own_size, dtype=np.int64), hijacked)
    former = some(rng, clean, 1 + int(rng.poisson(len(hijacked) * between(rng, 0.1, 3.0))))
    count = rng.poisson(len(former) * between(rng, 0.3, 8.0) * stage.hours)
    at = rng.random(count) * stage.seconds
    target = choose(rng, former, count)
    port = max(operation.proxies[0].port, 25) if operation.proxies[0].port else 1080
    alive = np.isin(target, stage.cast.hosts) & (target % 3 == 0)
    return single(
        "stale try", client=operation.driver_at(rng, at, 0), server=target, port=port,
        opened=at, span=1.0, up=0, down=0, ending=np.where(alive, REFUSED, SILENT),
    )  # fmt: skip


def _visits(stage: Stage, operation: Operation) -> Talk:
    """Real sessions with clean hosts: a driver reads hosted sites too."""
    rng = stage.rng(operation.name + " visits")
    hosts = some(rng, stage.cast.of("web_host"), 1 + int(rng.poisson(3)))
    count = rng.poisson(between(rng, 1, 12) * stage.hours)
    at = rng.random(count) * stage.seconds
    return single(
        "driver visit", client=operation.driver_at(rng, at, 1),
        server=choose(rng, hosts, count), port=443, opened=at,
        span=heavy(rng, 3, 1.0, count, low=0.2, high=300),
        up=heavy(rng, 1500, 0.6, count, low=300), down=heavy(rng, 2e4, 1.3, count, high=1e7),
    )  # fmt: skip


def _own_mail(stage: Stage, operation: Operation) -> Talk:
    """Some addresses also send straight to the operator's mail servers."""
    rng = stage.rng(operation.name + " own mail")
    count = rng.poisson(between(rng, 2, 40) * stage.hours)
    at = rng.random(count) * min(stage.seconds, 24 * HOUR)
    known = odds(rng, 0.5, count)
    mail = sessions(rng, Habits(turned_away=0.6), count, np.where(known, 0.9, 0.3))
    target = choose(rng, stage.cast.of("mail_server"), count)
    return mail_talk("driver mail", operation.driver_at(rng, at, 2), target, at, mail)
