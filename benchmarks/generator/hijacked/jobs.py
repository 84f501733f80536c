"""What is relayed: mail to many exchangers, requests to shops and login pages."""

from dataclasses import dataclass

import numpy as np

from benchmarks.generator.draws import (
    Flags,
    Floats,
    Ints,
    Rng,
    between,
    choose,
    heavy,
    odds,
    pick,
    zipf_weights,
)
from benchmarks.generator.hijacked.plan import Operation, Proxy
from benchmarks.generator.lawful.mail import exchangers
from benchmarks.generator.smtp import Habits, sessions
from benchmarks.generator.stage import Stage
from benchmarks.generator.talk import FIN, REFUSED, RESET, SILENT, Talk, single


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Outward conversations to be had, without their times."""

    target: Ints
    port: Ints
    up: Floats
    down: Floats
    span: Floats
    ending: Ints
    up_units: Ints
    down_units: Ints

    @property
    def failed(self) -> Flags:
        """Never connected."""
        return np.isin(self.ending, (SILENT, REFUSED))

    def outward(self, label: str, host: int, at: Floats, leg: Ints) -> Talk:
        """The conversations that leave the proxy."""
        return single(
            label, client=np.full(len(at), host), server=self.target, port=self.port,
            opened=at, span=self.span, up=self.up, down=self.down, ending=self.ending,
            subject=host, leg=leg, up_units=self.up_units, down_units=self.down_units,
        )  # fmt: skip


def jobs_for(stage: Stage, rng: Rng, operation: Operation, proxy: Proxy, at: Floats) -> Jobs:
    """Work for one proxy at those instants."""
    if proxy.abuse == "mail":
        return mail_jobs(stage, rng, operation, proxy, at)
    return web_jobs(stage, stage.habits(operation.name + " targets"), rng, len(at))


def mail_jobs(stage: Stage, rng: Rng, operation: Operation, proxy: Proxy, at: Floats) -> Jobs:
    """Mails of one campaign; each exchanger is as strict as it always is."""
    count = len(at)
    # With stolen passwords mail is handed to the big providers' submission ports.
    few = 1.8 if operation.mail_port != 25 else 0.9
    target = exchangers(stage, rng, count, few)
    strict = ((target * 2654435761) >> 9) % 1000 / 1000.0
    refusal = np.clip(np.where(at > proxy.listed_at, 0.75, 0.3) * strict * 1.4, 0.01, 0.95)
    habits = Habits(
        median_size=operation.letter,
        sigma=0.25,
        unreachable=0.06,
        encrypted=0.3,
        pace_s=between(rng, 0.7, 4.0),
    )
    mail = sessions(rng, habits, count, refusal)
    return Jobs(
        target=target, port=np.full(count, operation.mail_port), up=mail.up,
        down=mail.down, span=mail.span,
        ending=mail.ending, up_units=mail.up_units, down_units=mail.down_units,
    )  # fmt: skip


def web_jobs(stage: Stage, style: Rng, rng: Rng, count: int) -> Jobs:
    """Passwords tried on login pages, shops scraped: few targets, short conversations."""
    shops = stage.popular()
    few = choose(style, shops, int(between(style, 1, 60)))
    target = few[pick(rng, zipf_weights(len(few), 0.8), count)]
    up = heavy(rng, between(style, 900, 4000), 0.3, count, low=300)
    down = heavy(rng, between(style, 4e3, 3e5), 0.8, count, low=300, high=2e7)
    fate = rng.random(count)
    ending = np.select([fate < 0.02, fate < 0.03, fate < 0.2], [SILENT, REFUSED, RESET], FIN)
    dead = fate < 0.03
    return Jobs(
        target=target,
        port=np.where(odds(rng, 0.92, count), 443, 80),
        up=np.where(dead, 0, up),
        down=np.where(dead, 0, down),
        span=np.where(dead, 1.0, heavy(rng, 1.6, 0.9, count, low=0.2, high=120)),
        ending=ending.astype(np.int64),
        up_units=rng.integers(2, 6, count),
        down_units=rng.integers(2, 6, count),
    )
