"""Causes that couple inward and outward traffic without any hijack."""

from collections.abc import Iterator

import numpy as np

from benchmarks.generator.draws import between, choose, heavy, odds, owners
from benchmarks.generator.lawful.gateways import tunnelled
from benchmarks.generator.lawful.mail import exchangers, mail_talk
from benchmarks.generator.smtp import Habits, sessions
from benchmarks.generator.stage import HOUR, Stage
from benchmarks.generator.talk import ESP, FIN, OPEN, TCP, UDP, Talk, single


def talks(stage: Stage) -> Iterator[Talk]:
    """Sites with back ends, fronts of lawful sites, owners abroad, resolvers, media relays."""
    yield from _reverse_proxies(stage)
    yield from _home_vpns(stage)
    yield from _open_resolvers(stage)
    yield from _media_relays(stage)
    yield from _app_mailers(stage)
    yield from _site_tunnels(stage)
    yield _backups(stage)
    sites = _hosted_sites(stage)
    yield sites
    yield _back_end_calls(stage, sites)


def _reverse_proxies(stage: Stage) -> Iterator[Talk]:
    """A lawful site whose front stands here and whose machine stands elsewhere."""
    for host in stage.cast.of("reverse_proxy").tolist():
        rng = stage.rng(f"reverse {host}")
        count = rng.poisson(between(rng, 20, 900) * stage.load("world"))
        guests = stage.outside("visitors", 800 + 2 * len(stage.cast.hosts), "eyeball")
        at = stage.moments(rng, count, "world")
        up = heavy(rng, 1500, 0.7, count, low=200)
        down = heavy(rng, 2e4, 1.5, count, low=300, high=1e8)
        span = heavy(rng, 2.0, 1.2, count, low=0.1, high=300)
        yield single(
            "reverse proxy", client=choose(rng, guests, count), server=np.full(count, host),
            port=443, opened=at, span=span + 0.1, up=up + 600, down=down + 3800,
        )  # fmt: skip
        origin = stage.places.draw(rng, int(rng.integers(1, 4)), "cloud")
        asked = np.flatnonzero(~odds(rng, between(rng, 0.02, 0.8), count))
        yield single(
            "reverse fetch", client=np.full(len(asked), host),
            server=choose(rng, origin, len(asked)), port=int(choose(rng, [443, 8080], 1)[0]),
            opened=at[asked] + heavy(rng, 0.05, 0.6, len(asked)), span=span[asked],
            up=up[asked] + int(rng.integers(40, 400)), down=down[asked],
        )  # fmt: skip


def _home_vpns(stage: Stage) -> Iterator[Talk]:
    """Owners abroad dial home and browse from there: one client, every byte balanced."""
    for host in stage.cast.of("home_vpn").tolist():
        rng = stage.rng(f"home vpn {host}")
        owner = stage.places.draw(rng, int(rng.integers(1, 4)), "eyeball")
        dials = rng.poisson(0.25 * stage.load("home")) + 1
        begins = stage.moments(rng, dials, "home")
        lasts = heavy(rng, 0.7 * HOUR, 0.9, dials, low=60, high=stage.seconds)
        port, protocol = [(51820, UDP), (1194, UDP), (443, TCP), (22, TCP)][rng.integers(0, 4)]
        target = np.full(dials, host)
        client = choose(rng, owner, dials)
        yield from tunnelled(stage, rng, client, target, begins, lasts, port, protocol)


def _open_resolvers(stage: Stage) -> Iterator[Talk]:
    """Home routers that answer strangers' DNS and ask a resolver in turn: equal words."""
    for host in stage.cast.of("open_resolver").tolist():
        rng = stage.rng(f"open resolver {host}")
        count = rng.poisson(min(between(rng, 3, 900) * stage.hours, 20000))
        strangers = stage.places.draw(rng, int(between(rng, 3, 120)), "hosting")
        at = rng.random(count) * stage.seconds
        up = rng.normal(40, 8, count).clip(24, 80)
        down = heavy(rng, 300, 1.0, count, low=40, high=3800)
        wait = heavy(rng, 0.02, 0.6, count, high=2)
        yield single(
            "open resolver", client=choose(rng, strangers, count), server=np.full(count, host),
            port=53, protocol=UDP, opened=at, span=wait + 0.02, up=up, down=down, ending=OPEN,
        )  # fmt: skip
        missed = np.flatnonzero(odds(rng, between(rng, 0.1, 1.0), count))
        public = stage.outside("public resolvers", 12, "cloud")[int(rng.integers(0, 12))]
        yield single(
            "resolver onward", client=np.full(len(missed), host), server=public, port=53,
            protocol=UDP, opened=at[missed] + rng.uniform(0.001, 0.02, len(missed)),
            span=wait[missed], up=up[missed], down=down[missed], ending=OPEN,
        )  # fmt: skip


