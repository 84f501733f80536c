"""Kinds of hosts with a port at which outsiders are served: by the surest that tells of it."""

from typing import Any

import pytest
from tests.scene import fellows

from headwater.detectors.hijacked import Claim, Host, judge
from headwater.measures.sisters import Sisters
from headwater.records.finding import Kind
from headwater.records.window import Window, from_us

WINDOW = Window(from_us(0), from_us(7_200_000_000))
NINE = {f"2001:db8:{number}::1": 3.0 for number in range(9)}
# Nine visitors of a port exchange something there.
CARRIES: dict[str, Any] = {
    "confidence": 1.0, "summary": "carries", "leg": "in", "weight": 12.0, "port": 1080,
    "visitors": 9, "visitors_served": 9, "passed_for": NINE, "front": False, "lasting": False,
    "sampled": False, "first_visit_us": 0, "first_seen_us": 0, "last_seen_us": 9,
    "outside_share": 1.0,
}  # fmt: skip
# Visit by visit it is seen that one of them is served, and that only mail is passed on.
RELAYS: dict[str, Any] = {
    **CARRIES, "summary": "relays", "protocol": 6, "visits": 30, "passed_on": 22,
    "by_chance": 1.0, "balanced": True, "sizes_known": True, "from_outside": 22,
    "visitors_served": 1, "networks_served": 1, "served_by_top": 22, "turned_away": 8,
    "passed_for": {"203.0.113.9": 22.0}, "browsed_for": [], "onward_servers": 9,
    "onward_to_top": 5, "onward_sessions": 22, "onward_mail": 22, "onward_ports": {"25": 22.0},
    "onward_to": ["198.51.100.1"], "own_web_servers": 0, "first_passed_us": 0,
    "last_passed_us": 9,
}  # fmt: skip
MASTER: dict[str, Any] = {
    "confidence": 1.0, "summary": "calls", "master": "198.51.100.9", **fellows(4, 0),
    "shared": False, "sampled": False,
}  # fmt: skip


MAILS_FOR: dict[str, Any] = {
    "confidence": 0.99, "summary": "mails for", "peer": "198.51.100.9", "port": 7000,
    "mailed": 90_000, "weight": 7.0, "first_seen_us": 0, "last_seen_us": 9,
}  # fmt: skip
# As one who asks a few servers over and over.
SENDS: dict[str, Any] = {
    "confidence": 0.01, "summary": "sends", "weight": -3.0, "mail_sessions": 30,
    "weights": {"same few": -5.0, "fed": 0.0}, "mail_first": 0, "mail_last": 9,
    "mail_bytes": 90_000, "mail_packets": 200, "fed_bytes": 0, "sampling": 100,
    "mail_in_clients": 0,
    "mail_in_sessions": 0, "serves_mail": False,
}  # fmt: skip


def kind(*claims: tuple[str, dict[str, Any]]) -> str:
    said: dict[str, list[Claim]] = {name: [claim] for name, claim in claims}
    return judge(Host(address="192.0.2.1", claims=said), WINDOW).kind


def said_of_front(*claims: tuple[str, dict[str, Any]]) -> float:
    said: dict[str, list[Claim]] = {name: [claim] for name, claim in claims}
    host = Host(address="192.0.2.1", claims=said, sisters=Sisters(fronts=4, networks=4))
    weights: Any = judge(host, WINDOW).proof["weights"]
    return float(sum(weights))


@pytest.mark.parametrize(
    ("port", "told"), [(1080, Kind.SYNTHETIC_PROTECTED), (1081, Kind.NATURAL_OPEN)]
)
def test_what_was_seen_of_the_same_port_visit_by_visit_tells(port: int, told: Kind) -> None:
    assert kind(("carries", CARRIES)) == Kind.NATURAL_OPEN
    assert kind(("carries", CARRIES), ("relay", {**RELAYS, "port": port})) == told


FRONT: dict[str, Any] = {
    **RELAYS, "port": 80, "onward_servers": 1, "onward_to_top": 22, "onward_mail": 0,
    "onward_ports": {"8080": 22.0}, "own_web_servers": 40, "sampled": True,
}  # fmt: skip


@pytest.mark.parametrize("told", [0.5, 6.0, 12.0])
def test_of_fronts_of_one_origin_what_tells_more_counts_and_once(told: float) -> None:
    """By its amounts, or by the visits and by the others that are fronts of the same."""
    amounts = {**CARRIES, "origin": "198.51.100.1", "weight": told, "alike": 4}
    visits = said_of_front(("relay", FRONT))
    assert 6.0 < visits < 12.0
    both = said_of_front(("relay", FRONT), ("carries", amounts))
    assert both == pytest.approx(max(visits, told))


def test_who_calls_a_master_was_not_just_left_open() -> None:
    assert kind(("carries", CARRIES), ("calls-master", MASTER)) == Kind.SYNTHETIC_OPEN


def test_who_dials_into_two_gateways_is_told_of_once() -> None:
    """Two households let one guest in by their gateways: each would accuse the other."""
    tunnel: Claim = {
        "confidence": 1.0, "summary": "dials in", "peer": "198.51.100.9", "port": 51_820,
        "errands": 20, "mail_errands": 0, "first_seen_us": 0, "last_seen_us": 9,
    }  # fmt: skip
    driven: dict[str, Any] = {
        "confidence": 0.3, "summary": "driven", "drivers": ["198.51.100.9"],
        "other_suspects": 1, "share": 0.9, "unshown": 0.9, "sampled": False,
        "share_of_load": 1.0,
    }  # fmt: skip

    def sure(**changed: Any) -> float:
        claims: dict[str, list[Claim]] = {"tunnel-in": [tunnel], "driven": [driven | changed]}
        host = Host(address="192.0.2.1", claims=claims, sisters=Sisters(tunnels=1))
        return judge(host, WINDOW).confidence

    assert sure() < 0.5 < sure(other_suspects=2)
    assert sure() < sure(drivers=["198.51.100.10"])  # who is another


@pytest.mark.parametrize(
    ("name", "way", "told"),
    [
        ("mails-for", MAILS_FOR, 2.0),
        ("carries-to", MAILS_FOR | {"onward_mail": 9}, 2.0),
        ("carries-to", MAILS_FOR | {"onward_mail": 0}, -3.0),
    ],
)
def test_nobody_brings_a_monitor_letters(name: str, way: dict[str, Any], told: float) -> None:
    """Of whom that is known his few servers tell nothing: they are chosen by another."""
    said: dict[str, list[Claim]] = {name: [way], "mail-out": [SENDS]}
    proof = judge(Host(address="192.0.2.1", claims=said), WINDOW).proof
    weights: Any = proof["weights"]
    reasons: Any = proof["reasons"]
    assert dict(zip(reasons, weights, strict=True))["sends"] == told
