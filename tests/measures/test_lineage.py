"""Lineage: which group goes on in which, and what became of the others."""

import random

from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.lineage import (
    LEAST_LIKENESS,
    Descent,
    Known,
    Members,
    descents,
    likeness,
)

LASTING = {"masters": 0.5, "upstreams": 0.2, "proxies": 0.3}


def group(masters: str = "", upstreams: str = "", proxies: str = "") -> Members:
    return {
        "masters": frozenset(masters),
        "upstreams": frozenset(upstreams),
        "proxies": frozenset(proxies),
    }


def known(name: str, members: Members, born_us: int = 0) -> Known:
    return Known(name=name, born_us=born_us, members=members)


def names(found: list[Descent]) -> list[tuple[str | None, tuple[str, ...]]]:
    return [(one.heir_of.name if one.heir_of else None, one.was) for one in found]


def test_a_sort_that_one_lacks_says_nothing() -> None:
    assert likeness(group("M"), group("", "D", "abc"), LASTING) == 0.0
    assert likeness(group("M", "", "abc"), group("M", "D", "xyz"), LASTING) == 0.5 / 0.8
    assert likeness(group("", "", "abcd"), group("", "", "cd"), LASTING) == 1.0


def test_new_drivers_or_new_hosts_or_a_new_master_are_no_new_group() -> None:
    old = known("old", group("M", "DE", "abcdef"))
    for after in (
        group("M", "FG", "abcdef"), group("M", "DE", "uvwxyz"), group("N", "FG", "abcdef"),
        group("M", "FG", "uvwxyz"),
    ):  # fmt: skip
        assert names(descents([old], [after], LASTING)) == [("old", ())]


def test_one_host_in_common_is_no_descent() -> None:
    old = known("old", group("M", "DE", "abcdef"))
    after = group("N", "F", "fghijk")
    assert likeness(old.members, after, LASTING) < LEAST_LIKENESS
    assert names(descents([old], [after], LASTING)) == [(None, ())]


def test_the_greater_part_keeps_the_name_and_the_other_says_whose_it_was() -> None:
    old = known("old", group("MN", "DE", "abcdefgh"))
    parts = [group("N", "E", "gh"), group("M", "D", "abcdef")]
    assert names(descents([old], parts, LASTING)) == [(None, ("old",)), ("old", ())]


def test_of_two_equal_parts_the_one_with_few_others_keeps_the_name() -> None:
    old = known("old", group(proxies="abcd"))
    parts = [group(proxies="abxyzw"), group(proxies="cd")]
    assert names(descents([old], parts, LASTING)) == [(None, ("old",)), ("old", ())]


def test_what_is_just_like_it_continues_it() -> None:
    old, after = known("old", group(proxies="abcd")), group(proxies="defg")
    assert likeness(old.members, after, LASTING) == LEAST_LIKENESS
    assert names(descents([old], [after], LASTING)) == [("old", ())]


def test_of_two_that_merge_the_elder_goes_on() -> None:
    elder = known("elder", group("M", "D", "abc"), born_us=5)
    younger = known("younger", group("N", "E", "defghijk"), born_us=9)
    whole = group("MN", "DE", "abcdefghijk")
    assert names(descents([younger, elder], [whole], LASTING)) == [("elder", ("younger",))]


def test_an_elder_with_little_in_common_takes_nothing_over() -> None:
    elder = known("elder", group("M", "D", "abc"), born_us=5)
    heir = known("heir", group("N", "E", "defg"), born_us=9)
    after = group("N", "E", "cdefg")
    assert likeness(elder.members, after, LASTING) < LEAST_LIKENESS
    partly = known("partly", group("", "D", "abcd"), born_us=5)
    assert likeness(partly.members, after, LASTING) >= LEAST_LIKENESS
    for other in (elder, partly):
        assert names(descents([other, heir], [after], LASTING)) == [("heir", ())]


members = st.builds(
    group, *(st.text("abcdefghij", max_size=6) for _ in range(3))
)  # fmt: skip


@given(
    old=st.lists(members, max_size=5),
    new=st.lists(members, max_size=5),
    seed=st.randoms(use_true_random=False),
)
def test_nobody_has_two_heirs_and_the_order_does_not_matter(
    old: list[Members], new: list[Members], seed: random.Random
) -> None:
    before = [known(f"name-{at}", each, born_us=at) for at, each in enumerate(old)]
    found = descents(before, new, LASTING)
    went_on = [one.heir_of.name for one in found if one.heir_of]
    assert len(set(went_on)) == len(went_on)
    assert all(one.heir_of is None or one.heir_of.name not in one.was for one in found)
    seed.shuffle(before)
    assert descents(before, new, LASTING) == found


@given(st.lists(members.filter(lambda each: any(each.values())), max_size=5, unique_by=str))
def test_who_did_not_change_keeps_the_name_unless_a_twin_is_elder(old: list[Members]) -> None:
    before = [known(f"name-{at}", each, born_us=at) for at, each in enumerate(old)]
    apart = [
        all(likeness(one, other, LASTING) < LEAST_LIKENESS for other in old if other is not one)
        for one in old
    ]
    found = descents(before, old, LASTING)
    for one, descent, alone in zip(before, found, apart, strict=True):
        if alone:
            assert descent == Descent(heir_of=one, was=())
