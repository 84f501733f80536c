"""Relaying: the lawful are told by who is served and by what leaves."""

from typing import Any

import pytest

from headwater.measures.relaying import (
    ADDRESSES,
    AGAIN,
    AMONG_EQUALS,
    AT_LARGE,
    BRANCHES,
    BROWSED,
    BY_EITHER,
    CREW,
    DOOR_WEIGHT,
    FEW_SERVICES,
    FOLLOWED,
    FRONT_WEIGHT,
    IN_STEP,
    LEAST_GIVEN,
    LEAST_SEEN,
    MANY_VISITS,
    MOST_ADDED,
    MOST_KEPT,
    OWNERS,
    SCATTERED,
    SOCKS,
    SURELY_IN_STEP,
    WHOLE,
    asks,
    hands_through,
    life,
    one_origin,
    origins,
    relay_weight,
    scattered,
    tunnel_weight,
)

# Visits of outsiders to port 9000 go on to shops, with the same bytes.
PROXY: dict[str, Any] = {
    "confidence": 1.0, "port": 9000, "protocol": 6, "visits": 100, "passed_on": 60,
    "by_chance": 10.0, "balanced": True, "sampled": False, "sizes_known": True,
    "from_outside": 60, "visitors_served": 9, "networks_served": 9, "served_by_top": 20,
    "onward_servers": 20, "onward_to_top": 12, "onward_sessions": 60, "onward_mail": 0,
    "onward_ports": {"443": 50.0, "80": 10.0}, "onward_to": ["203.0.113.1", "203.0.113.2"],
    "own_web_servers": 0,
}  # fmt: skip
FEW = {"onward_servers": ADDRESSES}
# Ports of everyone's own: of those who are met, or of the ten that a claim names.
PEOPLE = {"onward_ports": {str(20_000 + at): 1.0 for at in range(10)}}
FEW_PORTS = {str(20_000 + at): 1.0 for at in range(9)}
ONE_ORIGIN = {"onward_to_top": 60, "onward_servers": 1}
# Sampled: of sizes nothing is known, but half of all visits are followed at once.
FOLLOWS = {"sampled": True, "sizes_known": False, "balanced": False}
FEW_LETTERS = {
    "port": 587, "onward_mail": 11, "passed_on": 11, "from_outside": 11, "served_by_top": 11,
    "visitors_served": OWNERS,
}  # fmt: skip
ACKS = {"sizes_known": False, "in_step": SURELY_IN_STEP, "acknowledged": 1.1 / MOST_ADDED}
STEPS = {"balanced": False, "in_step": SURELY_IN_STEP, "handed_through": 1.1}

# What is asked for goes beside the visit, by datagrams.
ASSOCIATES = {
    "port": SOCKS, "passed_on": 80, "from_outside": 80, "by_chance": 0.0, "balanced": False,
}  # fmt: skip

AT_ONCE = {
    "passed_on": 80, "from_outside": 80, "balanced": False, "sizes_known": False,
    "networks_served": 1, "visitors_served": 1, "onward_by_either": BY_EITHER,
}  # fmt: skip


