from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from headwater.pipeline.report_changes import changes
from headwater.records.answer import (
    Answer,
    Counts,
    Master,
    NextSuspect,
    Proxy,
    Upstream,
)
from headwater.records.report import Moved
from headwater.records.window import Window

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def proxy(address: str, kind: str = "synthetic-open") -> Proxy:
    return Proxy(
        address=address, kind=kind, kinds={kind: 1.0}, port=1080, confidence=0.9,
        first_seen=NOON, last_seen=NOON, mail_sessions=1, reasons=("it relays",),
    )  # fmt: skip


def upstream(address: str) -> Upstream:
    return Upstream(
        address=address, role="driver", confidence=0.9, proxies=(), sessions=1, bytes=1,
        first_seen=NOON, last_seen=NOON, as_number=None, country=None,
    )  # fmt: skip


def master(address: str, *names: str) -> Master:
    suspects = tuple(NextSuspect(address=name, confidence=0.5) for name in names)
    return Master(
        address=address, ports=(80,), confidence=0.9, proxies=(), clean_clients=0,
        period_s=None, next_suspects=suspects,
    )  # fmt: skip


def answer(**parts: Any) -> Answer:
    empty = Answer(
        window=Window(NOON, NOON + timedelta(hours=1)),
        proxies=(), upstreams=(), masters=(), operations=(),
        counts=Counts(flows=1, sessions=1, own_hosts=1, both_directions=1.0),
    )  # fmt: skip
    return replace(empty, **parts)


def test_without_a_before_everything_is_new() -> None:
    found = changes(answer(proxies=(proxy("192.0.2.1"),)), None)
    assert found.before is None
    assert found.proxies == ("192.0.2.1",)
    assert found.any_new


def test_the_same_again_is_nothing_new() -> None:
    now = answer(proxies=(proxy("192.0.2.1"),), masters=(master("203.0.113.1", "192.0.2.9"),))
    found = changes(now, now)
    assert not found.any_new
    assert found.before == now.window


def test_what_came_and_what_went() -> None:
    before = answer(
        proxies=(proxy("192.0.2.1"),),
        upstreams=(upstream("198.51.100.1"),),
        masters=(master("203.0.113.1"),),
    )
    now = answer(proxies=(proxy("192.0.2.2"),), upstreams=(upstream("198.51.100.2"),))
    found = changes(now, before)
    assert (found.proxies, found.gone_proxies) == (("192.0.2.2",), ("192.0.2.1",))
    assert (found.upstreams, found.gone_upstreams) == (("198.51.100.2",), ("198.51.100.1",))
    assert (found.masters, found.gone_masters) == ((), ("203.0.113.1",))


def test_another_kind_is_told() -> None:
    found = changes(
        answer(proxies=(proxy("192.0.2.1", "backconnect"),)),
        answer(proxies=(proxy("192.0.2.1", "cannot-say"),)),
    )
    assert found.moved == (Moved(address="192.0.2.1", before="cannot-say", now="backconnect"),)
    assert found.any_new


def test_a_proxy_that_is_suspected_again_is_no_new_suspect() -> None:
    before = answer(proxies=(proxy("192.0.2.1"),))
    now = answer(masters=(master("203.0.113.1", "192.0.2.1", "192.0.2.2", "192.0.2.2"),))
    assert changes(now, before).next_suspects == ("192.0.2.2",)
