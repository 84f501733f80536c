"""Whether hosts go out just when one visitor comes, who comes to several of them."""

import numpy as np
import pytest

from headwater.measures.columns import Floats, Ints
from headwater.measures.following import Pooled, Visits, followed, together
from headwater.measures.pairing import Pairing, Sessions, pair

S = 1_000_000
START_US = 5_000_000_000
FEWEST = 2.0


def paired(came: list[tuple[int, int, float]], went: list[tuple[int, int, float]]) -> Pairing:
    """From (host, who, seconds): visits, and what the hosts opened."""
    rows = np.array([*came, *went], np.float64)
    host, far, at = (column.astype(np.int64) for column in (rows * [1, 1, S]).T)
    none = np.zeros(len(rows), np.int64)
    sessions = Sessions(
        host=host, far=far, opened_us=START_US + at,
        up_bytes=none, up_packets=none, down_bytes=none, down_packets=none,
    )  # fmt: skip
    return pair(sessions, np.arange(len(rows)) < len(came), np.stack([host, far]), START_US)


def counts(hits: list[int], by_chance: list[float], tries: int = 20) -> Visits:
    moved = np.repeat(np.array(by_chance)[:, None], 12, axis=1)
    return Visits(
        hits=np.array(hits, np.int64), moved=moved,
        tries=np.full(len(hits), tries), partner=np.full(len(hits) * tries, -1),
    )  # fmt: skip


def one(visits: Visits) -> Pooled:
    ((_, pooled),) = together(visits, np.zeros(len(visits.hits), np.int64), FEWEST)
    return pooled


@pytest.mark.parametrize(
    ("gap_s", "hits"), [(0.5, 1), (4.9, 1), (-4.9, 1), (5.1, 0), (-5.1, 0)]
)
def test_what_opens_within_seconds_follows(gap_s: float, hits: int) -> None:
    visits = followed(paired([(1, 7, 1000.0)], [(1, 8, 1000.0 + gap_s)]))
    assert visits.hits.tolist() == [hits]
    assert (visits.partner >= 0).sum() == hits


def test_a_session_follows_one_visit_of_a_burst() -> None:
    burst = [(1, 7, 1000.0 + turn / 10) for turn in range(5)]
    assert followed(paired(burst, [(1, 8, 1001.0)])).hits.tolist() == [1]


def test_who_is_called_back_was_not_served() -> None:
    assert followed(paired([(1, 7, 1000.0)], [(1, 7, 1001.0)])).hits.tolist() == [0]


def test_chance_is_what_visits_at_other_times_would_meet() -> None:
    """Whoever goes out every second does so whenever anybody comes."""
    visits = followed(paired([(1, 7, 1000.0)], [(1, 8, at) for at in np.arange(700.0, 1300.0)]))
    assert visits.hits.tolist() == [1]
    assert visits.by_chance.tolist() == [1.0]
    quiet = followed(paired([(1, 7, 1000.0)], [(1, 8, 1001.0)]))
    assert quiet.by_chance.tolist() == [0.0]


def test_few_of_each_host_add_up() -> None:
    alone, many = (one(counts([3] * hosts, [0.2] * hosts)) for hosts in (1, 12))
    assert alone.strength < 3.0
    assert many.strength > 3 * alone.strength


def test_one_host_is_taken_away() -> None:
    """A gateway passes things on by itself."""
    pooled = one(counts([15, 0, 0], [0.2, 0.2, 0.2]))
    assert pooled.strength > 5.0
    assert pooled.rest == 0.0


def test_bursts_that_scatter_widely_are_worth_less() -> None:
    steady = counts([6] * 4, [2.0] * 4)
    wild = np.array(steady.moved)
    wild[:, ::2], wild[:, 1::2] = 4.0, 0.0  # the same means
    bursts = Visits(hits=steady.hits, moved=wild, tries=steady.tries, partner=steady.partner)
    assert one(bursts).strength < one(steady).strength / 2


def test_members_are_those_that_show_it_and_those_of_whom_too_little_is_seen() -> None:
    tries: Ints = np.array([20, 20, 20, 20, 1], np.int64)
    moved: Floats = np.full((5, 12), 0.1)
    hits = np.array([6, 5, 7, 0, 0], np.int64)
    members = one(Visits(hits=hits, moved=moved, tries=tries, partner=tries)).members
    assert (members[:3] > 0.99).all()
    assert members[3] < 0.1
    assert 0.3 < members[4] < 0.9


def test_visitors_of_whom_nothing_is_beyond_chance_are_left_out() -> None:
    visits = counts([1, 5, 1], [1.0, 0.1, 1.0])
    told = list(together(visits, np.array([4, 9, 4]), FEWEST))
    assert [mine.tolist() for mine, _ in told] == [[1]]
    assert list(together(visits, np.array([4, 9, 4]), 6.0)) == []
