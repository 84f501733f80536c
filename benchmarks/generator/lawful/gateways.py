"""Machines that take in and pass on because that is their work: the hardest look-alikes."""

from collections.abc import Iterator

import numpy as np

from benchmarks.generator.draws import Ints, Rng, between, choose, heavy, odds, owners
from benchmarks.generator.lawful.browsing import visit_times, web_talk
from benchmarks.generator.stage import HOUR, Stage
from benchmarks.generator.talk import (
    FIN,
    OPEN,
    TCP,
    UDP,
    Talk,
    in_bursts,
    keep,
    single,
    with_turns,
)


def talks(stage: Stage) -> Iterator[Talk]:
    """VPN and shell gateways, company proxies, caches, volunteers' relays, hosted sites."""
    yield from _vpn_gateways(stage)
    yield from _shell_gateways(stage)
    yield from _company_proxies(stage)
    yield from _caches(stage)
    yield from _volunteers(stage)
    yield _monitors(stage)


def _vpn_gateways(stage: Stage) -> Iterator[Talk]:
    """Employees dial in from home; what they browse leaves the gateway again."""
    for host in stage.cast.of("vpn_gateway").tolist():
        rng = stage.rng(f"vpn {host}")
        staff = stage.places.draw(rng, int(between(rng, 3, 80)), "eyeball")
        dials = owners(
            rng.poisson(0.18 * stage.load("work") + 0.3, len(staff)).astype(np.int64)
        )
        begins = stage.moments(rng, len(dials), "work")
        lasts = heavy(rng, 1.5 * HOUR, 0.9, len(dials), low=60, high=stage.seconds)
        port, udp = [(1194, UDP), (443, TCP), (51820, UDP), (4500, UDP)][rng.integers(0, 4)]
        target = np.full(len(dials), host, dtype=np.int64)
        yield from tunnelled(stage, rng, staff[dials], target, begins, lasts, port, udp)


def tunnelled(
    stage: Stage,
    rng: Rng,
    client: Ints,
    gateway: Ints,
    begins: "np.typing.NDArray[np.float64]",
    lasts: "np.typing.NDArray[np.float64]",
    port: int,
    protocol: int,
) -> Iterator[Talk]:
    """Tunnels whose bytes are those of the conversations that leave at the other end."""
    pages = rng.poisson(np.minimum(lasts / HOUR * between(rng, 5, 60), 400)).astype(np.int64)
    tunnel = owners(pages)
    at = begins[tunnel] + 3.0 + rng.random(len(tunnel)) * np.maximum(lasts[tunnel] - 5.0, 1.0)
    onward = web_talk(stage, rng, "vpn onward", gateway[tunnel], at)
    private = odds(rng, between(rng, 0.1, 0.8), len(tunnel))  # to the company's own servers
    outer = single(
        "vpn", client=client, server=gateway, port=port, protocol=protocol, opened=begins,
        span=lasts, up=3000, down=4000, ending=FIN if protocol == TCP else OPEN,
    )  # fmt: skip
    beats = np.maximum(lasts / 25.0, 1).astype(np.int64)
    beat = owners(beats)
    carried = tunnel[onward.turn_of]
    yield with_turns(
        outer,
        turn_of=np.concatenate([np.arange(len(begins)), carried, beat]),
        at=np.concatenate(
            [
                begins,
                onward.at - 0.02,
                begins[beat] + 1.0 + rng.random(len(beat)) * (lasts[beat] - 1.0),
            ]
        ),
        span=np.concatenate(
            [np.full(len(begins), 0.4), onward.span + 0.04, np.full(len(beat), 0.1)]
        ),
        up=np.concatenate(
            [np.full(len(begins), 3000.0), onward.up * 1.06 + 90, np.full(len(beat), 96.0)]
        ),
        down=np.concatenate(
            [np.full(len(begins), 4000.0), onward.down * 1.05 + 90, np.full(len(beat), 96.0)]
        ),
    )
    yield keep(onward, ~private)


def _shell_gateways(stage: Stage) -> Iterator[Talk]:
    """Administrators jump through one machine to many others."""
    for host in stage.cast.of("shell_gateway").tolist():
        rng = stage.rng(f"shell {host}")
        people = stage.places.draw(rng, int(between(rng, 2, 25)), "eyeball")
        targets = stage.places.draw(rng, int(between(rng, 4, 60)), "hosting")
        who = owners(rng.poisson(0.7 * stage.load("work"), len(people)).astype(np.int64))
        begins = stage.moments(rng, len(who), "work")
        size = len(who)
        lasts = heavy(rng, 400, 1.4, size, low=3, high=4 * HOUR)
        up, down = lasts * heavy(rng, 60, 1.0, size), lasts * heavy(rng, 400, 1.3, size)
        inner = single(
            "shell", client=people[who], server=np.full(size, host), port=22, opened=begins,
            span=lasts, up=up + 3500, down=down + 3000, up_units=lasts, down_units=lasts,
        )  # fmt: skip
        yield in_bursts(rng, inner, 60.0)
        pause = heavy(rng, 1.2, 0.9, size, low=0.1, high=60)
        onward = single(
            "shell onward", client=np.full(size, host), server=choose(rng, targets, size),
            port=22, opened=begins + pause, span=np.maximum(lasts - pause, 0.5),
            up=up + 3300, down=down + 2900, up_units=lasts, down_units=lasts,
        )  # fmt: skip
        yield in_bursts(rng, onward, 60.0)


