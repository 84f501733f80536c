"""Communities: what hangs together by more than a weak tie or a stray host."""

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.communities import (
    FEWEST_TO_STRAY,
    MOST_OUTSIDERS,
    STRAY_SHARE,
    STRONG,
    Community,
    Tie,
    communities,
)

WEAK = STRONG - 0.1


def ties(outsider: str, hosts: Iterable[int], weight: float = 1.0) -> list[Tie]:
    return [Tie(outsider, f"host-{number}", weight) for number in hosts]


def sizes(found: Iterable[Community]) -> list[int]:
    return [len(each.hosts) for each in found]


def test_nothing_is_no_community() -> None:
    assert communities([]) == []
    assert communities(ties("a", [1, 2], 0.0)) == []


def test_a_chain_of_drivers_that_hand_on_hosts_is_one() -> None:
    chain = [tie for turn in range(12) for tie in ties(f"d{turn}", range(turn, turn + 6))]
    (found,) = communities(chain)
    assert len(found.core) == 12
    assert len(found.hosts) == 17


def test_a_ring_in_which_each_pair_shares_one_host_is_one() -> None:
    """Sampled records show of each driver a few hosts; no single host holds them together."""
    ring = [*ties("a", [1, 2, 3]), *ties("b", [3, 4, 5]), *ties("c", [5, 6, 1])]
    assert sizes(communities(ring)) == [6]


def test_one_stray_host_does_not_join_two() -> None:
    one = [*ties("a", range(8)), *ties("b", range(8))]
    other = [*ties("c", range(7, 14)), *ties("d", range(8, 14)), *ties("e", range(8, 14))]
    first, second = communities(one + other)
    assert (set(first.core), set(second.core)) == ({"a", "b"}, {"c", "d", "e"})
    # The stray is where more outsiders know it.
    assert "host-7" in first.hosts
    assert sizes([first, second]) == [8, 6]


@pytest.mark.parametrize(("shared", "parts"), [(1, 2), (2, 2), (3, 1), (10, 1)])
def test_how_many_strays_are_too_many(shared: int, parts: int) -> None:
    """Of twenty hosts each."""
    assert (shared <= STRAY_SHARE * 20) == (parts == 2)
    found = communities([*ties("a", range(20)), *ties("b", range(20 - shared, 40 - shared))])
    assert len(found) == parts


@pytest.mark.parametrize(("hosts", "parts"), [
    (FEWEST_TO_STRAY - 1, 1), (FEWEST_TO_STRAY, 2),
])  # fmt: skip
def test_of_few_hosts_none_is_a_stray(hosts: int, parts: int) -> None:
    found = communities([*ties("a", range(hosts)), *ties("b", range(hosts - 1, 2 * hosts - 1))])
    assert len(found) == parts


def test_three_parts_that_meet_in_one_host_are_three() -> None:
    star = [tie for start in (0, 10, 20) for name in "xy"
            for tie in ties(f"{name}{start}", [99, *range(start, start + 8)])]  # fmt: skip
    assert sorted(sizes(communities(star))) == [8, 8, 9]


def test_a_weak_tie_joins_nothing_and_is_named_in_both() -> None:
    found = communities([
        *ties("a", range(5)), *ties("b", range(10, 15)), *ties("shared", range(20), WEAK),
    ])  # fmt: skip
    assert [(set(each.core), set(each.shared)) for each in found[1:]] == [
        ({"a"}, {"shared"}), ({"b"}, {"shared"}),
    ]  # fmt: skip
    # Those whom nobody else knows are together for what they have.
    assert (set(found[0].core), len(found[0].hosts)) == ({"shared"}, 10)


def test_a_weak_tie_to_one_place_brings_its_hosts_there() -> None:
    (found,) = communities([*ties("a", range(5)), *ties("shared", range(3, 9), WEAK)])
    assert (set(found.core), set(found.shared), len(found.hosts)) == ({"a"}, {"shared"}, 9)


def test_a_tie_just_strong_enough_holds() -> None:
    (found,) = communities([*ties("a", [1, 2], STRONG), *ties("b", [2, 3], STRONG)])
    assert (set(found.core), len(found.hosts)) == ({"a", "b"}, 3)


def test_hosts_claimed_for_two_places_go_to_neither() -> None:
    apart = [*ties("a", range(5)), *ties("b", range(10, 15))]
    claims = [*ties("one", [0, 99], WEAK), *ties("other", [10, 99], WEAK)]
    assert [set(each.core) for each in communities(apart + claims)] == [
        {"a"}, {"b"}, {"one", "other"},
    ]  # fmt: skip
    # Who is in two places itself claims nothing for either.
    claims = [*ties("both", [0, 10, 99], WEAK), *ties("one", [1, 99], WEAK)]
    found = communities(apart + claims)
    assert [(set(each.core), len(each.hosts)) for each in found] == [({"a"}, 6), ({"b"}, 5)]


def test_one_weak_tie_of_several_names_nobody() -> None:
    apart = [*ties("a", range(5)), *ties("b", range(10, 15))]
    assert not any(each.shared for each in communities([*apart, *ties("c", [0, 10], WEAK)]))
    assert {"c"} in [each.shared for each in communities([*apart, *ties("c", [0], WEAK)])]


@given(
    edges=st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 25), st.sampled_from([0.3, 0.9])),
        unique_by=lambda edge: edge[:2],
    ),
    seed=st.randoms(use_true_random=False),
)
def test_every_host_is_in_one_place_whatever_the_order(
    edges: list[tuple[str, int, float]], seed: random.Random
) -> None:
    given_ties = [Tie(name, f"host-{number}", weight) for name, number, weight in edges]
    found = communities(given_ties)
    hosts = [host for each in found for host in each.hosts]
    assert sorted(hosts) == sorted({tie.host for tie in given_ties})
    assert {o for each in found for o in each.core | each.shared} <= {e[0] for e in edges}
    assert all(each.core and each.hosts for each in found)
    seed.shuffle(given_ties)
    assert communities(given_ties) == found


def test_thousands_of_strangers_do_not_join_what_is_apart() -> None:
    """More outsiders than the eigenvectors of their own graph are asked for."""
    chance = random.Random(4)
    ties = [
        Tie(outsider=f"driver-{farm}", host=f"{farm}-{host}", weight=0.9)
        for farm in range(3)
        for host in range(40)
    ]
    for stranger in range(2 * MOST_OUTSIDERS):  # two farms' are more, too
        farm = chance.randrange(3)
        ties += [
            Tie(outsider=f"stranger-{stranger}", host=f"{farm}-{host}", weight=0.9)
            for host in chance.sample(range(40), 3)
        ]
    ties.append(Tie(outsider="driver-0", host="1-5", weight=0.9))  # a host hijacked twice
    assert [len(found.hosts) for found in communities(ties)] == [40, 40, 40]
