"""A small report with everything in it, made by hand."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headwater.records.answer import (
    Answer,
    Change,
    Counts,
    Master,
    NextSuspect,
    Operation,
    Proxy,
    Scanner,
    Scanning,
    Upstream,
)
from headwater.records.report import (
    LAG_STEPS,
    Activity,
    Caller,
    Calls,
    Changes,
    Clock,
    Coupling,
    Delivery,
    Evidence,
    Mention,
    Moved,
    Piece,
    Reason,
    Report,
    Survival,
    Tie,
    Tunnel,
)
from headwater.records.window import Window, to_us

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BINS = 6
WINDOW = Window(NOON, NOON + BINS * HOUR)
RELAY, BACK, SENDER = "192.0.2.10", "192.0.2.11", "2001:db8:100::1"
DRIVER, TESTER, GATEWAY, HOME = "198.51.100.1", "198.51.100.2", "203.0.113.4", "203.0.113.5"


def at(seconds: float) -> int:
    return to_us(NOON + timedelta(seconds=seconds))


def proxy(address: str, kind: str, port: int | None) -> Proxy:
    return Proxy(
        address=address, kind=kind, kinds={kind: 1.0}, port=port, confidence=0.98,
        first_seen=NOON, last_seen=NOON + 5 * HOUR, mail_sessions=40,
        reasons=("30 of 31 visits to port 1080 were passed on",), subscriber="line-77",
    )  # fmt: skip


def upstream(address: str, role: str, *proxies: str) -> Upstream:
    return Upstream(
        address=address, role=role, confidence=0.9, proxies=proxies, sessions=60,
        bytes=1_200_000, first_seen=NOON, last_seen=NOON + HOUR, as_number=64500, country="XA",
    )  # fmt: skip


def master(address: str, *proxies: str) -> Master:
    return Master(
        address=address, ports=(8443,), confidence=0.9, proxies=proxies, clean_clients=1,
        period_s=600.0, next_suspects=(NextSuspect(address="192.0.2.99", confidence=0.5),),
    )  # fmt: skip


ANSWER = Answer(
    window=WINDOW,
    proxies=(
        proxy(RELAY, "synthetic-open", 1080),
        proxy(BACK, "backconnect", None),
        proxy(SENDER, "direct-sender", None),
    ),
    upstreams=(
        upstream(DRIVER, "driver", RELAY),
        upstream(GATEWAY, "driver", BACK),
        upstream(TESTER, "tester", RELAY),
    ),
    masters=(master(HOME, RELAY, BACK),),
    operations=(
        Operation(
            name="op-123456",
            proxies=(RELAY, BACK),
            upstreams=(DRIVER, GATEWAY),
            masters=(HOME,),
        ),
    ),
    scanning=(
        Scanning(
            address="192.0.2.77",
            confidence=0.97,
            port=23,
            server=None,
            protocol=6,
            targets=1234,
            opened=5,
            per_hour=411.3,
            first_seen=NOON,
            last_seen=NOON + 3 * HOUR,
        ),
    ),
    scanners=(
        Scanner(
            address="203.0.113.99",
            confidence=0.99,
            ports=(23, 2323),
            doors=300,
            opened=4,
            hosts=256,
            dark=200,
            answered_by=(RELAY,),
            changed=(Change(address=RELAY, what="service", port=1080, after_s=90.0),),
            first_seen=NOON,
            last_seen=NOON + HOUR,
            as_number=None,
            country=None,
        ),
    ),
    counts=Counts(flows=12_345, sessions=6_789, own_hosts=200, both_directions=0.914),
)

COUPLING = Coupling(
    inward="visits to port 1080",
    window=Window(NOON, NOON + HOUR),
    inbound=31,
    lags=(*[1] * LAG_STEPS, 30, *[1] * (LAG_STEPS - 1)),
    by_chance=(1.5,) * (2 * LAG_STEPS),
    strip=Window(NOON, NOON + timedelta(seconds=30)),
    in_us=(at(1), at(9)),
    out_us=(at(1.2), at(9.3), at(20)),
    pairs=((at(1), at(1.2)), (at(9), at(9.3))),
    balance=((2_000, 2_050), (40_000, 40_100)),
)
TUNNEL = Tunnel(
    peer=GATEWAY,
    port=443,
    pieces=tuple(
        Piece(at_us=at(300 * n), came_in=1000 * n, sent_on=990 * n, fetched=500, went_back=510)
        for n in range(1, 5)
    ),
)


def evidence(address: str, **plots: Coupling | Tunnel) -> Evidence:
    return Evidence(
        address=address,
        role="proxy",
        reasons=(
            Reason(text="30 of 31 visits to port 1080 were passed on", weight=10.0),
            Reason(text="it serves mail", weight=-2.0),
        ),
        mentions=(
            Mention(
                kind="listed", source="open-proxies", means="proxy", seen_at=NOON, detail="seen"
            ),
        ),
        coupling=plots.get("coupling"),  # type: ignore[arg-type]
        tunnel=plots.get("tunnel"),  # type: ignore[arg-type]
    )


def outsider(address: str) -> Evidence:
    reasons = (Reason(text="reached 9 own hosts, 8 of them suspects", weight=None),)
    return Evidence(address=address, role="outsider", reasons=reasons, mentions=())


def activity(address: str, *driven: int) -> Activity:
    return Activity(proxy=address, driven=driven, mail=driven[::-1], other=(1,) * BINS)


def clock(address: str) -> Clock:
    counts = tuple(20 if 12 <= hour < 18 else 0 for hour in range(24))
    return Clock(upstream=address, utc=counts, local=(counts[-1], *counts[:-1]))


REPORT = Report(
    answer=ANSWER,
    written_at=NOON + 7 * HOUR,
    zone="Europe/Berlin",
    bin_us=3_600_000_000,
    covered=tuple(1.0 if 12 <= hour < 18 else 0.0 for hour in range(24)),
    covered_local=tuple(1.0 if 13 <= hour < 19 else 0.0 for hour in range(24)),
    ties=(
        Tie(upstream=DRIVER, proxy=RELAY, sessions=60, bytes=1_200_000),
        Tie(upstream=GATEWAY, proxy=BACK, sessions=1, bytes=300_000),
        Tie(upstream=TESTER, proxy=RELAY, sessions=2, bytes=900),
    ),
    deliveries=(
        Delivery(proxy=RELAY, network="AS64501 Mail", servers=9, sessions=40, bytes=900_000),
        Delivery(proxy=BACK, network="AS64501 Mail", servers=8, sessions=30, bytes=250_000),
        Delivery(proxy=SENDER, network="203.0.113.0/24", servers=3, sessions=9, bytes=50_000),
    ),
    activity=(
        activity(RELAY, 0, 3, 9, 9, 2, 0),
        activity(BACK, 0, 0, 5, 5, 0, 0),
        activity(SENDER, 0, 0, 0, 0, 0, 7),
    ),
    clocks=(clock(DRIVER), clock(GATEWAY), clock(TESTER)),
    calls=(
        Calls(
            master=HOME,
            window=Window(NOON, NOON + HOUR),
            callers=(
                Caller(address=RELAY, suspect=False, called_us=(at(10), at(610), at(1210))),
                Caller(address="192.0.2.99", suspect=True, called_us=(at(20), at(620))),
            ),
            clients=3,
        ),
    ),
    evidence=(
        evidence(RELAY, coupling=COUPLING),
        evidence(BACK, tunnel=TUNNEL),
        evidence(SENDER),
        outsider(DRIVER),
        outsider(HOME),
    ),
    survival=(
        Survival(
            pool="192.0.2.0/24",
            tenures=50,
            ended=40,
            points=((3_600.0, 0.9, 0.8, 0.95), (86_400.0, 0.5, 0.4, 0.6)),
        ),
    ),
    places={DRIVER: "AS64500 Example Net, XA", HOME: "AS64502 Other, XB"},
    changes=Changes(
        before=Window(NOON - 6 * HOUR, NOON),
        proxies=(RELAY,),
        upstreams=(DRIVER,),
        masters=(),
        next_suspects=("192.0.2.99",),
        gone_proxies=("192.0.2.50",),
        gone_upstreams=(),
        gone_masters=(),
        moved=(Moved(address=BACK, before="cannot-say", now="backconnect"),),
    ),
)


@pytest.fixture
def report() -> Report:
    return REPORT


@pytest.fixture
def approved() -> Callable[[str, str], str]:
    """What a file beside the tests holds; APPROVE=1 writes what is rendered now into it."""

    def text(name: str, rendered: str) -> str:
        path = Path(__file__).with_name(name)
        if os.environ.get("APPROVE"):
            path.write_text(rendered, encoding="utf-8")
        return path.read_text(encoding="utf-8")

    return text
