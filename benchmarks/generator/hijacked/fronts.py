"""Throw-away fronts of a spammer's site: asked of a household, fetched from one origin."""

from collections.abc import Iterator

import numpy as np

from benchmarks.generator.draws import between, choose, heavy, odds
from benchmarks.generator.hijacked.plan import Operation, Proxy, instants
from benchmarks.generator.hijacked.relays import start_lag
from benchmarks.generator.stage import Stage
from benchmarks.generator.talk import Talk, single


def talks(stage: Stage, operation: Operation, proxy: Proxy) -> Iterator[Talk]:
    """Readers of spam come from everywhere; some pages are kept, the rest fetched at once."""
    rng = stage.rng(f"{operation.name} {proxy.host}")
    at = instants(rng, operation, proxy)
    size = len(at)
    readers = stage.outside("visitors", 800 + 2 * len(stage.cast.hosts), "eyeball")
    client = choose(rng, readers, size)
    lag = start_lag(stage, rng, client, proxy.host, 1)
    up = heavy(rng, 700, 0.6, size, low=150, high=2e5)
    down = heavy(rng, between(rng, 3e3, 6e4), 1.1, size, low=200, high=2e7)
    span = lag + heavy(rng, 0.8, 0.8, size, low=0.1, high=90)
    leg = stage.next_legs(size)
    style = stage.habits(operation.name + " origin")
    port = int(choose(style, [80, 443, 8080, 8000, 81], 1)[0])
    # Where the front speaks TLS and the origin does not, the handshake is on one leg only.
    tls = 1.0 if proxy.port == 443 and port != 443 else 0.0
    yield single(
        "op front in", client=client, server=np.full(size, proxy.host), port=proxy.port,
        opened=at, span=span, up=up + tls * 620, down=down * (1 + 0.004 * tls) + tls * 3300,
        subject=proxy.host, leg=leg,
    )  # fmt: skip
    fetched = np.flatnonzero(~odds(rng, between(rng, 0.02, 0.5), size))
    yield single(
        "op front out", client=np.full(len(fetched), proxy.host), server=operation.origin,
        port=port, opened=(at + lag)[fetched], span=(span - lag)[fetched],
        up=up[fetched] + int(style.integers(0, 120)), down=down[fetched],
        subject=proxy.host, leg=leg[fetched],
    )  # fmt: skip
