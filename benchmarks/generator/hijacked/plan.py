"""Operations as they are set up: which hosts, of which kind, driven by whom, calling where."""

from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.generator.draws import Floats, Ints, Rng, between, choose, heavy, odds, some
from benchmarks.generator.lawful.devices import Holdings, holdings
from benchmarks.generator.stage import HOUR, Stage

# Manner of an operation: (kind of its proxies in truth, how common).
MANNERS = {
    "protected": ("synthetic-protected", 5),
    "backconnect": ("backconnect", 4),
    "open": ("synthetic-open", 2),
    "direct": ("direct-sender", 3),
    "harvester": ("natural-open", 3),
    "tunnel": ("synthetic-protected", 2),
    "store-forward": ("synthetic-protected", 1),
    "web-front": ("content-proxy", 1),
    "dial-back": ("backconnect", 1),
}
GATEWAY_ROLES = (
    "vpn_gateway", "company_proxy", "cache", "bulk_mailer", "monitor", "resolver",
    "shell_gateway", "volunteer_relay", "own_scanner", "mail_server", "reverse_proxy",
    "media_relay", "open_resolver", "home_vpn", "app_mailer",
)  # fmt: skip
GREETINGS = (
    "socks4",
    "socks5",
    "socks5-name",
    "socks5-password",
    "connect",
    "private",
    "private-udp",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """One hijacked host."""

    host: int
    kind: str
    manner: str
    port: int  # 0: it listens on none
    infected_at: float  # seconds; negative: before the window
    started_at: float  # when the port or the first abuse appears
    abuse: str  # mail | web
    hourly: float  # mails or requests per hour of campaign
    zeal: Floats  # share of each campaign that it takes part in
    listed_at: float = np.inf  # from then on exchangers refuse it more often
    via: int = -1  # another hijacked host that its drivers go through; -1: none


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """A server that hijacked hosts call home to."""

    address: int
    port: int
    period_s: float
    wobble: float
    up: float
    down: float
    shared: bool  # other people's sites live on the same address


@dataclass(slots=True, kw_only=True)
class Operation:
    """Those who belong together."""

    name: str
    manner: str
    proxies: list[Proxy] = field(default_factory=list)
    masters: list[Master] = field(default_factory=list)
    drivers: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    rotation: str = "fixed"  # fixed | hourly | pool
    turn_s: float = HOUR  # how long a rotating driver keeps an address
    greeting: str = "socks5"
    campaigns: Floats = field(default_factory=lambda: np.zeros((0, 2)))  # start, end
    origin: int = -1  # of a web front
    letter: float = 4000.0  # median octets of its mails
    mail_port: int = 25
    six: bool = False  # its proxies connect onward by IPv6 where they can

    def through(self, proxy: Proxy) -> Proxy | None:
        """The hop before that proxy, if its drivers take one."""
        return next((each for each in self.proxies if each.host == proxy.via), None)

    def driver_at(self, rng: Rng, at: Floats, host: int) -> Ints:
        """Which driver address speaks to that host at each instant."""
        count = len(self.drivers)
        if self.rotation == "pool":
            chosen = choose(rng, self.drivers, len(at))
        elif self.rotation == "hourly":
            at_once = max(1, count // 12)
            turn = (np.maximum(at, 0) // self.turn_s).astype(
                np.int64
            ) * at_once + host % at_once
            chosen = self.drivers[turn % count]
        else:
            mine = np.roll(self.drivers, host % count)[: max(1, count // 2 + host % 2)]
            chosen = choose(rng, mine, len(at))
        return chosen


def draw_operations(stage: Stage) -> list[Operation]:
    """As many operations and hijacked hosts as the mix asks for."""
    rng = stage.rng("operations")
    mix = stage.mix
    share = mix.hijacked_share * rng.uniform(0.6, 1.3)
    total = max(mix.least_hijacked, round(share * len(stage.cast.hosts)))
    count = mix.operations or int(np.clip(total // 10, 2, 12))
    manners = list(mix.kinds) or _deck(rng, count)
    sizes = _sizes(rng, total, count)
    free = _candidates(stage, rng)
    makers = holdings(stage)
    found: list[Operation] = []
    for number, size in enumerate(sizes):
        manner = manners[number % len(manners)]
        taken = _taken(rng, free, _preferred(stage, rng, manner, makers), size)
        found.append(_operation(stage, f"operation-{number + 1}", manner, taken))
    return found


def _deck(rng: Rng, count: int) -> list[str]:
    names = list(MANNERS)
    weights = np.array([MANNERS[name][1] for name in names], dtype=np.float64)
    keys = rng.random(len(names)) ** (1.0 / weights)  # weighted, without replacement
    deck = [names[index] for index in np.argsort(-keys)]
    return (deck * (count // len(deck) + 1))[:count]


def _sizes(rng: Rng, total: int, count: int) -> list[int]:
    share = heavy(rng, 1.0, 0.7, count)
    sizes = np.maximum(1, np.floor(share / share.sum() * total)).astype(int)
    while sizes.sum() < total:
        sizes[int(rng.integers(0, count))] += 1
    return [int(size) for size in sizes]


def _candidates(stage: Stage, rng: Rng) -> dict[int, None]:
    """Hosts that may be hijacked, in random order; gateways are kept out of it."""
    cast = stage.cast
    taken = np.concatenate([cast.of(role) for role in GATEWAY_ROLES])
    hosts = np.setdiff1d(cast.hosts, taken)
    # The last in order is taken first: shared addresses and servers only when preferred.
    rare = np.isin(hosts, np.concatenate([cast.of("cgn"), cast.of("server")]))
    order = np.concatenate([rng.permutation(hosts[rare]), rng.permutation(hosts[~rare])])
    return dict.fromkeys(order.tolist())


def _preferred(stage: Stage, rng: Rng, manner: str, makers: Holdings) -> Ints:
    """Whom an operation can take: anyone, servers run on purpose, or one maker's devices."""
    cast = stage.cast
    if manner == "harvester":
        return np.concatenate([cast.of("office"), cast.of("server")])
    if manner in ("backconnect", "dial-back", "direct") and rng.random() < 0.15:
        return some(rng, cast.of("cgn"), 2)  # one of many people behind a shared address
    if rng.random() < 0.3 and len(makers.maker):
        # A flaw in one maker's devices: the hijacked and many clean hosts call its cloud.
        return makers.holder[makers.maker == int(choose(rng, makers.maker, 1)[0])]
    return np.zeros(0, dtype=np.int64)


def _taken(rng: Rng, free: dict[int, None], preferred: Ints, size: int) -> list[int]:
    """Hosts for one operation; nobody serves two."""
    liked = [host for host in rng.permutation(preferred).tolist() if host in free]
    chosen = liked[: max(1, int(0.7 * size))] if liked else []
    for host in chosen:
        free.pop(host, None)
    while len(chosen) < size and free:
        chosen.append(free.popitem()[0])
    return chosen


def _operation(stage: Stage, name: str, manner: str, hosts: list[int]) -> Operation:
    rng = stage.rng(name)
    operation = Operation(name=name, manner=manner, letter=between(rng, 1200, 40e3))
    operation.mail_port = int(rng.choice([25, 587, 465], p=[0.9, 0.06, 0.04]))
    operation.six = bool(rng.random() < stage.mix.six_abuse_share)
    operation.greeting = str(rng.choice(GREETINGS, p=[0.15, 0.2, 0.15, 0.18, 0.17, 0.1, 0.05]))
    if manner == "harvester":
        operation.greeting = str(rng.choice(["socks4", "socks5", "connect"]))
    operation.campaigns = _campaigns(stage, rng)
    _drivers(stage, rng, operation, len(hosts))
    if manner not in ("harvester",):
        operation.masters = _masters(stage, rng)
    if manner == "web-front":
        operation.origin = int(stage.places.draw(rng, 1, "hosting")[0])
    abuse = "web" if not stage.mix.mail_only and rng.random() < 0.2 else "mail"
    port = _port(rng)
    same_port = rng.random() < 0.5
    for host in hosts:
        own_port = port if same_port else _port(rng)
        operation.proxies.append(_proxy(stage, rng, operation, host, own_port, abuse))
    _chain(rng, operation)
    return operation


def _chain(rng: Rng, operation: Operation) -> None:
    """Some drivers hide behind one proxy when they use the next."""
    proxies = operation.proxies
    if operation.manner not in ("protected", "open") or len(proxies) < 3 or rng.random() > 0.35:
        return
    oldest = min(proxies, key=lambda each: each.started_at)
    for index, proxy in enumerate(proxies):
        if proxy is not oldest and rng.random() < 0.3:
            proxies[index] = replace(proxy, via=oldest.host)


def _port(rng: Rng) -> int:
    odd = rng.random() < 0.8
    return (
        int(rng.integers(1025, 65000))
        if odd
        else int(choose(rng, [1080, 4145, 8000, 443], 1)[0])
    )


def _campaigns(stage: Stage, rng: Rng) -> Floats:
    """Bursts of work and pauses, over the whole window or a part of it."""
    busy, idle = between(rng, 0.3, 5.0) * HOUR, between(rng, 0.05, 1.5) * HOUR
    start = -rng.random() * busy
    spans = []
    while start < stage.seconds:
        lasts = rng.exponential(busy) + 300.0
        spans.append((max(start, 0.0), min(start + lasts, stage.seconds)))
        start += lasts + rng.exponential(idle)
    return np.array([span for span in spans if span[1] > span[0]]).reshape(-1, 2)


def _drivers(stage: Stage, rng: Rng, operation: Operation, size: int) -> None:
    places = stage.places
    style = str(rng.choice(["fixed", "block", "networks", "pool"], p=[0.5, 0.2, 0.15, 0.15]))
    operation.turn_s = between(rng, 0.3, 2.0) * HOUR
    turns = int(stage.seconds // operation.turn_s) + 1
    if operation.manner in ("direct", "web-front"):
        return
    if operation.manner in ("backconnect", "dial-back") or style == "fixed":
        count = int(rng.integers(1, 3 + min(6, size // 5)))
        operation.drivers = places.draw(
            rng, count, str(rng.choice(["hosting", "cloud", "eyeball"]))
        )
        return
    operation.rotation = "pool" if style == "pool" else "hourly"
    if style == "block":
        network = places.any_network(rng, "hosting")
        operation.drivers = places.neighbours(rng, min(240, max(12, turns)), network)
    elif style == "networks":
        operation.drivers = places.draw(rng, max(12, turns), "hosting")
    else:
        operation.drivers = places.draw(rng, int(between(rng, 4, 40)), "hosting")


def _masters(stage: Stage, rng: Rng) -> list[Master]:
    """One to three; some behind an address that hosts other people's sites."""
    shared_odds = 0.3
    period = between(rng, 150, 5400)
    wobble = float(rng.choice([0.005, 0.03, 0.1, 0.3]))
    up, down = between(rng, 60, 1500), between(rng, 30, 6000)
    found = []
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        shared = bool(rng.random() < shared_odds)
        port = int(
            choose(rng, [443, 80, 443, 8080, int(rng.integers(1100, 65000)), 6667], 1)[0]
        )
        address = int(stage.places.draw(rng, 1, "cloud" if shared else "hosting")[0])
        found.append(Master(
            address=address, port=443 if shared else port, period_s=period, wobble=wobble,
            up=up, down=down, shared=shared,
        ))  # fmt: skip
    return found


def _proxy(
    stage: Stage, rng: Rng, operation: Operation, host: int, port: int, abuse: str
) -> Proxy:
    kind = MANNERS[operation.manner][0]
    late = rng.random() < 0.35
    infected = (
        rng.uniform(0.0, 0.6) * stage.seconds if late else -rng.exponential(3 * 24 * HOUR)
    )
    started = infected + heavy(rng, 900, 1.2, 1, low=20, high=3 * HOUR)[0]
    started = min(started, 0.95 * stage.seconds)
    if operation.manner == "harvester":
        infected, started = -rng.exponential(100 * 24 * HOUR), -1.0
        if rng.random() < 0.3:
            kind, port = "open-relay", 25
        else:
            port = int(choose(rng, [3128, 8080, 1080, 808, 8888], 1)[0])
    if operation.manner == "web-front":
        port, abuse = int(choose(rng, [80, 443], 1)[0]), "web"
    if operation.manner in ("backconnect", "dial-back", "direct"):
        port = 0
    if kind in ("open-relay", "direct-sender") or operation.manner == "store-forward":
        abuse = "mail"
    hourly = heavy(rng, 70.0, 1.3, 1, low=3, high=4000)[0] * stage.mix.abuse_rate
    return Proxy(
        host=host, kind=kind, manner=operation.manner, port=port,
        infected_at=float(infected), started_at=float(started), abuse=abuse,
        hourly=float(hourly),
        zeal=_zeal(rng, len(operation.campaigns)),
        listed_at=_listed_at(stage, rng, started),
    )  # fmt: skip


def _listed_at(stage: Stage, rng: Rng, started: float) -> float:
    """Lists are late by hours, and most hosts never get there."""
    if rng.random() > stage.mix.listed_share:
        return float(np.inf)
    return started + float(heavy(rng, 5 * HOUR, 1.3, 1)[0])


def _zeal(rng: Rng, campaigns: int) -> Floats:
    """No proxy works in every campaign, nor equally hard."""
    result: Floats = np.where(odds(rng, 0.85, campaigns), rng.random(campaigns) + 0.3, 0.0)
    return result


def instants(rng: Rng, operation: Operation, proxy: Proxy, *, hourly: float = 0.0) -> Floats:
    """When that proxy is given work: in campaigns, in bursts with pauses between them."""
    rate = hourly or proxy.hourly
    moments = [np.zeros(0)]
    size = between(rng, 1.0, 25.0)
    for (opens, end), zeal in zip(
        operation.campaigns.tolist(), proxy.zeal.tolist(), strict=True
    ):
        start = max(opens, proxy.started_at)
        expected = min(max(end - start, 0.0) / HOUR * rate * zeal, 30000.0)
        bursts = rng.poisson(expected / size)
        counts = rng.geometric(1.0 / size, bursts)
        begins = rng.uniform(start, max(end, start), bursts)
        gaps = rng.exponential(between(rng, 0.3, 20.0), int(counts.sum()))
        moments.append(np.repeat(begins, counts) + gaps)
    return np.sort(np.concatenate(moments))


def strangers_for(stage: Stage, rng: Rng, count: int) -> Ints:
    """Outsiders who found an open proxy on a list and use it for themselves."""
    pool = stage.outside("freeloaders", 400, "eyeball")
    return some(rng, pool, count)
