"""A driver's many addresses are one party; those of a crowd are many."""

import numpy as np
import pytest
from tests.measures.who_visits import Pair, who_visits

from headwater.measures.driving import PUBLIC, weighed
from headwater.measures.hideouts import SEVERAL, parties_of
from headwater.measures.rotation import FEWEST_TURNS
from headwater.measures.visits import Visits

SICK = set(range(8))
NETWORK = "198.51.100.0/24"
TURN = 1_000
CROWD = [
    (f"2001:db8:{24 * host + number:x}::1", host)
    for host in SICK
    for number in range(3 * PUBLIC // 2)
]


def turns(
    addresses: int, hosts: int, *, lasts: int = TURN, crowd: list[Pair] = CROWD, well: int = 0
) -> Visits:
    """Neighbours that come one after the other, each to the next hosts; amid a crowd.

    ``well``: hosts to which each goes besides.
    """
    pairs = [
        (f"198.51.100.{number}", (number + host) % len(SICK) if host < hosts else 100 + host)
        for number in range(addresses)
        for host in range(hosts + well)
    ]
    begun = [TURN * number for number in range(addresses) for _ in range(hosts + well)]
    when = [(begin, begin + lasts) for begin in begun] + [(0, 9_000)] * len(crowd)
    return who_visits([*pairs, *crowd], sick=SICK, when=when)


def named(visits: Visits) -> tuple[set[str], float]:
    """The parties of the neighbours, and what their turns say."""
    party, called, relieved = parties_of(visits, weighed(visits), [""] * len(visits.parties))
    near = [at for at, name in enumerate(visits.parties) if name.startswith("198.51.100.")]
    return {called[int(party[at])] for at in near}, float(relieved.max())


def test_neighbours_who_relieve_each_other_are_one_party() -> None:
    names, told = named(turns(5, 4))
    assert names == {NETWORK}
    assert told == pytest.approx(np.log(0.25 * (1 + len(CROWD))))


@pytest.mark.parametrize(
    ("addresses", "hosts", "lasts"),
    [
        (FEWEST_TURNS - 1, 4, TURN),
        (5, SEVERAL - 1, TURN),
        (5, 4, 8 * TURN),  # all at once
    ],
)
def test_fewer_or_at_once_are_several(addresses: int, hosts: int, lasts: int) -> None:
    names, told = named(turns(addresses, hosts, lasts=lasts))
    assert (len(names), told) == (addresses, 0.0)


def test_where_most_change_their_address_that_says_nothing() -> None:
    """A crowd of people whose provider gives them another now and then."""
    crowd = [(f"2001:db8:{n:x}::{turn + 1}", n % 8) for n in range(2) for turn in range(3)]
    assert named(turns(5, 4, crowd=crowd))[1] < np.log(2)


def test_who_goes_as_much_to_the_well_hides_nobody() -> None:
    assert named(turns(5, 4, well=4))[1] > 0.0
    assert named(turns(5, 4, well=5)) == ({f"198.51.100.{number}" for number in range(5)}, 0.0)


@pytest.mark.parametrize(("each", "told"), [(3, True), (5, False)])
def test_amid_a_crowd_that_goes_as_far_turns_are_too_little(each: int, told: bool) -> None:
    roams = [(f"2001:db8:{n:x}::1", (n + host) % 8) for n in range(80) for host in range(each)]
    assert (named(turns(FEWEST_TURNS, 2, crowd=roams))[1] > 0.0) == told


def test_nobody_is_no_party() -> None:
    visits = turns(0, 0, crowd=[("203.0.113.1", 500)])
    party, called, relieved = parties_of(visits, weighed(visits), [""])
    assert (party.tolist(), called, relieved.tolist()) == ([0], ["203.0.113.1"], [0.0])
