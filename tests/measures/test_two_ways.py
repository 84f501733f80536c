"""Both ways of a long session, weighed together."""

import numpy as np
import pytest

from headwater.measures.balance import Balance
from headwater.measures.two_ways import (
    CAPPED_EVIDENCE,
    FEWEST_PIECES,
    NOTHING,
    PRIOR,
    Told,
    Which,
    evidence_of,
    one_way,
)

SERIES = np.array([900, 5000, 0, 20_000, 3000, 700])


def told(there: Balance, back: Balance = NOTHING, *, which: Which = Which.ALL) -> Told:
    return Told(
        rows=slice(0, len(SERIES)), came=SERIES, went=SERIES, there=there, back=back,
        which=which, pieces=np.arange(len(SERIES)), doubt=1.0,
    )  # fmt: skip


def test_the_other_direction_counts_half() -> None:
    there, back = (
        Balance(intervals=9, balanced=9, by_chance=1.0, log10_chance=chance)
        for chance in (-2.0, -3.0)
    )
    assert evidence_of(there, back) == pytest.approx(4.0)


def test_pieces_of_which_one_way_was_not_recorded_count_for_the_other_alone() -> None:
    assert one_way(SERIES, SERIES).intervals == np.count_nonzero(SERIES)
    few = np.where(np.arange(len(SERIES)) < FEWEST_PIECES, SERIES, 0)
    assert np.count_nonzero(few) == FEWEST_PIECES - 1
    assert one_way(few, few) == NOTHING


@pytest.mark.parametrize(
    ("balanced", "share"), [(2, 0.0), (4, 0.0), (8, 0.5), (12, 1.0), (20, 1.0)]
)
def test_few_pieces_that_balance_make_no_tunnel(balanced: int, share: float) -> None:
    way = Balance(intervals=20, balanced=balanced, by_chance=0.0, log10_chance=-9.0)
    assert told(way, way).evidence == pytest.approx(CAPPED_EVIDENCE * share)
    assert told(way, way, which=Which.MAIL).evidence == CAPPED_EVIDENCE
    seen_half = min(max(2 * balanced / 20 - 0.2, 0.0) / 0.4, 1.0)  # one direction is recorded
    assert told(way).evidence == pytest.approx(CAPPED_EVIDENCE * seen_half)


def test_doubt_is_taken_off() -> None:
    way = Balance(intervals=9, balanced=9, by_chance=1.0, log10_chance=-3.0)
    assert told(way).strength == 2.0
    assert PRIOR < told(way).confidence < 0.2


def test_where_headers_were_learnt_one_way_proves_nothing() -> None:
    """As much is written afar of each letter as is answered to it."""
    all_of_it, half = (
        Balance(intervals=20, balanced=balanced, by_chance=0.0, log10_chance=-9.0)
        for balanced in (20, 8)
    )
    both = Which.BOTH_WAYS
    assert told(all_of_it, all_of_it, which=both).evidence == CAPPED_EVIDENCE
    assert told(all_of_it, half, which=both).evidence == pytest.approx(CAPPED_EVIDENCE / 2)
    assert told(all_of_it, which=both).evidence == 0.0
