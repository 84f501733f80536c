"""What each zone says of a name: limits, test entries, names below, suffixes."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pyarrow as pa
import pytest

from headwater.dnslist.answers.dal import DalZone
from headwater.dnslist.answers.proxies import (
    PROXY_ROWS,
    ProxiesZone,
    ProxyTable,
    read_reversed_labels,
)
from headwater.dnslist.answers.snapshot import Snapshot
from headwater.dnslist.answers.young import YoungZone
from headwater.dnslist.answers.zone import Apex, Moment, Standing, Verdict, Zone
from headwater.wire.dns import labels_of

ABSENT, NO_DATA, UNKNOWN = Standing.ABSENT, Standing.NO_DATA, Standing.UNKNOWN
LEFT_AT_NOON = 43200


def ask(zone: Zone, name: str, now: Moment) -> Verdict:
    return zone.look(labels_of(name), now)


def answer(zone: Zone, name: str, now: Moment) -> str | Standing:
    verdict = ask(zone, name, now)
    listed = verdict.standing is Standing.LISTED
    return str(ip_address(verdict.address)) if listed else verdict.standing


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("fresh.example", "127.0.2.2"),
        ("www.mail.fresh.example", "127.0.2.2"),
        ("today.example", "127.0.1.0"),  # never 0 days old
        ("tomorrow.example", "127.0.1.0"),
        ("moved.example", "127.0.255.7"),
        ("old.example", "127.0.255.255"),
        ("shop.co.jp", "127.0.37.37"),
        ("city.kobe.jp", "127.0.255.255"),
        ("x.a.b.kobe.jp", "127.0.9.9"),
        ("x.y.kobe.jp", UNKNOWN),  # not kobe.jp's age
        ("www.ck", "127.0.8.8"),
        ("gone.example", ABSENT),
        ("www.gone.example", ABSENT),
        ("never-seen.example", UNKNOWN),
        ("never.seen.nowhere", UNKNOWN),
        ("example", NO_DATA),
        ("co.jp", NO_DATA),
        ("nowhere", NO_DATA),
        ("test", "127.0.1.1"),
        ("7.test", "127.0.7.7"),
        ("www.255.test", "127.0.255.255"),
        ("256.test", NO_DATA),
        ("0.test", NO_DATA),
        ("x.test", NO_DATA),
        ("invalid", ABSENT),
        ("x.invalid", ABSENT),
    ],
)
def test_dal(dal: DalZone, world: Any, name: str, says: str | Standing) -> None:
    assert answer(dal, name, world.now) == says


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("fresh.example", "127.0.0.2"),
        ("below.fresh.example", "127.0.0.2"),
        ("tomorrow.example", "127.0.0.2"),
        ("inside.example", "127.0.0.2"),
        ("edge.example", ABSENT),
        ("old.example", ABSENT),
        ("gone.example", ABSENT),
        ("never-seen.example", UNKNOWN),
        ("example", NO_DATA),
        ("test", "127.0.0.2"),
        ("invalid", ABSENT),
    ],
)
def test_young(young: YoungZone, world: Any, name: str, says: str | Standing) -> None:
    assert answer(young, name, world.now) == says


def test_answers_end_at_midnight(dal: DalZone, world: Any) -> None:
    assert ask(dal, "fresh.example", world.now).ttl == LEFT_AT_NOON
    last = Moment(world.now.seconds + LEFT_AT_NOON - 1)
    assert (ask(dal, "fresh.example", last).ttl, answer(dal, "fresh.example", last)) == (
        1,
        "127.0.2.2",
    )
    next_day = Moment(last.seconds + 1)
    assert (ask(dal, "fresh.example", next_day).ttl, next_day.left) == (86400, 86400)
    assert answer(dal, "fresh.example", next_day) == "127.0.3.3"


def test_silence_is_short(dal: DalZone, world: Any) -> None:
    assert ask(dal, "never-seen.example", world.now).ttl == 60
    assert ask(dal, "gone.example", world.now).ttl == 3600
    assert ask(dal, "never-seen.example", Moment(86400 - 10)).ttl == 10


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("www.never-seen.example", b"never-seen.example"),
        ("a.b.c.kobe.jp", b"b.c.kobe.jp"),
        ("fresh.example", None),
        ("gone.example", None),
        ("example", None),
        ("x.test", None),
        ("192.0.2.1", None),  # an address is no domain
        ("under_score.example", None),
        ("-dash.example", None),
    ],
)
def test_only_names_a_registry_can_know_are_wanted(
    dal: DalZone, world: Any, name: str, wanted: bytes | None
) -> None:
    assert ask(dal, name, world.now).wanted == wanted


def test_text_is_the_date_or_everything(
    snapshot: Snapshot, dal: DalZone, apex: Callable[[str], Apex], world: Any
) -> None:
    assert ask(dal, "moved.example", world.now).text == b"20030926"
    detailed = DalZone(apex("dal.example.org"), snapshot, details=True)
    assert ask(detailed, "moved.example", world.now).text == (
        b"20030926; changed=20260303; registrar=Example Registrar; source=rdap; as_of=20260309"
    )


V6 = "2001:db8::17"


def proxies(apex: Callable[[str], Apex], rows: list[tuple[str, str, int, int]]) -> ProxiesZone:
    table = pa.Table.from_pylist(
        [dict(zip(PROXY_ROWS.names, row, strict=True)) for row in rows], PROXY_ROWS
    )
    return ProxiesZone(apex("proxies.example.org"), ProxyTable(table, 5))


@pytest.fixture
def listed(apex: Callable[[str], Apex], world: Any) -> ProxiesZone:
    now = world.now.seconds
    return proxies(
        apex,
        [
            ("192.0.2.17", "synthetic-open", now - 86400, now + 100),
            (V6, "backconnect", now - 60, now + 10**6),
            ("192.0.2.18", "open-relay", now - 60, now),  # over this very second
            ("192.0.2.19", "cannot-say", now - 60, now + 60),
            ("nonsense", "backconnect", now, now + 60),
            ("192.0.2.17", "natural-open", now - 5 * 86400, now + 50),  # the longer one counts
        ],
    )


def reversed_name(address: str) -> str:
    pointer = ip_address(address).reverse_pointer
    return pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (reversed_name("192.0.2.17"), "127.0.0.4"),
        (reversed_name(V6), "127.0.0.6"),
        (reversed_name("::ffff:192.0.2.17"), "127.0.0.4"),
        (reversed_name("192.0.2.18"), ABSENT),
        (reversed_name("192.0.2.19"), ABSENT),
        (reversed_name("192.0.2.16"), ABSENT),
        (reversed_name("127.0.0.2"), "127.0.0.2"),  # RFC 5782 section 5
        (reversed_name("127.0.0.1"), ABSENT),
        (reversed_name("::ffff:127.0.0.2"), "127.0.0.2"),
        (reversed_name("::ffff:127.0.0.1"), ABSENT),
        ("2.0.192", NO_DATA),
        ("192", NO_DATA),
        (reversed_name(V6)[2:], NO_DATA),
        ("x." + reversed_name("192.0.2.17"), ABSENT),
        ("0" + reversed_name("192.0.2.17"), ABSENT),
        ("256.2." + "0.192", ABSENT),
        ("fresh.example", ABSENT),
    ],
)
def test_proxies(listed: ProxiesZone, world: Any, name: str, says: str | Standing) -> None:
    assert answer(listed, name, world.now) == says


def test_an_entry_says_why_and_ends(listed: ProxiesZone, world: Any) -> None:
    verdict = ask(listed, reversed_name("192.0.2.17"), world.now)
    assert verdict.text == b"192.0.2.17 relays for strangers: synthetic-open, since 2026-03-09"
    assert verdict.ttl == 100
    assert listed.table.refused == 2
    assert len(listed.table) == 3


@pytest.mark.parametrize("name", ["1.2.3", "a.2.3.4", "1.2.3.4.5", ".".join("g" * 32)])
def test_other_names_are_no_addresses(name: str) -> None:
    assert read_reversed_labels(labels_of(name)) is None