@pytest.mark.parametrize(("changed", "weight"), [
    ({}, 7.0),
    ({"visitors_served": OWNERS}, 4.0),  # who may be one and the same
    ({"visitors_served": OWNERS + 1}, 7.0),
    ({"from_outside": 29}, -2.0),
    ({"from_outside": 39}, 0.0),  # a staff's proxy: some of them are out
    ({"from_outside": 40}, 7.0),
    ({"balanced": False}, 1.0),
    ({"onward_ports": {"9000": 60.0}}, 1.0),
    ({"balanced": False, "same_size": WHOLE}, 7.0),  # passwords are tried: all is of one size
    ({"balanced": False, "same_size": 0.9 * WHOLE}, 1.0),
    (STEPS, 7.0),  # seen one way alone, nothing is of one size
    (STEPS | {"in_step": 0.9 * SURELY_IN_STEP}, 1.0),
    (STEPS | {"handed_through": 1.1 * MOST_ADDED}, 1.0),
    (STEPS | {"port": 80}, 1.0),  # a cache
    (PEOPLE | {"protocol": 17}, 1.0),  # calls
    (PEOPLE | {"protocol": 17, "onward_servers": 17, "onward_sessions": 17}, 1.0),
    ({"onward_ports": {"443": 30.0, "80": 30.0}, "protocol": 17}, 7.0),
    (PEOPLE | {"onward_ports": FEW_PORTS, "protocol": 17}, 7.0),
    (PEOPLE, 7.0),
    ({"onward_mail": 6}, 10.0),
    ({"onward_mail": 5}, 7.0),
    ({"onward_mail": 6, "port": 443}, 10.0),
    ({"onward_mail": 6, "port": 443, "balanced": False}, 1.0),  # a shop's own, at an order
    ({"onward_mail": 6, "balanced": False}, 10.0),
    ({"onward_servers": ADDRESSES}, DOOR_WEIGHT),  # one name's, for visitors from nine networks
    ({"onward_servers": ADDRESSES, "port": 3128}, 7.0),  # Squid's own: to be taken elsewhere
    ({"onward_servers": ADDRESSES, "port": 3129}, DOOR_WEIGHT),
    ({"onward_servers": ADDRESSES + 1, "networks_served": 99}, 7.0),
    ({"onward_servers": ADDRESSES, "networks_served": 3}, DOOR_WEIGHT),
    ({"onward_servers": ADDRESSES, "onward_sessions": AGAIN * ADDRESSES}, DOOR_WEIGHT),
    ({"onward_servers": ADDRESSES, "onward_sessions": AGAIN * ADDRESSES - 1}, 7.0),
    ({"onward_servers": ADDRESSES, "onward_ports": {"9000": 60.0}}, 1.0),
    # Who gets to both of the web's ports had the choice.
    (FEW | {"onward_by_either": 11, "either_by_chance": 10.9}, 7.0),
    (FEW | {"onward_by_either": 10, "either_by_chance": 10.0}, DOOR_WEIGHT),
    (FEW | {"onward_by_either": BY_EITHER}, 7.0),
    (FEW | {"onward_by_either": BY_EITHER - 1}, DOOR_WEIGHT),
    (FEW | {"onward_by_either": 20, "port": 80}, 7.0),  # whoever comes, by whichever port
    (FEW | {"onward_by_either": 20, "port": 443}, 7.0),
    (FEW | {"onward_by_either": BY_EITHER - 1, "port": 443}, 1.0),  # a hop
    (ONE_ORIGIN | {"onward_by_either": 20, "port": 80}, FRONT_WEIGHT),
    ({"visitors_served": BRANCHES, "onward_servers": AT_LARGE}, 4.0),  # of one firm
    ({"visitors_served": BRANCHES + 1, "onward_servers": AT_LARGE}, 7.0),
    ({"visitors_served": BRANCHES, "onward_servers": AT_LARGE - 1}, 7.0),
    ({"visitors_served": BRANCHES, "onward_servers": AT_LARGE, "onward_mail": 1}, 7.0),
    (ONE_ORIGIN | {"onward_by_either": 20}, 7.0),  # one site is tried by all
    (ONE_ORIGIN | {"port": SOCKS}, 7.0),
    ({"port": 25, "networks_served": 30}, 0.0),
    ({"port": 587, "onward_mail": 60}, 0.0),  # where people hand in their mail
    (FEW_LETTERS, 0.0),  # a family's, by a server of its own
    (FEW_LETTERS | {"passed_on": MANY_VISITS, "from_outside": MANY_VISITS}, 6.0),
    (FEW_LETTERS | {"visitors_served": OWNERS + 1}, 6.0),
    (FEW_LETTERS | {"port": 25}, 6.0),
    ({"port": 25, "served_by_top": 42}, 6.0),
    ({"port": 25, "networks_served": 24}, 6.0),  # each comes again, and again
    ({"port": 25, "networks_served": 25}, 0.0),
    ({"port": 25, "networks_served": CREW, "passed_on": 200, "from_outside": 200}, 6.0),
    ({"port": 25, "networks_served": CREW + 1, "passed_on": 200, "from_outside": 200}, 0.0),
    ({"port": 25, "onward_ports": {"587": 60.0}}, 8.0),  # by others' accounts
    ({"port": 25, "onward_ports": {"587": 60.0}, "onward_servers": FEW_SERVICES}, 0.0),
    (ONE_ORIGIN, 3.5),
    (ONE_ORIGIN | {"balanced": False}, 1.0),
    (ONE_ORIGIN | {"wrapping": 3_000}, 1.0),  # any site's, in TLS
    ({"wrapping": 3_000}, 7.0),
    (ONE_ORIGIN | {"visits": 60, "balanced": False, "handed_through": 0.2}, 1.0),
    (ONE_ORIGIN | {"balanced": False, "passed_on": 80, "from_outside": 80}, 3.5),
    ({"own_web_servers": BROWSED}, 8.5),
    ({"confidence": 0.5}, 3.5),
    (ASSOCIATES, 7.0),
    (ASSOCIATES | {"by_chance": 1.0}, 1.0),
    (ASSOCIATES | {"port": SOCKS + 1}, 1.0),
    (ASSOCIATES | {"protocol": 17}, 1.0),
    (ASSOCIATES | {"sizes_known": False, "sampled": True, "networks_served": 2}, 1.0),
    # Seen one way, each visit is followed at once by what its visitor had chosen.
    (AT_ONCE, 4.0),
    (AT_ONCE | {"visitors_served": OWNERS + 1}, 7.0),
    (AT_ONCE | {"onward_by_either": BY_EITHER - 1}, 1.0),  # an owner's way to one machine
    (AT_ONCE | {"port": 443}, 1.0),
    (AT_ONCE | {"passed_on": 79, "from_outside": 79}, 1.0),
    (AT_ONCE | {"sampled": True}, 1.0),  # of a VPN's gateway as well
    (AT_ONCE | {"sizes_known": True}, 1.0),
    (AT_ONCE | {"protocol": 17}, 1.0),
])  # fmt: skip
def test_a_relay(changed: dict[str, Any], weight: float) -> None:
    assert relay_weight(PROXY | changed) == weight


