"""Sisters: fronts of one origin, and hosts into which one outsider has tunnels."""

import math
from typing import Any

import pytest
from tests.scene import outside, own

from headwater.measures.relaying import (
    BROWSED,
    FRONT_WEIGHT,
    OWNERS,
    SCATTERED,
    SURELY_IN_STEP,
)
from headwater.measures.sisters import (
    LIKELY,
    RACK_WEIGHT,
    SISTERS_WEIGHT,
    Sisters,
    fronts_weight,
    sisters,
)

ORIGIN = outside(1)
FRONT: dict[str, Any] = {
    "confidence": 1.0, "port": 443, "visits": 30, "passed_on": 30, "from_outside": 30,
    "balanced": True, "sampled": False, "sizes_known": True, "handed_through": 1.0,
    "onward_mail": 0, "onward_to_top": 30, "onward_sessions": 30, "onward_servers": 1,
    "onward_to": [ORIGIN], "onward_ports": {"443": 30.0}, "own_web_servers": 0,
}  # fmt: skip
LIVED_IN = FRONT | {"own_web_servers": BROWSED}
# Where one leg is encrypted only, and some pages are kept.
TOLD_LESS = FRONT | {"balanced": False, "visits": 45}
IN_TLS = FRONT | {"wrapping": 4_800, "visits": 45}
HUB = FRONT | {"balanced": False, "visits": 46}


def of(*fronts: dict[str, Any]) -> list[Sisters]:
    return sisters({own(n): {"relay": [front]} for n, front in enumerate(fronts, 1)})


def test_fronts_of_one_origin_are_sisters() -> None:
    alone = FRONT | {"onward_to": [outside(2)]}
    assert of(FRONT, FRONT, alone) == [
        Sisters(fronts=1, networks=1, at_web=True, handed=True),
        Sisters(fronts=1, networks=1, at_web=True, handed=True),
        Sisters(networks=1),
    ]
    assert sisters({own(1): {}}) == [Sisters()]
    # Seen one way alone it is handed through where what is acknowledged tells it.
    one_way = TOLD_LESS | {"sizes_known": False, "handed_through": None, "acknowledged": 1.0}
    for in_step in (SURELY_IN_STEP, 0.9 * SURELY_IN_STEP):
        steps = one_way | {"in_step": in_step}
        assert [each.handed for each in of(steps, steps)] == [in_step >= SURELY_IN_STEP] * 2


def test_fronts_are_lived_in_where_half_of_them_are() -> None:
    assert [each.lived_in for each in of(FRONT, LIVED_IN)] == [True, True]
    assert [each.lived_in for each in of(FRONT, FRONT, LIVED_IN)] == [False] * 3
    assert not of(FRONT, FRONT)[0].lived_in


def test_fronts_are_at_the_web_where_half_of_the_others_are() -> None:
    elsewhere = FRONT | {"port": 8443}
    assert [each.at_web for each in of(FRONT, FRONT, elsewhere)] == [True] * 3
    assert [each.at_web for each in of(FRONT, elsewhere, elsewhere)] == [False, True, True]
    assert not any(each.at_web for each in of(elsewhere, elsewhere))
    assert not of(elsewhere, elsewhere, elsewhere, FRONT)[0].at_web  # doors, and a site


def test_who_has_a_tunnel_into_several_has_sisters() -> None:
    into = {"tunnel-in": [{"peer": outside(3)}]}
    found = sisters({own(1): into, own(2): into, own(3): {"tunnel-in": [{"peer": outside(4)}]}})
    assert [each.tunnels for each in found] == [1, 1, 0]
    assert [each.dialled for each in found] == [0, 0, 0]


def test_who_works_for_several_is_in_one_place_at_a_time() -> None:
    def tunnel(first_us: int, last_us: int) -> dict[str, list[dict[str, Any]]]:
        said = {"peer": outside(3), "first_seen_us": first_us, "last_seen_us": last_us}
        return {"tunnel-in": [said]}

    found = sisters({own(1): tunnel(0, 9), own(2): tunnel(8, 20), own(3): tunnel(20, 30)})
    assert [each.at_once for each in found] == [1, 1, 0]
    assert [each.tunnels for each in found] == [2, 2, 2]
    assert sisters({own(1): {}})[0].at_once == 0


