"""Chains: what own hosts hand to each other is seen from both ends."""

from typing import Any

import pytest

from headwater.measures.chains import LONGEST, Claims, came, links, seen_from_both_ends

FIRST, LAST, DRIVER, SHOP = "192.0.2.9", "192.0.2.8", "198.51.100.1", "203.0.113.1"
SERVED = {
    "summary": "passed on", "from_outside": 2, "passed_on": 10,
    "passed_for": {FIRST: 6.0, LAST: 2.0, DRIVER: 2.0},
}  # fmt: skip


def relay(**said: Any) -> dict[str, Any]:
    return {
        "summary": "relays", "port": 1080, "passed_on": 10, "from_outside": 0, "balanced": True,
        "passed_for": {}, "onward_to": [SHOP], "onward_ports": {"443": 10.0},
        "onward_servers": 9, "onward_once": 8, "onward_sessions": 10, "onward_mail": 4,
        "onward_to_top": 2, "onward_to_second": 1,
    } | said  # fmt: skip


def for_outsiders(claims: Claims) -> bool:
    return any(int(claim["from_outside"]) > 5 for claim in claims.get("relay", ()))


def chain(hosts: list[str]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The driver visits the first; each opens sessions to the next, the last one to shops."""
    before, after = [DRIVER, *hosts], [*hosts[1:], SHOP]
    found = {}
    for visitor, host, onward in zip(before, hosts, after, strict=False):
        met = {"passed_for": {visitor: 10.0}, "from_outside": 10 * (visitor == DRIVER)}
        few = {"onward_servers": 1, "onward_mail": 0, "onward_ports": {"1080": 10.0}}
        few |= {"onward_to_second": 0}
        given = {"onward_to": [onward]} | (few if onward != SHOP else {})
        found[host] = {"relay": [relay(**met, **given)]}
    return found


def test_visits_of_own_hosts_that_relay_are_outsiders() -> None:
    claim = came(SERVED, {FIRST})
    assert claim["from_outside"] == 8
    assert "own hosts that relay" in claim["summary"]
    # There are never more of them than visits that were passed on.
    assert came(SERVED | {"from_outside": 9}, {FIRST})["from_outside"] == 10
    assert came(claim, {FIRST}) is claim


def test_without_such_hosts_the_claim_stays_as_it_was() -> None:
    assert came(SERVED, {"192.0.2.7"}) is SERVED
    assert came({"summary": "calls"}, {FIRST}) == {"summary": "calls"}


def test_shares_of_octets_are_seen_through_as_well() -> None:
    claim = {"summary": "carries", "outside_share": 0.2, "passed_for": {FIRST: 3.0}}
    assert came(claim, {FIRST})["outside_share"] == 1.0


@pytest.mark.parametrize("hosts", [2, LONGEST + 1])
def test_all_of_a_chain_are_driven_from_outside_and_pass_on_what_the_last_does(
    hosts: int,
) -> None:
    names = [f"192.0.2.{number + 1}" for number in range(hosts)]
    seen = seen_from_both_ends(chain(names), for_outsiders)
    for name in names:
        (claim,) = seen[name]["relay"]
        assert (claim["from_outside"], claim["onward_mail"], claim["balanced"]) == (10, 4, True)
        assert (claim["onward_to"], claim["onward_ports"]) == ([SHOP], {"443": 10.0})
        assert claim["onward_to_second"] == 1
    assert links(seen, for_outsiders) == {
        name: 1 + (0 < at < hosts - 1) for at, name in enumerate(names)
    }


def test_whom_insiders_drive_hands_on_nothing_of_outsiders() -> None:
    hosts = chain([FIRST, LAST])
    hosts[FIRST]["relay"][0]["from_outside"] = 0
    seen = seen_from_both_ends(hosts, for_outsiders)
    assert seen[LAST]["relay"][0]["from_outside"] == 0
    assert not links(seen, for_outsiders)


def test_at_another_door_nothing_is_handed_on() -> None:
    hosts = chain([FIRST, LAST])
    hosts[LAST]["relay"][0]["port"] = 8080
    claim = seen_from_both_ends(hosts, for_outsiders)[FIRST]["relay"][0]
    assert (claim["onward_to"], claim["onward_mail"]) == ([LAST], 0)


def test_what_changes_on_its_way_is_not_handed_on_unchanged() -> None:
    hosts = chain([FIRST, LAST])
    hosts[LAST]["relay"][0]["balanced"] = False
    assert not seen_from_both_ends(hosts, for_outsiders)[FIRST]["relay"][0]["balanced"]