@pytest.mark.parametrize(("changed", "weight"), [
    ({}, 7.0),
    ({"by_chance": 60 - 100 * FOLLOWED}, 7.0),
    ({"by_chance": 61 - 100 * FOLLOWED}, 1.0),  # as often by chance
    # Of a visit one seldom sees both legs.
    ({"by_chance": 60 - 100 * FOLLOWED * 0.5, "seen_again": 0.5}, 7.0),
    ({"by_chance": 61 - 100 * FOLLOWED * 0.5, "seen_again": 0.5}, 1.0),
    ({"by_chance": 60 - 100 * FOLLOWED * LEAST_SEEN, "seen_again": 0.0}, 7.0),
    ({"by_chance": 61 - 100 * FOLLOWED * LEAST_SEEN, "seen_again": 0.0}, 1.0),
    ({"by_chance": 61 - 100 * FOLLOWED, "seen_again": 0.0, "sampled": False}, 1.0),
    ({"protocol": 17}, 1.0),  # a VPN's, a call's
    ({"networks_served": 2}, 1.0),  # the owner's
    ({"onward_ports": {str(port): 6.0 for port in range(20_000, 20_010)}}, 1.0),  # media
    ({"port": 443}, 1.0),  # a site's front
    ({"port": 443, "onward_mail": 60}, 1.0),  # a site that writes to its customers
    ({"sizes_known": True}, 1.0),  # the same bytes would have been seen
    ({"handed_through": None}, 7.0),
    ({"to_visitors": 60 * AMONG_EQUALS - 1}, 7.0),
    ({"to_visitors": 60 * AMONG_EQUALS}, 1.0),  # servers of one network
    ({"handed_through": 1 / MOST_ADDED}, 7.0),
    ({"handed_through": 0.9 / MOST_ADDED}, 1.0),  # a site that asks a service
    ({"handed_through": MOST_KEPT}, 7.0),
    ({"handed_through": 1.1 * MOST_KEPT}, 1.0),  # it is told something, and fetches more
    # Two services, and now and then a page of its owner.
    ({"onward_servers": 12, "onward_once": 10}, DOOR_WEIGHT),
    ({"onward_servers": 13, "onward_once": 11}, 7.0),  # more than by chance
])  # fmt: skip
def test_a_sampled_relay_is_told_by_what_follows_its_visits(
    changed: dict[str, Any], weight: float
) -> None:
    assert relay_weight(PROXY | FOLLOWS | changed) == weight


@pytest.mark.parametrize(("kind", "said", "weight"), [
    ("tunnel-in", {"errands": 10, "mail_errands": 0}, 1.0),
    ("tunnel-out", {"errands": 10, "mail_errands": 0}, 7.0),
    ("tunnel-in", {"errands": 15, "mail_errands": 3}, 8.0),
    ("tunnel-in", {"errands": 16, "mail_errands": 3}, 1.0),
    ("dials-back", {"passed_on": 9, "onward_mail": 9}, 8.0),
    ("dials-back", {"passed_on": 9, "onward_mail": 0}, 7.0),
    ("dials-back", {"passed_on": 9, "onward_mail": 0, "among_peers": True}, 1.0),
])  # fmt: skip
def test_a_tunnel(kind: str, said: dict[str, Any], weight: float) -> None:
    assert tunnel_weight(kind, {"confidence": 1.0, **said}) == weight


