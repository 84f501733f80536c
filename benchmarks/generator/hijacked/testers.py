"""Those who try everyone's doors for proxies, and drive none."""

from collections.abc import Iterator

import numpy as np

from benchmarks.generator.draws import Ints, Rng, between, heavy, odds, some
from benchmarks.generator.hijacked.jobs import Jobs
from benchmarks.generator.hijacked.plan import Operation, Proxy
from benchmarks.generator.hijacked.relays import greeting, relayed
from benchmarks.generator.stage import Stage
from benchmarks.generator.talk import FIN, REFUSED, RESET, SILENT, Talk, single

TRIED = (1080, 3128, 8080, 4145, 8888, 808, 8000, 9050, 25, 443)


def talks(stage: Stage, operations: list[Operation]) -> Iterator[Talk]:
    """Sweeps over own addresses; where a proxy answers, a test page is fetched through it."""
    proxies = [proxy for operation in operations for proxy in operation.proxies if proxy.port]
    for number in range(stage.mix.testers):
        rng = stage.rng(f"tester {number}")
        source = stage.places.draw(rng, 1, "hosting")
        stage.shared[f"tester {number}"] = source
        own = stage.places.own_size
        swept = some(rng, np.arange(own, dtype=np.int64), int(own * between(rng, 0.05, 0.8)))
        ports = some(rng, np.array(TRIED), int(rng.integers(1, 5)))
        begins, lasts = rng.random() * 0.3, rng.uniform(0.1, 0.7)
        for port in ports.tolist():
            at = (begins + rng.random(len(swept)) * lasts) * stage.seconds
            yield _knocks(stage, rng, source, swept, port, at)
        judge = stage.places.draw(rng, 1, "hosting")
        for proxy in proxies:
            if proxy.host in set(swept.tolist()) and (
                proxy.port in ports or rng.random() < 0.3
            ):
                yield from _tried(stage, rng, source, judge, proxy)


def _knocks(
    stage: Stage,
    rng: Rng,
    source: Ints,
    swept: Ints,
    port: int,
    at: "np.typing.NDArray[np.float64]",
) -> Talk:
    alive = np.isin(swept, stage.cast.hosts) & odds(rng, 0.12, len(swept))
    # Some doors open and are something else: a web page, a greeting, a closed hand.
    other = alive & odds(rng, 0.12, len(swept))
    return single(
        "test", client=np.full(len(swept), source[0]), server=swept, port=port, opened=at,
        span=np.where(other, heavy(rng, 0.4, 0.7, len(swept)), 0.0),
        up=np.where(other, rng.integers(3, 200, len(swept)), 0),
        down=np.where(other, rng.integers(0, 600, len(swept)), 0),
        ending=np.where(other, RESET, np.where(alive, REFUSED, SILENT)),
    )  # fmt: skip


def _tried(stage: Stage, rng: Rng, source: Ints, judge: Ints, proxy: Proxy) -> Iterator[Talk]:
    """An open proxy serves its tester; a protected one turns it away after a few octets."""
    at = np.sort(max(proxy.started_at, 0.0) + rng.random(int(rng.integers(1, 4))) * 900.0)
    size = len(at)
    if proxy.kind not in ("natural-open", "synthetic-open"):
        greet = greeting(rng, "socks5", size)
        yield single(
            "test", client=np.full(size, source[0]), server=np.full(size, proxy.host),
            port=proxy.port, opened=at, span=0.5, up=greet.up, down=2, ending=FIN,
        )  # fmt: skip
        return
    page = Jobs(
        target=np.full(size, judge[0]), port=np.full(size, 80), up=rng.uniform(90, 300, size),
        down=np.full(size, float(rng.integers(300, 2500))), span=np.full(size, 0.4),
        ending=np.full(size, FIN), up_units=np.ones(size, dtype=np.int64),
        down_units=np.ones(size, dtype=np.int64),
    )  # fmt: skip
    style = "connect" if proxy.port in (3128, 8080, 808, 8888) else "socks5"
    yield from relayed(
        stage,
        rng,
        style,
        page,
        client=np.full(size, source[0]),
        proxy=proxy,
        at=at,
        name="tested",
    )
