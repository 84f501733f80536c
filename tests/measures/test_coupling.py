from dataclasses import replace

import numpy as np
import pytest

from headwater.measures.coupling import (
    HANDSHAKE_OCTETS,
    HEADER_OCTETS,
    Legs,
    Matches,
    compared,
    couple,
    log10_chance,
    match,
    same_size,
)

S = 1_000_000


def legs(starts_s: list[float], sizes: list[int], group: int = 0, far: int = 1) -> Legs:
    order = np.argsort(starts_s, kind="stable")
    size = np.array(sizes, np.int64)[order]
    return Legs(
        group=np.full(len(starts_s), group, np.int64),
        start_us=(np.array(starts_s)[order] * S).astype(np.int64),
        far=np.full(len(starts_s), far, np.int64),
        up_bytes=size,
        up_packets=size // 1000 + 4,
        down_bytes=np.full(len(size), 900, np.int64),
        down_packets=np.full(len(size), 9, np.int64),
    )


def joined(first: Legs, second: Legs) -> Legs:
    names = ("group", "start_us", "far", "up_bytes", "up_packets", "down_bytes", "down_packets")
    return Legs(
        **{
            name: np.concatenate([getattr(first, name), getattr(second, name)])
            for name in names
        }
    )


def spread(count: int, seed: int) -> list[float]:
    return sorted(np.random.default_rng(seed).uniform(200, 20_000, count).tolist())


def sizes(count: int, seed: int) -> list[int]:
    return np.random.default_rng(seed).integers(3_000, 60_000, count).tolist()


