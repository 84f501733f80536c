"""Company: chains and customs."""

import pytest

from headwater.measures.company import Member, customs, seen_through

RELAY = {
    "summary": "passed on", "from_outside": 2, "passed_on": 10,
    "passed_for": {"192.0.2.9": 6.0, "192.0.2.8": 2.0, "198.51.100.1": 2.0},
}  # fmt: skip


def test_visits_of_own_hosts_that_relay_are_outsiders() -> None:
    claim = seen_through(RELAY, {"192.0.2.9"})
    assert claim["from_outside"] == 8
    assert "own hosts that relay" in claim["summary"]


def test_without_such_hosts_the_claim_stays_as_it_was() -> None:
    assert seen_through(RELAY, {"192.0.2.7"}) is RELAY
    assert seen_through({"summary": "calls"}, {"192.0.2.9"}) == {"summary": "calls"}


def test_shares_of_octets_are_seen_through_as_well() -> None:
    claim = {"summary": "carries", "outside_share": 0.2, "passed_for": {"192.0.2.9": 3.0}}
    assert seen_through(claim, {"192.0.2.9"})["outside_share"] == 1.0


@pytest.mark.parametrize(
    ("shown", "silent", "known"),
    [(2, 4, True), (1, 0, False), (2, 5, False)],
)
def test_a_custom_needs_several_who_show_it_and_no_small_part(
    shown: int, silent: int, known: bool
) -> None:
    members = [Member(ties=["m"], kind="backconnect", shown=True)] * shown
    members += [Member(ties=["m"], kind="direct-sender", shown=False)] * silent
    assert customs(members) == ({"m": {"backconnect": 1.0}} if known else {})


def test_customs_are_shares() -> None:
    kinds = ("backconnect", "backconnect", "backconnect", "synthetic-open")
    members = [Member(ties=["m", "d"], kind=kind, shown=True) for kind in kinds]
    found = customs(members)
    assert found["m"] == found["d"] == {"backconnect": 0.75, "synthetic-open": 0.25}