def _media_relays(stage: Stage) -> Iterator[Talk]:
    """Conferences: what one guest sends leaves for the others."""
    for host in stage.cast.of("media_relay").tolist():
        rng = stage.rng(f"media {host}")
        calls = rng.poisson(between(rng, 2, 30) * stage.load("work"))
        guests = stage.outside(
            "guests", max(20, 6 * len(stage.cast.of("home_server"))), "eyeball"
        )
        at = stage.moments(rng, calls, "work")
        span = heavy(rng, 900, 0.9, calls, low=20, high=2 * HOUR)
        rate = heavy(rng, 60e3, 0.7, calls, low=8e3, high=4e5)
        yield single(
            "media in", client=choose(rng, guests, calls), server=np.full(calls, host),
            port=3478, protocol=UDP, opened=at, span=span, up=rate * span,
            down=rate * span * rng.uniform(0.5, 1.5, calls), ending=OPEN,
        )  # fmt: skip
        yield single(
            "media out", client=np.full(calls, host), server=choose(rng, guests, calls),
            port=rng.integers(20000, 60000, calls), protocol=UDP,
            client_port=rng.integers(20000, 60000, calls), span=span,
            opened=at + heavy(rng, 0.5, 0.8, calls, high=20),
            up=rate * span, down=rate * span * rng.uniform(0.5, 1.5, calls), ending=OPEN,
        )  # fmt: skip


def _app_mailers(stage: Stage) -> Iterator[Talk]:
    """Shops, printers, ledgers that mail to anyone themselves and take no mail in."""
    for host in stage.cast.of("app_mailer").tolist():
        rng = stage.rng(f"app mailer {host}")
        count = rng.poisson(between(rng, 1, 150) * stage.load("work"))
        habits = Habits(
            median_size=between(rng, 2e3, 1.5e5), sigma=0.5,
            turned_away=float(rng.uniform(0.01, 0.25)),
        )  # fmt: skip
        at = stage.moments(rng, count, "work")
        if rng.random() < 0.4 and count:  # the invoices of the month
            batch = rng.random() * stage.seconds
            at = np.where(rng.random(count) < 0.7, batch + rng.exponential(400, count), at)
        mail = sessions(rng, habits, count)
        source = np.full(count, host)
        yield mail_talk("app mail", source, exchangers(stage, rng, count), at, mail)


def _site_tunnels(stage: Stage) -> Iterator[Talk]:
    """Branch to branch: no ports, days long."""
    rng = stage.rng("site tunnels")
    offices = stage.cast.of("site_tunnel")
    size = len(offices)
    rate = heavy(rng, 20e3, 1.5, size, low=50, high=3e6) * stage.seconds
    yield single(
        "site tunnel", client=offices, server=stage.places.draw(rng, size, "business"), port=0,
        protocol=ESP, opened=np.full(size, 0.5), span=stage.seconds - 1.0, up=rate,
        down=rate * heavy(rng, 1.0, 1.0, size), ending=OPEN,
    )  # fmt: skip


def _backups(stage: Stage) -> Talk:
    """Once in the window, hours of upload."""
    rng = stage.rng("backups")
    offices = stage.cast.of("backup")
    who = offices[owners(rng.poisson(0.04 * stage.hours, len(offices)).astype(np.int64))]
    size = len(who)
    return single(
        "backup", client=who, server=stage.places.draw(rng, size, "cloud"), port=443,
        opened=rng.random(size) * stage.seconds, span=heavy(rng, 2400, 1.0, size, low=60),
        up=heavy(rng, 4e9, 1.3, size, high=1e11), down=2e5, ending=FIN,
    )  # fmt: skip


def _back_end_calls(stage: Stage, sites: Talk) -> Talk:
    """Some hosted sites ask other services before they answer: starts coupled, bytes not."""
    rng = stage.rng("back ends")
    hosts = stage.cast.of("web_host")
    calling = hosts[odds(rng, 0.4, len(hosts))]
    eager = np.isin(sites.server, calling) & odds(rng, 0.5, len(sites))
    asked = np.flatnonzero(eager)
    services = stage.outside("services", 60, "cloud")
    own = choose(rng, services, stage.places.own_size * 3).reshape(-1, 3)
    size = len(asked)
    host = sites.server[asked]
    return single(
        "back end", client=host, server=own[host, rng.integers(0, 3, size)],
        port=np.where(host % 5 == 0, 5432, 443),
        opened=sites.opened[asked] + heavy(rng, 0.08, 0.9, size, low=0.002, high=10),
        span=heavy(rng, 0.4, 0.8, size, low=0.02, high=30),
        up=heavy(rng, 1800, 0.6, size, low=200), down=heavy(rng, 4000, 1.0, size, low=200),
    )  # fmt: skip


def _hosted_sites(stage: Stage) -> Talk:
    """Ordinary sites on hosted servers, read from everywhere."""
    rng = stage.rng("hosted sites")
    hosts = stage.cast.of("web_host")
    guests = stage.outside("visitors", 800 + 2 * len(stage.cast.hosts), "eyeball")
    hourly = heavy(rng, 40, 1.4, len(hosts), high=4000)
    who = hosts[owners(rng.poisson(hourly * stage.load("world")).astype(np.int64))]
    size = len(who)
    return single(
        "hosted site",
        client=np.where(
            odds(rng, 0.1, size),
            choose(rng, stage.cast.of("household"), size),
            choose(rng, guests, size),
        ),
        server=who,
        port=choose(rng, [443, 80], size, np.array([8.0, 2.0])),
        opened=stage.moments(rng, size, "world"),
        span=heavy(rng, 4, 1.3, size, low=0.1, high=600),
        up=heavy(rng, 1500, 0.7, size, low=200),
        down=heavy(rng, 2e4, 1.7, size, low=300, high=1e9),
    )
