"""What a relay's visitors get: mail sent for them, something else, or a refusal."""

import numpy as np
import pytest
from tests.measures.test_coupling import S, joined, legs, sizes, spread

from headwater.measures.coupling import HANDSHAKE_OCTETS, Legs
from headwater.measures.served import (
    FEWEST_SERVERS,
    MOST_HEADERS,
    browsed,
    mailed,
    turned_away,
)

DRIVER, READER = 1, 2


def letters(starts_s: list[float], amounts: list[int], servers: int = 9) -> Legs:
    """One after the other to so many servers, each half a second after a start."""
    sent = legs([at + 0.5 for at in starts_s], amounts)
    sent.far[:] = 100 + np.arange(len(sent)) % servers
    return sent


def of(visits: Legs, sent: Legs) -> dict[int, int]:
    in_order = visits.only(np.argsort(visits.start_us, kind="stable"))
    return mailed(in_order, sent, S // 10, 2 * S)


@pytest.mark.parametrize(
    ("count", "servers", "told"),
    [
        (4, FEWEST_SERVERS, True),
        (4, FEWEST_SERVERS - 1, False),  # who tests has letters sent to himself
        (2, FEWEST_SERVERS, False),  # two are chance
    ],
)
def test_for_whom_letters_go_to_several_is_told(count: int, servers: int, told: bool) -> None:
    starts, amounts = spread(count, 1), sizes(count, 2)
    visits = legs(starts, amounts, far=DRIVER)
    assert of(visits, letters(starts, amounts, servers)) == ({DRIVER: count} if told else {})


def test_who_reads_amid_a_drivers_letters_is_not() -> None:
    """By starts alone more than half of the pages have a letter beside them."""
    times = np.random.default_rng(3)
    starts = (1_000 + np.cumsum(times.exponential(2.0, 300))).tolist()
    amounts = sizes(300, 4)
    visits = legs(starts, amounts, far=DRIVER)
    for reader in range(READER, READER + 40):
        at = times.uniform(starts[0], starts[-1], 12).tolist()
        visits = joined(visits, legs(at, sizes(12, reader), far=reader))
    assert of(visits, letters(starts, amounts)) == {DRIVER: 300}


def test_who_hands_in_now_and_then_what_goes_on_is_not() -> None:
    """Of what a mail server gets from another some is forwarded."""
    starts, amounts = spread(240, 5), sizes(240, 6)
    visits = legs(starts, amounts, far=DRIVER)
    assert of(visits, letters(starts[::5], amounts[::5])) == {}
    assert of(visits, letters(starts[::3], amounts[::3])) != {}


def test_more_than_a_knock_is_read_or_it_was_not_seen_whole() -> None:
    visits = legs([1.0, 2.0], [MOST_HEADERS * 4, MOST_HEADERS * 4 + 1])
    visits.far[:] = DRIVER, READER
    visits.down_bytes[:] = 9 * MOST_HEADERS
    errands = np.array([0, 0, 1])
    assert browsed(visits, errands, sampled=False).tolist() == [READER]
    assert browsed(visits, errands, sampled=True).tolist() == [DRIVER, DRIVER, READER]


def test_who_got_a_refusal_and_nothing_else_was_turned_away() -> None:
    visits = legs([1.0, 2.0, 3.0, 4.0], [900] * 4)
    visits.far[:] = 1, 2, 2, 3
    visits.down_bytes[:] = HANDSHAKE_OCTETS, HANDSHAKE_OCTETS, 9_000, HANDSHAKE_OCTETS
    passed = np.array([False, False, False, True])
    assert turned_away(visits, slice(0, 4), passed) == 1
