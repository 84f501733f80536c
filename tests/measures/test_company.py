"""Company: who is met beside, and customs."""

from typing import Any

import pytest
from tests.scene import fellows

from headwater.measures.company import (
    CALLS_ALONE,
    CALLS_FOR_FEW,
    CALLS_GATEWAY,
    DRIVEN_ALONE,
    HEARSAY,
    MOST_FOR_COMPANY,
    Member,
    calls_weight,
    customs,
    driven_weight,
)
from headwater.measures.odds import logit, probability

RARE = 0.002
ALONE = ["203.0.113.7", "203.0.113.9"]  # of one network
CREW = ["203.0.113.7", "198.51.100.1"]


def driven(sick: int, well: int, *, shows: bool = True, **said: Any) -> float:
    claim: dict[str, Any] = {"share_of_load": 0.9, "sampled": True, "confidence": 1.0}
    claim |= {"drivers": ALONE, **fellows(sick, well)}
    return driven_weight(claim | said, RARE, shows=shows)


def test_one_more_is_as_likely_sick_as_the_others_are() -> None:
    assert probability(logit(RARE) + driven(10, 0)) == pytest.approx(0.9, abs=0.01)
    assert driven(10, 0) > driven(10, 10) > driven(10, 80) > 0.0
    assert driven(10, 0, share=0.9999) == MOST_FOR_COMPANY
    # As likely as it is that they are driven at all.
    half = probability(logit(RARE) + driven(10, 0, confidence=0.5))
    assert half == pytest.approx(0.45, abs=0.01)
    assert driven(10, 0, confidence=0.0) == 0.0


def test_who_shows_nothing_where_all_the_sick_do_is_likely_well() -> None:
    assert driven(12, 77, shows=False, share_of_load=0.5) < 2.5 < driven(12, 77)
    # Of those who share it with hardly anybody else the silent are known by the others.
    assert driven(12, 1, shows=False) == pytest.approx(driven(12, 1), abs=0.1)


def test_who_visits_a_host_drives_it_as_far_as_it_is_its_load() -> None:
    assert driven(10, 0, sampled=False) == DRIVEN_ALONE  # what is done there would show
    assert driven(10, 0, share_of_load=0.5) == DRIVEN_ALONE  # a public of which it is part
    assert driven(10, 0, for_all=True) == DRIVEN_ALONE
    assert driven(10, 0, share_of_load=0.15) == DRIVEN_ALONE / 2


def test_several_of_a_crew_come_for_what_it_does_there() -> None:
    """One may read the news among a public; in a part of what it gets a host is their tool."""
    part: dict[str, Any] = {"share_of_load": 0.5, "drivers": CREW}
    assert driven(10, 0, **part) > DRIVEN_ALONE
    assert driven(10, 0, **part | {"drivers": ALONE}) == DRIVEN_ALONE
    assert driven(10, 0, **part | {"sampled": False}) == DRIVEN_ALONE
    assert driven(10, 0, **part | {"for_all": True}) == DRIVEN_ALONE
    assert driven(10, 0, **part | {"share_of_load": 0.03}) < 1.0


def test_of_the_sick_sampled_records_often_show_whose_tool_they_are_alone() -> None:
    assert driven(12, 77, shows=False) == driven(12, 77)
    assert driven(12, 77, shows=False, share_of_load=0.5) < 2.5
    assert driven(12, 77, shows=False, share_of_load=0.5, drivers=CREW) == driven(12, 77)
    assert driven(12, 77, shows=False, sampled=False) < 2.5


def test_who_calls_a_master_seen_whole_waits_or_is_used() -> None:
    calls = {
        "shared": False, "sampled": False, "confidence": 1.0,
        **fellows(30, 0),
    }  # fmt: skip

    def weight(**said: object) -> float:
        return calls_weight(calls | said, RARE, shown=0.0)

    assert weight() == weight(shared=True, sampled=True) == CALLS_ALONE
    assert weight(used=True) == weight(sampled=True, feeds=True) == CALLS_GATEWAY
    assert weight(sampled=True) > CALLS_GATEWAY
    assert weight(others_sick=2) == CALLS_FOR_FEW < weight(others_sick=2.5) < CALLS_ALONE
    assert weight(confidence=0.5) == CALLS_ALONE / 2
    # Where pages are had one goes to read them, who else shows something is not judged by that.
    assert weight(sampled=True, pages=True) == HEARSAY
    shown = calls_weight({**calls, "sampled": True, "pages": True}, RARE, shown=1.0)
    assert shown == weight(sampled=True, pages=False) > HEARSAY
    # However it is called, of many well callers one more is likely well.
    assert weight(**fellows(30, 99)) == weight(**fellows(30, 99), sampled=True) < 2.0


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


@pytest.mark.parametrize(("changed", "adds"), [
    ({}, 2.0),
    (fellows(3, 0), 2.0),
    (fellows(2, 0), 0.0),  # of two nobody knows what they do
    (fellows(30, 5), 2.0),
    (fellows(30, 15), 0.0),  # or all of them who mail would be its suspects
    ({"sampled": True}, 0.0),  # what they do is seldom seen
])  # fmt: skip
def test_who_mails_as_its_fellows_do_is_used_now(changed: dict[str, Any], adds: float) -> None:
    calls = {
        "shared": False, "sampled": False, "confidence": 1.0, **fellows(30, 0), **changed,
    }  # fmt: skip

    def weight(mails: float, shown: float = 0.0) -> float:
        return calls_weight(calls | {"mails": mails}, RARE, shown=shown)

    assert weight(2.0) - weight(0.0) == adds
    assert weight(2.0, shown=0.5) - weight(0.0, shown=0.5) == pytest.approx(max(adds - 0.5, 0))
    assert weight(2.0, shown=2.5) == weight(0.0, shown=2.5)  # what it mails is told already


def test_behind_a_shared_name_those_count_who_show_more() -> None:
    """Of a hundred and fifty callers seven are sick, thirty times as many as elsewhere."""
    calls = {
        "shared": True, "sampled": True, "confidence": 0.04, "sure": 0.98, "others_sick": 7,
        "share": 0.06, "unshown": 0.003,
    }  # fmt: skip
    shows = calls_weight(calls, RARE, shown=1.0)
    assert shows == pytest.approx(logit(0.98 * 0.06) - logit(RARE))
    assert calls_weight(calls, RARE, shown=0.0) < 0.1
    assert calls_weight(calls | {"shared": False}, RARE, shown=1.0) < 0.2
    assert calls_weight(calls | {"sure": 0.1}, RARE, shown=1.0) < shows - 2.0
    assert (
        calls_weight(calls | {"confidence": 1.0, "share": 0.9}, RARE, shown=1.0) == CALLS_ALONE
    )
