"""A made-up report of any number of proxies, each with every plot that evidence can have."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import numpy as np

from headwater.records.answer import (
    Answer,
    Counts,
    Master,
    NextSuspect,
    Operation,
    Proxy,
    Upstream,
)
from headwater.records.report import (
    HOURS,
    LAG_STEPS,
    Activity,
    Caller,
    Calls,
    Clock,
    Coupling,
    Delivery,
    Evidence,
    Piece,
    Reason,
    Report,
    Tie,
    Tunnel,
)
from headwater.records.window import Window, to_us

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=6))
BINS = 72
OF_OPERATION = 60
DRIVERS = 6  # of an operation
KINDS = (
    "synthetic-open",
    "synthetic-protected",
    "natural-open",
    "backconnect",
    "direct-sender",
)
Rng = np.random.Generator


def made_up(proxies: int) -> Report:
    """The report; the same for the same number."""
    rng = np.random.default_rng(7)
    own = [str(IPv4Address("10.0.0.0") + 7 * n) for n in range(proxies)]
    groups = [own[at : at + OF_OPERATION] for at in range(0, proxies, OF_OPERATION)]
    driving = {
        str(IPv4Address("240.0.0.1") + 256 * (DRIVERS * at + n)): group
        for at, group in enumerate(groups)
        for n in range(DRIVERS)
    }
    masters = {
        str(IPv4Address("240.9.0.1") + 256 * at): group for at, group in enumerate(groups)
    }
    return Report(
        answer=_answer(own, groups, driving, masters),
        written_at=WINDOW.end,
        zone="Europe/Berlin",
        bin_us=300_000_000,
        covered=tuple(float(6 <= hour < 12) for hour in range(HOURS)),
        covered_local=tuple(float(7 <= hour < 13) for hour in range(HOURS)),
        ties=tuple(_ties(rng, driving)),
        deliveries=tuple(_deliveries(rng, own)),
        activity=tuple(_activity(rng, address) for address in own),
        clocks=tuple(_clock(rng, upstream) for upstream in driving),
        calls=tuple(_calls(master, group) for master, group in masters.items()),
        evidence=tuple(_evidence(rng, at, address) for at, address in enumerate(own)),
        survival=(),
        places=dict.fromkeys(driving, "AS4200000001 hosting-1, XA"),
        changes=None,
    )


def _answer(
    own: list[str],
    groups: list[list[str]],
    driving: dict[str, list[str]],
    masters: dict[str, list[str]],
) -> Answer:
    return Answer(
        window=WINDOW,
        proxies=tuple(
            Proxy(
                address=address, kind=KINDS[at % len(KINDS)], kinds={}, port=1080 + at,
                confidence=0.99, first_seen=START, last_seen=WINDOW.end, mail_sessions=3 * at,
                reasons=("visits were passed on",), subscriber=f"line-{at}",
            )
            for at, address in enumerate(own)
        ),
        upstreams=tuple(
            Upstream(
                address=upstream, role="driver", confidence=0.99, proxies=tuple(group),
                sessions=900, bytes=10**7, first_seen=START, last_seen=WINDOW.end,
                as_number=4_200_000_001, country="XA",
            )
            for upstream, group in driving.items()
        ),
        masters=tuple(
            Master(
                address=master, ports=(8443,), confidence=0.99, proxies=tuple(group),
                clean_clients=1, period_s=600.0,
                next_suspects=(NextSuspect(address="10.9.9.9", confidence=0.5),),
            )
            for master, group in masters.items()
        ),
        operations=tuple(
            Operation(
                name=f"op-{at:06x}", proxies=tuple(group),
                upstreams=tuple(list(driving)[DRIVERS * at : DRIVERS * (at + 1)]),
                masters=(list(masters)[at],),
            )
            for at, group in enumerate(groups)
        ),
        counts=Counts(flows=10**8, sessions=4 * 10**7, own_hosts=10**5, both_directions=0.93),
    )  # fmt: skip


def _ties(rng: Rng, driving: dict[str, list[str]]) -> list[Tie]:
    return [
        Tie(upstream=upstream, proxy=proxy, sessions=40, bytes=int(rng.lognormal(13, 1)))
        for upstream, group in driving.items()
        for proxy in group
    ]


def _deliveries(rng: Rng, own: list[str]) -> list[Delivery]:
    return [
        Delivery(
            proxy=proxy, network=f"AS{4_200_000_000 + n} mail-{n}", servers=3, sessions=20,
            bytes=int(rng.lognormal(12, 1)),
        )
        for proxy in own
        for n in rng.choice(30, 12, replace=False).tolist()
    ]  # fmt: skip


def _activity(rng: Rng, address: str) -> Activity:
    driven, mail, other = rng.poisson(rng.random((3, BINS)) * 3).tolist()
    return Activity(proxy=address, driven=tuple(driven), mail=tuple(mail), other=tuple(other))


def _clock(rng: Rng, upstream: str) -> Clock:
    counts = [int(rng.poisson(50)) if 6 <= hour < 12 else 0 for hour in range(HOURS)]
    return Clock(upstream=upstream, utc=tuple(counts), local=(counts[-1], *counts[:-1]))


def _calls(master: str, group: list[str]) -> Calls:
    start = to_us(START)
    return Calls(
        master=master,
        window=Window(START, START + timedelta(hours=4)),
        callers=tuple(
            Caller(
                address=proxy,
                suspect=False,
                called_us=tuple(start + (600 * n + 17 * at) * 1_000_000 for n in range(24)),
            )
            for at, proxy in enumerate(group[:10])
        ),
        clients=len(group) + 1,
    )


def _evidence(rng: Rng, at: int, address: str) -> Evidence:
    reasons = tuple(
        Reason(text=f"{n * 40} of 146 visits to port 25854 were passed on", weight=10.0 - 2 * n)
        for n in range(4)
    )
    return Evidence(
        address=address,
        role="proxy",
        reasons=reasons,
        mentions=(),
        coupling=_coupling(rng) if at % 5 != 3 else None,
        tunnel=_tunnel(rng) if at % 5 == 3 else None,
    )


def _coupling(rng: Rng) -> Coupling:
    start = to_us(START)
    came = sorted(rng.integers(start, start + 60_000_000, 16).tolist())
    pairs = tuple((each, each + 300_000) for each in came)
    sizes = rng.lognormal(8.5, 1.0, 150).astype(int).tolist()
    return Coupling(
        inward="visits to port 25854",
        window=Window(START, START + timedelta(hours=1)),
        inbound=150,
        lags=tuple(rng.poisson([10] * LAG_STEPS + [120] + [10] * (LAG_STEPS - 1)).tolist()),
        by_chance=(10.0,) * (2 * LAG_STEPS),
        strip=Window(START, START + timedelta(seconds=60)),
        in_us=tuple(came),
        out_us=tuple(out for _, out in pairs),
        pairs=pairs,
        balance=tuple((size, size + 40) for size in sizes),
    )


def _tunnel(rng: Rng) -> Tunnel:
    start = to_us(START)
    sizes = rng.lognormal(11, 1, (4, 60)).astype(int).tolist()
    return Tunnel(
        peer="240.0.0.1",
        port=443,
        pieces=tuple(
            Piece(at_us=start + 300_000_000 * n, came_in=a, sent_on=b, fetched=c, went_back=d)
            for n, (a, b, c, d) in enumerate(zip(*sizes, strict=True))
        ),
    )