def _company_proxies(stage: Stage) -> Iterator[Talk]:
    """Desks ask the proxy, the proxy asks the web; some staff use it from outside, by name."""
    for host in stage.cast.of("company_proxy").tolist():
        rng = stage.rng(f"company {host}")
        desks = choose(rng, stage.cast.of("office"), int(between(rng, 1, 8)))
        roaming = stage.places.draw(rng, int(between(rng, 1, 12)), "eyeball")
        away = between(rng, 0.01, 0.5) if rng.random() < 0.4 else 0.0
        hourly = np.full(1, between(rng, 40, 900))
        who, at = visit_times(stage, rng, np.array([host]), hourly, "work")
        out = web_talk(stage, rng, "company onward", who, at)
        port = int(choose(rng, [3128, 8080, 80, 8000], 1)[0])
        outsider = odds(rng, away, len(who))
        client = np.where(
            outsider, choose(rng, roaming, len(who)), choose(rng, desks, len(who))
        )
        lag = heavy(rng, 0.06, 0.7, len(who), low=0.005, high=5)
        inner = single(
            "company proxy", client=client, server=who, port=port,
            opened=at - lag, span=1.0, up=0, down=0,
        )  # fmt: skip
        ask, answer = rng.integers(120, 420, len(who)), rng.integers(39, 300, len(who))
        first = np.append(True, np.diff(out.turn_of) != 0)
        yield with_turns(
            inner,
            turn_of=out.turn_of,
            at=np.where(first, out.at - lag[out.turn_of], out.at - 0.004),
            span=np.where(first, out.span + lag[out.turn_of] + 0.01, out.span + 0.01),
            up=out.up + np.where(first, ask[out.turn_of], 0),
            down=out.down + np.where(first, answer[out.turn_of], 0),
        )
        yield out


def _caches(stage: Stage) -> Iterator[Talk]:
    """A content network's boxes at the operator: asked by everyone, filled from origins."""
    cast = stage.cast
    for host in cast.of("cache").tolist():
        rng = stage.rng(f"cache {host}")
        count = rng.poisson(between(rng, 300, 3000) * stage.load("home"))
        strangers = stage.outside("guests", max(20, 6 * len(cast.of("home_server"))), "eyeball")
        inside = odds(rng, 0.3, count)  # most inside requests never pass the edge
        client = np.where(
            inside, choose(rng, cast.of("household"), count), choose(rng, strangers, count)
        )
        at = stage.moments(rng, count, "home")
        down = heavy(rng, 6e4, 1.9, count, low=300, high=1e9)
        ask = single(
            "cache", client=client, server=np.full(count, host),
            port=choose(rng, [443, 80], count), opened=at,
            span=heavy(rng, 4, 1.4, count, low=0.1, high=900),
            up=heavy(rng, 1400, 0.7, count), down=down,
        )  # fmt: skip
        yield ask
        missed = np.flatnonzero(odds(rng, between(rng, 0.02, 0.25), count))
        origins = stage.places.draw(rng, int(between(rng, 1, 60)), "hosting")
        yield single(
            "cache fill", client=np.full(len(missed), host),
            server=choose(rng, origins, len(missed)), port=443,
            opened=at[missed] + heavy(rng, 0.05, 0.8, len(missed)),
            span=heavy(rng, 1.5, 1.2, len(missed), low=0.1, high=600),
            up=heavy(rng, 1200, 0.5, len(missed)), down=down[missed] + 250,
        )  # fmt: skip


def _volunteers(stage: Stage) -> Iterator[Talk]:
    """A privacy network's middle node: strangers in, strangers out, the same bytes, lawful."""
    for host in stage.cast.of("volunteer_relay").tolist():
        rng = stage.rng(f"volunteer {host}")
        peers = stage.places.draw(rng, int(between(rng, 60, 900)), "hosting")
        port = int(choose(rng, [9001, 443, 9030, 8443], 1)[0])
        for way in ("in", "out"):
            count = rng.poisson(between(rng, 15, 150) * stage.hours)
            own = np.full(count, host, dtype=np.int64)
            other = choose(rng, peers, count)
            talk = single(
                f"volunteer {way}",
                client=other if way == "in" else own,
                server=own if way == "in" else other,
                port=port if way == "in" else choose(rng, [9001, 443, 9030], count),
                opened=rng.random(count) * stage.seconds,
                span=heavy(rng, 500, 1.2, count, low=5, high=3 * HOUR),
                up=heavy(rng, 2e5, 1.8, count, high=1e9),
                down=heavy(rng, 2e5, 1.8, count, high=1e9),
            )
            yield in_bursts(rng, talk, 60.0)


def _monitors(stage: Stage) -> Talk:
    """Machines that ask many others whether they still live, every minute or five."""
    rng = stage.rng("monitors")
    hosts = stage.cast.of("monitor")
    watched = stage.outside("watched", 120, "hosting")
    pairs = choose(rng, hosts, 60 * len(hosts))
    target = choose(rng, watched, len(pairs))
    period = choose(rng, [60, 120, 300, 600], len(pairs)).astype(np.float64)
    count = (stage.seconds / period).astype(np.int64)
    which = owners(count)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    port = choose(rng, [443, 80, 22, 25], len(pairs), np.array([5.0, 3, 1, 1]))
    return single(
        "monitor",
        client=pairs[which],
        server=target[which],
        port=port[which],
        opened=(rng.random(len(pairs)) * period)[which] + nth * period[which],
        span=heavy(rng, 0.2, 0.5, len(which)),
        up=np.where(port == 25, 6, 180)[which],
        down=rng.integers(80, 900, len(pairs))[which],
    )
