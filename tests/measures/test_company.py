"""Company: who is met beside, and customs."""

from typing import Any

import pytest
from tests.scene import fellows

from headwater.measures.company import (
    CALLS_ALONE,
    CALLS_FOR_FEW,
    CALLS_GATEWAY,
    HEARSAY,
    MOST_FOR_COMPANY,
    Member,
    among,
    calls_weight,
    customs,
)
from headwater.measures.odds import logit, probability
from headwater.measures.votes import EACH_WELL, UNMET, UNSEEN_WELL

RARE = 0.002


def told(suspects: int, well: int, *, shows: bool = True) -> float:
    """How likely one more is to be sick."""
    claim = {"other_suspects": suspects, "others_well": well}
    return probability(logit(RARE) + among(claim, RARE, shows=shows))


def test_one_more_is_as_likely_sick_as_the_others_are() -> None:
    assert told(10, 0) == pytest.approx(10 / (10 + UNSEEN_WELL))
    assert told(10, 3) == pytest.approx(10 / (10 + 3 * EACH_WELL + UNSEEN_WELL))
    assert among({"other_suspects": 10**6, "others_well": 0}, RARE) == MOST_FOR_COMPANY


@pytest.mark.parametrize(("well", "suspected"), [(2, True), (3, False)])
def test_less_than_even_odds_make_nobody_a_suspect(well: int, suspected: bool) -> None:
    """Six sick and three others who use one maker's cloud: a suspicion of each would echo."""
    hearsay = probability(logit(RARE) + HEARSAY)
    assert (told(6, well) > hearsay) == suspected
    assert told(6, well) >= hearsay


def test_who_shows_nothing_where_all_the_sick_do_is_likely_well() -> None:
    well = EACH_WELL * 77 + UNSEEN_WELL
    assert told(12, 77) == pytest.approx(12 / (12 + well))
    assert told(12, 77, shows=False) == pytest.approx(UNMET / (UNMET + well))
    # Of those who share it with hardly anybody else the silent are known by the others.
    assert told(12, 2, shows=False) == told(12, 2)


def test_who_calls_a_master_seen_whole_waits_or_is_used() -> None:
    calls = {
        "shared": False, "sampled": False, "confidence": 1.0,
        **fellows(30, 0),
    }  # fmt: skip

    def weight(**said: object) -> float:
        return calls_weight(calls | said, RARE, shows=False)

    assert weight() == weight(shared=True, sampled=True) == CALLS_ALONE
    assert weight(used=True) == weight(sampled=True, feeds=True) == CALLS_GATEWAY
    assert weight(sampled=True) > CALLS_GATEWAY
    assert weight(others_sick=2) == CALLS_FOR_FEW < weight(others_sick=2.5) < CALLS_ALONE
    assert weight(confidence=0.5) == CALLS_ALONE / 2
    # Where pages are had one goes to read them, who else shows something is not judged by that.
    assert weight(sampled=True, pages=True) == HEARSAY
    shown = calls_weight({**calls, "sampled": True, "pages": True}, RARE, shows=True)
    assert shown == weight(sampled=True, pages=False) > HEARSAY
    # However it is called, of many well callers one more is likely well.
    assert weight(**fellows(30, 99)) == weight(**fellows(30, 99), sampled=True) < 2.0


def test_whom_no_suspect_meets_tells_nothing() -> None:
    assert among({"other_suspects": 0, "others_well": 9}, RARE) == 0.0


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
    alone, mails = (calls_weight(calls | {"mails": n}, RARE, shows=False) for n in (0.0, 2.0))
    assert mails - alone == adds
    told = [calls_weight(calls | {"mails": n}, RARE, shows=True) for n in (0.0, 2.0)]
    assert told[0] == told[1]  # what it mails is told already
