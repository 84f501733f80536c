"""The two plays that ship."""

from headwater.lab.scenario import FULL, SHORT


def test_a_seed_changes_nothing_but_the_seed() -> None:
    other = FULL.seeded(9)
    assert other.seed == 9
    assert other.seeded(FULL.seed) == FULL


def test_the_short_play_leaves_time_for_the_rest_of_three_minutes() -> None:
    assert SHORT.seconds <= 120
    assert FULL.seconds <= 600


def test_masters_are_polled_before_anybody_is_used() -> None:
    for scenario in (SHORT, FULL):
        assert scenario.hijacked_from_s > 2 * scenario.poll_period_s
        assert scenario.hijacked_until_s < scenario.seconds / 2