def test_a_front_has_an_origin() -> None:
    front = PROXY | ONE_ORIGIN | {"port": 443}
    assert one_origin(front)
    assert origins(front) == PROXY["onward_to"]
    assert not one_origin(PROXY)
    # At a port of its own it may be a farm's door: all of them lead to what is attacked.
    assert origins(front | {"port": 9000}) == PROXY["onward_to"]
    assert origins(front | {"from_outside": 29}) == []
    assert origins(PROXY) == []
    door = PROXY | {"onward_servers": ADDRESSES}
    assert origins(door) == PROXY["onward_to"]
    assert origins(door | {"balanced": False}) == []  # a site's services, not its machines
    assert one_origin({"leg": "in", "front": True})  # as `volume` tells it


@pytest.mark.parametrize(("second", "by_chance", "origins_of_it"), [
    (1, 0.0, 1),  # met once
    (2, 0.0, 2),  # a spare
    (10, 10.0, 1),  # what hosts of its kind call for themselves
    (11, 10.0, 2),
])  # fmt: skip
def test_what_chance_adds_is_no_origin(
    second: int, by_chance: float, origins_of_it: int
) -> None:
    front = PROXY | ONE_ORIGIN | {"onward_to_second": second, "by_chance": by_chance}
    assert origins(front) == PROXY["onward_to"][:origins_of_it]


def test_a_person_at_it_meets_many_sites() -> None:
    lived_in = PROXY | {"own_web_servers": BROWSED}
    assert life(lived_in) > life(PROXY | {"own_web_servers": BROWSED - 1}) == 0.0
    assert life(PROXY | {"watches": True}) == life(lived_in)


@pytest.mark.parametrize(("changed", "through"), [
    ({"visits": 6, "passed_on": 6}, False),  # a site that asks a service for something
    ({"visits": MANY_VISITS, "passed_on": MANY_VISITS, "sizes_known": False}, True),
    ({"visits": MANY_VISITS, "passed_on": MANY_VISITS}, False),  # sees that it is not the same
    ({"visits": 100, "passed_on": 79, "sizes_known": False}, False),
    ({"visits": 60, "sizes_known": False, "handed_through": 0.2}, False),  # gives far more
    ({"visits": 60, "handed_through": 1.1 / MOST_ADDED}, True),  # and handshakes, of one leg
    ({"visits": 60, "handed_through": 0.9 / MOST_ADDED}, False),
    ({"visits": 60, "handed_through": 1.1 * MOST_ADDED}, False),
    ({"visits": 80, "handed_through": 0.8}, False),  # not each time
    ({"visits": 6, "passed_on": 6, "balanced": True}, True),
    # Seen one way: what is acknowledged goes in step with what is shown, and is as much.
    (ACKS, True),
    (ACKS | {"in_step": 0.9 * SURELY_IN_STEP}, False),
    (ACKS | {"acknowledged": 0.9 / MOST_ADDED}, False),  # pages as long as what is looked up
    (ACKS | {"acknowledged": None}, False),
    (ACKS | {"sizes_known": True}, False),
    (ACKS | {"handed_through": 0.9 / MOST_ADDED}, False),
])  # fmt: skip
def test_a_front_hands_through_what_it_fetches(changed: dict[str, Any], through: bool) -> None:
    assert hands_through(PROXY | {"balanced": False} | changed) == through


@pytest.mark.parametrize(("changed", "site"), [
    ({}, False),  # the size of what is fetched is not known
    ({"handed_through": 0.9 / MOST_ADDED}, True),
    ({"handed_through": 1.1 / MOST_ADDED}, False),
    ({"handed_through": 0.9 / MOST_ADDED, "passed_on": 80}, False),  # likely a front
    ({"handed_through": 0.9 * LEAST_GIVEN, "passed_on": 80}, True),  # pays at each visit
    ({"handed_through": 0.9 * LEAST_GIVEN, "visits": 11, "passed_on": 11}, False),
    ({"balanced": False, "in_step": 0.9 * IN_STEP}, True),  # a hub: its owner's doings, its own
    ({"balanced": False, "in_step": IN_STEP}, False),  # what is fetched, and some of its own
    ({"balanced": False, "in_step": None}, False),
    ({"in_step": 0.9 * IN_STEP}, False),  # each by itself is what was fetched
])  # fmt: skip
def test_who_shows_more_than_it_gets_asks_a_service(
    changed: dict[str, Any], site: bool
) -> None:
    assert asks(PROXY | changed) == site


def test_a_racks_machines_are_neighbours() -> None:
    assert scattered(0) == scattered(1) == 0.0
    assert 0.0 < scattered(2) < scattered(SCATTERED) == scattered(99) == 1.0