def test_a_relay_is_followed_and_balanced_far_beyond_chance() -> None:
    starts, amounts = spread(60, 1), sizes(60, 2)
    inbound = legs(starts, amounts)
    outbound = legs([t + 0.3 for t in starts], [a - 20 for a in amounts], far=2)
    _, found = couple(inbound, outbound, inbound.group, 1, S // 10, 2 * S)
    assert found.followed[0] == 60
    assert found.balanced[0] == 60
    assert found.balanced_by_chance[0] < 6  # sizes meet by chance one time in twelve
    assert log10_chance(found.balanced, found.balanced_by_chance, found.inbound)[0] < -40


def test_a_busy_host_without_a_tie_is_what_chance_gives() -> None:
    inbound = legs(spread(400, 3), sizes(400, 4))
    outbound = legs(spread(4000, 5), sizes(4000, 6), far=2)
    _, found = couple(inbound, outbound, inbound.group, 1, S // 10, 2 * S)
    assert found.followed[0] == pytest.approx(found.followed_by_chance[0], rel=0.2)
    assert log10_chance(found.followed, found.followed_by_chance, found.inbound)[0] > -2


def test_bursts_do_not_fake_a_tie() -> None:
    random = np.random.default_rng(7)
    bursts = random.uniform(1000, 19_000, 5)
    inbound = legs(
        sorted((random.choice(bursts, 300) + random.uniform(0, 600, 300)).tolist()),
        sizes(300, 1),
    )
    outbound = legs(
        sorted((random.choice(bursts, 900) + random.uniform(0, 600, 900)).tolist()),
        sizes(900, 2),
    )
    _, found = couple(inbound, outbound, inbound.group, 1, S // 10, 2 * S)
    assert log10_chance(found.followed, found.followed_by_chance, found.inbound)[0] > -4


@pytest.mark.parametrize(
    ("lag_s", "followed"), [(2.0, True), (2.001, False), (-0.1, True), (-0.101, False)]
)
def test_the_exact_limit_and_one_step_past_it(lag_s: float, followed: bool) -> None:
    found = match(legs([500.0], [9000]), legs([500.0 + lag_s], [9000], far=2), S // 10, 2 * S)
    assert found.followed.tolist() == [followed]


def test_other_sizes_follow_but_do_not_balance() -> None:
    found = match(legs([500.0], [9000]), legs([500.5], [30_000], far=2), S // 10, 2 * S)
    assert found.followed.tolist() == [True]
    assert found.balanced.tolist() == [False]
    assert found.partner.tolist() == [0]


def test_the_balanced_partner_is_preferred_to_the_first() -> None:
    found = match(
        legs([500.0], [9000]), legs([500.2, 500.9], [30_000, 9000], far=2), S // 10, 2 * S
    )
    assert found.balanced.tolist() == [True]
    assert found.partner.tolist() == [1]


def test_groups_never_mix() -> None:
    inbound = joined(legs([500.0], [9000], 0), legs([900.0], [9000], 1))
    outbound = joined(legs([900.5], [9000], 0, far=2), legs([500.5], [9000], 1, far=2))
    assert match(inbound, outbound, S // 10, 2 * S).followed.tolist() == [False, False]


def test_a_session_is_no_partner_of_another_with_the_same_end() -> None:
    found = match(legs([500.0], [9000], far=7), legs([500.5], [9000], far=7), S // 10, 2 * S)
    assert found.followed.tolist() == [False]


def test_no_outbound_at_all() -> None:
    found = match(legs([500.0], [9000]), legs([], []), S // 10, 2 * S)
    assert found.followed.tolist() == [False]
    assert found.partner.tolist() == [-1]


def test_as_many_as_chance_gives_is_no_evidence() -> None:
    assert log10_chance(np.array([10]), np.array([10.0]), np.array([100]))[0] == 0.0


def test_of_two_that_balance_the_first_is_the_partner() -> None:
    found = match(
        legs([500.0], [9000]), legs([500.2, 500.9], [9000, 9000], far=2), S // 10, 2 * S
    )
    assert found.partner.tolist() == [0]


def test_what_chance_gives_is_counted_beyond_the_reach_of_a_tie() -> None:
    """However wide one looks: a tie must not count as its own coincidence."""
    starts = [1000.0 * number for number in range(1, 20)]
    inbound, outbound = legs(starts, [9000] * 19), legs(starts, [9000] * 19, far=2)
    _, found = couple(inbound, outbound, inbound.group, 1, 90 * S, 90 * S)
    assert (found.followed[0], found.followed_by_chance[0]) == (19, 0.0)


def test_sessions_of_one_size_balance_by_chance() -> None:
    starts = spread(60, 7)
    inbound = legs(starts, [5_000] * 60)
    outbound = legs([t + 0.3 for t in starts], [5_010] * 60, far=2)
    _, found = couple(inbound, outbound, inbound.group, 1, S // 10, 2 * S)
    assert (found.followed[0], found.balanced[0]) == (60, 60)
    assert found.balanced_by_chance[0] == 60
    assert found.followed_by_chance[0] < 2


def test_of_what_is_followed_by_its_size_small_things_do_not_count() -> None:
    inward = legs([float(at) for at in range(10)], [900] * 10)
    big = np.arange(10) < 5
    carried = HEADER_OCTETS * inward.down_packets + np.where(big, 2 * HANDSHAKE_OCTETS + 1, 50)
    matches = Matches(np.arange(10) < 8, np.arange(10) < 6, np.zeros(10, np.int64))
    assert same_size(replace(inward, down_bytes=carried), slice(0, 10), matches) == 0.62
    assert same_size(replace(inward, down_bytes=carried), slice(5, 8), matches) == 0.0


def test_few_matches_are_called_chance() -> None:
    inbound = legs([300, 900], [5_000, 9_000])
    outbound = legs([300.2, 900.2], [5_010, 9_010], far=2)
    _, found = couple(inbound, outbound, inbound.group, 1, S // 10, 2 * S)
    assert (found.balanced[0], found.balanced_by_chance[0]) == (2, 2)
    assert (found.followed[0], found.followed_by_chance[0]) == (2, 2)


def one_way(leg: Legs, missing: str) -> Legs:
    """The same, but for one direction that nobody exported."""
    nothing = np.zeros(len(leg), np.int64)
    return replace(leg, **{f"{missing}_bytes": nothing, f"{missing}_packets": nothing})


def test_of_half_exported_legs_the_direction_that_both_show_is_compared() -> None:
    starts, amounts = spread(60, 1), sizes(60, 2)
    inbound = legs(starts, amounts)
    outbound = legs([t + 0.3 for t in starts], amounts, far=2)
    for near, far in ((inbound, outbound), (one_way(inbound, "down"), outbound)):
        _, found = couple(near, one_way(far, "down"), inbound.group, 1, S // 10, 2 * S)
        assert found.balanced[0] == 60
    assert match(inbound, outbound, S // 10, 2 * S).balanced.all()


def test_legs_of_which_opposite_directions_were_exported_cannot_be_compared() -> None:
    starts, amounts = spread(60, 1), sizes(60, 2)
    inbound = one_way(legs(starts, amounts), "down")
    outbound = one_way(legs([t + 0.3 for t in starts], amounts, far=2), "up")
    found = match(inbound, outbound, S // 10, 2 * S)
    assert found.followed.all()
    assert not found.balanced.any()
    rows = np.arange(60)
    assert not compared(inbound, rows, outbound, found.partner).any()
    assert compared(inbound, rows, one_way(outbound, "down"), rows).sum() == 0
    assert compared(inbound, rows, inbound, rows).all()


def test_half_exported_greetings_tell_nothing() -> None:
    """What a proxy's own handshake may take fits every other session as well."""
    starts = spread(60, 1)
    inbound = one_way(legs(starts, [300] * 60), "down")
    outbound = one_way(legs([t + 0.3 for t in starts], [300] * 60, far=2), "down")
    assert not match(inbound, outbound, S // 10, 2 * S).balanced.any()


def test_of_two_comparisons_each_group_takes_its_own() -> None:
    inbound = joined(legs([100.0], [5_000]), legs([100.0], [5_000], group=1))
    outbound = joined(legs([104.0], [5_000], far=2), legs([104.0], [5_000], group=1, far=2))
    (near, few), (far, many) = (
        couple(inbound, outbound, inbound.group, 2, reach, reach) for reach in (2 * S, 9 * S)
    )
    second = np.array([False, True])
    assert far.where(second[inbound.group], near).followed.tolist() == [False, True]
    assert many.where(second, few).followed.tolist() == [0, 1]