def test_hosts_kept_for_one_outsider_are_sisters() -> None:
    relay = FRONT | {
        "port": 3129, "onward_to_top": 9, "onward_servers": 20, "visitors_served": 1,
        "onward_by_either": 0, "protocol": 6, "passed_for": {outside(3): 30.0},
    }  # fmt: skip
    others = [
        relay | {"passed_for": {outside(4): 30.0}},
        relay | {"port": 25},  # a provider's filter hands letters to many
        relay | {"visitors_served": OWNERS + 1},
        relay | {"onward_to_top": 30, "onward_servers": 1},  # a front
        relay | {"onward_servers": 2},  # one door
        relay | {"confidence": 0.5},
    ]
    assert [each.kept for each in of(relay, relay, relay)] == [2, 2, 2]
    # Seen one way alone, of which no bytes can be compared, each visit followed is as good.
    one_way = relay | {
        "balanced": False, "sizes_known": False, "handed_through": None, "by_chance": 0.0,
        "networks_served": 1,
    }  # fmt: skip
    assert [each.kept for each in of(one_way, relay)] == [1, 1]
    others += [one_way | {"passed_on": 23}, one_way | {"sampled": True}, one_way | {"port": 80}]
    for other in others:
        assert [each.kept for each in of(relay, other)] == [0, 0]


def test_who_likely_has_a_tunnel_to_whom_others_have_one_has_sisters() -> None:
    def to(peer: str, confidence: float) -> dict[str, list[dict[str, Any]]]:
        return {"tunnel-out": [{"peer": peer, "confidence": confidence}]}

    gateway = outside(3)
    sure, unsure = to(gateway, LIKELY), to(gateway, LIKELY - 0.01)
    found = sisters({own(1): sure, own(2): sure, own(3): unsure, own(4): to(outside(4), 1.0)})
    assert [each.dialled for each in found] == [1, 1, 0, 0]
    assert [each.tunnels for each in found] == [0] * 4


@pytest.mark.parametrize(
    ("front", "its", "weight"),
    [
        (FRONT, Sisters(fronts=1, networks=1), RACK_WEIGHT),
        (FRONT, Sisters(fronts=1, networks=1, lived_in=True), SISTERS_WEIGHT),
        (LIVED_IN, Sisters(fronts=1, networks=1), SISTERS_WEIGHT),
        (FRONT, Sisters(fronts=4, networks=SCATTERED), SISTERS_WEIGHT),
        # The more there are, the less likely they are all of one owner: in networks, or homes.
        (FRONT, Sisters(fronts=8, networks=3 * SCATTERED), SISTERS_WEIGHT + math.log(3)),
        (FRONT, Sisters(fronts=8, networks=1), RACK_WEIGHT),
        (LIVED_IN, Sisters(fronts=8, networks=1), SISTERS_WEIGHT),
        (
            FRONT,
            Sisters(fronts=8, networks=1, lived_in=True),
            SISTERS_WEIGHT + math.log(9 / SCATTERED),
        ),
        (
            HUB | {"own_web_servers": BROWSED},
            Sisters(fronts=99, networks=9, handed=True, lived_in=True),
            SISTERS_WEIGHT,
        ),
        (FRONT | {"sampled": True}, Sisters(fronts=1, networks=1), SISTERS_WEIGHT),
        # Unlike sites ask one service for something, wherever they stand.
        (TOLD_LESS, Sisters(fronts=4, networks=SCATTERED), RACK_WEIGHT),
        # In TLS any site's front shows what its origin gives; not that of another's, too.
        (IN_TLS, Sisters(fronts=4, networks=SCATTERED), SISTERS_WEIGHT),
        (
            IN_TLS,
            Sisters(fronts=4, networks=SCATTERED, handed=True),
            SISTERS_WEIGHT + FRONT_WEIGHT - 1.0,
        ),
        (IN_TLS, Sisters(fronts=4, networks=1, handed=True), RACK_WEIGHT),
        # But what it gives another's visitors byte by byte is shown by this one, too.
        (
            TOLD_LESS,
            Sisters(fronts=4, networks=SCATTERED, handed=True),
            SISTERS_WEIGHT + FRONT_WEIGHT - 1.0,
        ),
        (HUB, Sisters(fronts=4, networks=SCATTERED, handed=True, lived_in=True), RACK_WEIGHT),
        (
            TOLD_LESS | {"handed_through": 0.2},
            Sisters(fronts=4, networks=SCATTERED, handed=True),
            RACK_WEIGHT,
        ),
    ],
)
def test_fronts_weigh_more_where_no_rack_stands(
    front: dict[str, Any], its: Sisters, weight: float
) -> None:
    assert fronts_weight([front], its) == pytest.approx(weight)
