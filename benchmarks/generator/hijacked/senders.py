"""Mail that leaves later or by itself: direct bots, stored batches, open mail relays."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.generator.draws import Floats, Rng, between, heavy, owners
from benchmarks.generator.hijacked.jobs import Jobs, mail_jobs
from benchmarks.generator.hijacked.plan import Operation, Proxy, instants
from benchmarks.generator.smtp import Habits, sessions
from benchmarks.generator.stage import Stage
from benchmarks.generator.talk import OPEN, UDP, Talk, keep, single

SHORTEST_LETTER = 350  # payload of a session that delivered


def direct(stage: Stage, operation: Operation, proxy: Proxy) -> Iterator[Talk]:
    """The bot has its orders from the master and sends by itself."""
    rng = stage.rng(f"{operation.name} {proxy.host}")
    at = instants(rng, operation, proxy)
    jobs = mail_jobs(stage, rng, operation, proxy, at)
    yield jobs.outward("op direct out", proxy.host, at, np.full(len(at), -1))
    resolver = stage.outside("public resolvers", 12, "cloud")[rng.integers(0, 12)]
    asked = rng.random(len(at)) < between(rng, 0.05, 1.0)
    yield single(
        "op names", client=np.full(int(asked.sum()), proxy.host), server=resolver, port=53,
        protocol=UDP, opened=np.maximum(at[asked] - 0.3, 0.0), span=0.05, up=48,
        down=rng.integers(90, 400, int(asked.sum())), ending=OPEN, subject=proxy.host,
    )  # fmt: skip


def stored(stage: Stage, operation: Operation, proxy: Proxy) -> Iterator[Talk]:
    """Batches are handed over; the host works them off after minutes."""
    rng = stage.rng(f"{operation.name} {proxy.host}")
    mean = float(rng.choice([1.0, 1.0, 8.0, 60.0]))
    begins = instants(rng, operation, proxy, hourly=max(0.5, proxy.hourly / mean))
    sizes = rng.geometric(1.0 / mean, len(begins)).astype(np.int64)
    which = owners(sizes)
    wait = between(rng, 25, 900)
    lag = wait * heavy(rng, 1.0, float(rng.choice([0.03, 0.15, 0.5])), len(begins))
    spread = rng.exponential(between(rng, 0.5, 4.0) * np.maximum(sizes[which], 1))
    jobs = mail_jobs(stage, rng, operation, proxy, begins[which])
    letter = heavy(rng, operation.letter, 0.2, len(begins))
    jobs = _same_letter(rng, jobs, letter[which])
    leg = stage.next_legs(len(begins))
    yield single(
        "op batch in", client=operation.driver_at(rng, begins, proxy.host),
        server=np.full(len(begins), proxy.host), port=proxy.port, opened=begins,
        span=heavy(rng, 1.2, 0.6, len(begins), low=0.2),
        up=letter + 28.0 * sizes + 200, down=rng.integers(40, 300, len(begins)),
        subject=proxy.host, leg=leg,
    )  # fmt: skip
    yield jobs.outward(
        "op relay out", proxy.host, begins[which] + lag[which] + spread, leg[which]
    )


def _same_letter(rng: Rng, jobs: Jobs, letter: Floats) -> Jobs:
    """What was handed over is what is sent, with other recipients and envelope words."""
    taken = jobs.up > SHORTEST_LETTER
    envelope = rng.integers(60, 420, len(letter))
    return replace(jobs, up=np.where(taken, letter + envelope, jobs.up))


def open_relay(stage: Stage, operation: Operation, proxy: Proxy) -> Iterator[Talk]:
    """The owner's mail server takes mail for anyone; it also has honest mail of its own."""
    rng = stage.rng(f"{operation.name} {proxy.host}")
    mean = between(rng, 1.0, 30.0)
    begins = instants(rng, operation, proxy, hourly=max(0.5, proxy.hourly / mean))
    copies = rng.geometric(1.0 / mean, len(begins)).astype(np.int64)
    which = owners(copies)
    jobs = mail_jobs(stage, rng, operation, proxy, begins[which])
    mail = sessions(
        rng, Habits(median_size=operation.letter, sigma=0.1, turned_away=0.02), len(begins)
    )
    jobs = _same_letter(rng, jobs, mail.up[which])
    leg = stage.next_legs(len(begins))
    yield single(
        "op mail in", client=operation.driver_at(rng, begins, proxy.host),
        server=np.full(len(begins), proxy.host), port=25, opened=begins, span=mail.span,
        up=mail.up + 30.0 * copies, down=mail.down + 40.0 * copies, ending=mail.ending,
        subject=proxy.host, leg=leg, up_units=mail.up_units, down_units=mail.down_units,
    )  # fmt: skip
    queue = heavy(rng, between(rng, 0.2, 20), 1.0, len(which), high=1800)
    away = begins[which] + mail.span[which] + queue
    kept = mail.delivered[which]
    talk = jobs.outward("op relay out", proxy.host, away, leg[which])
    yield talk if kept.all() else keep(talk, kept)
