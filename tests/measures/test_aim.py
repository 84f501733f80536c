"""Aim: whether outsiders go to the sick more than chance would."""

import numpy as np
import pytest

from headwater.measures.aim import FARM, Aim
from headwater.measures.columns import Floats
from headwater.measures.visits import Visits

SICK = 20


def visits(tried: list[tuple[int, int, int]], hosts: int = 2000, sources: int = 500) -> Visits:
    """Each party tries so many of the sick, who answer, and so many others, shut and open."""
    pairs = [
        (party, host, answers)
        for party, (sick, shut, opened) in enumerate(tried)
        for host, answers in (
            *((n, True) for n in range(sick)),
            *((SICK + n, False) for n in range(shut)),
            *((SICK + shut + n, True) for n in range(opened)),
        )
    ]
    party, host, met = (np.array(each) for each in zip(*pairs, strict=True))
    return Visits(
        party=party,
        host=host,
        parties=[f"198.51.100.{number}" for number in range(len(tried))],
        hosts=[f"host {number}" for number in range(int(host.max()) + 1)],
        confidence=np.where(host < SICK, 0.9, 0.0),
        suspect=host < SICK,
        faint=host < SICK,
        met=met,
        on_purpose=met,
        fellow=np.zeros(len(party)),
        mailed=np.zeros(len(party)),
        columns={},
        all_hosts=hosts,
        all_suspects=SICK,
        all_visits=2 * hosts,
        all_sources=sources,
    )


def of_those_met(told: Visits) -> Floats:
    return Aim.of(told).of_those_met()


def of_those_tried(told: Visits) -> Floats:
    return Aim.of(told).of_those_tried(np.ones(len(told.parties), bool))


@pytest.mark.parametrize(("sick", "drivers"), [(12, 12 * 0.9 / FARM), (1, 1.0)])
def test_farms_are_driven_from_several_addresses(sick: int, drivers: float) -> None:
    assert Aim.of(visits([(sick, 3, 0)])).drivers == pytest.approx(drivers)


@pytest.mark.parametrize(
    ("tried", "met", "aims"),
    [
        ((10, 0, 0), True, True),  # its list is fresh
        ((10, 30, 0), True, True),  # three of four on the list are dead by now
        ((10, 600, 0), True, False),  # it tries everybody
        ((10, 600, 90), False, False),  # and other doors open, too
        ((1, 0, 0), False, False),  # anybody might come by
    ],
)
def test_who_has_a_list_tries_the_sick_further_than_chance_would(
    tried: tuple[int, int, int], met: bool, aims: bool
) -> None:
    told = visits([tried])
    assert (of_those_met(told)[0] > 0.0, of_those_tried(told)[0] > 0.0) == (met, aims)


def test_of_many_sources_more_come_by_chance() -> None:
    few, many = visits([(3, 0, 0)], sources=500), visits([(3, 0, 0)], sources=5000)
    assert of_those_met(few)[0] - of_those_met(many)[0] == pytest.approx(np.log(10))


def test_each_party_is_asked_about_by_itself() -> None:
    alone, both = visits([(9, 20, 0)]), visits([(9, 20, 0), (2, 50, 9)])
    assert of_those_tried(both)[0] > 0.0 > of_those_tried(both)[1]
    assert of_those_tried(alone)[0] == pytest.approx(of_those_tried(both)[0], abs=0.1)


def test_only_those_one_asks_about_are_told_of_by_whom_they_tried() -> None:
    both = Aim.of(visits([(9, 20, 0), (2, 50, 9)]))
    every, first = (
        both.of_those_tried(np.array(asked)) for asked in ([True, True], [True, False])
    )
    assert first[0] == every[0]
    assert every[1] != first[1] == pytest.approx(-np.log(500 * FARM / (9 * 0.9)))
