"""Who mails what a place sends it."""

from dataclasses import replace

import numpy as np
import pytest

from headwater.measures.fed_callers import (
    ITSELF,
    LEAST,
    MAILING,
    MOST,
    OCTETS,
    Fed,
    fed,
)

SENT = np.array([100, 200, 300])
HOSTS = np.arange(3)


def told(*mailed: int) -> Fed:
    return fed(3, HOSTS, SENT, np.array(mailed))


def test_what_came_in_several_calls_is_added_up() -> None:
    found = fed(2, np.array([0, 0, 1]), np.array([400, 400, 400]), np.array([500, 500, 500]))
    assert (found.callers, found.mailing, found.sent, found.mailed) == (2, 2, 1200, 1000)
    assert found.share == 1.2
    assert replace(found, mailed=0).share == found.sent


@pytest.mark.parametrize(("mailed", "together", "rising"), [
    ((100, 200, 300), 1.0, True), ((50, 100, 150), 1.0, True),
    ((300, 200, 100), 400 / 600, False), ((0, 0, 600), 0.5, True),
])  # fmt: skip
def test_whether_each_mails_what_it_was_sent_itself(
    mailed: tuple[int, ...], together: float, rising: bool
) -> None:
    assert (told(*mailed).together, told(*mailed).rising) == (together, rising)


ENOUGH = Fed(
    all_callers=6, callers=3, mailing=3, mailed=3 * OCTETS, sent=3 * OCTETS, together=ITSELF,
    rising=False,
)  # fmt: skip


@pytest.mark.parametrize(("changed", "feeds"), [
    ({}, True), ({"mailing": MAILING - 1}, False), ({"all_callers": 7}, False),
    ({"mailed": 3 * OCTETS - 1}, False), ({"together": ITSELF - 0.01}, False),
    ({"together": ITSELF - 0.01, "rising": True}, True),
    ({"sent": int(3 * OCTETS * MOST) + 9}, False),
    ({"sent": int(3 * OCTETS * LEAST) - 9}, False),
])  # fmt: skip
def test_what_makes_a_gateway(changed: dict[str, float], feeds: bool) -> None:
    assert replace(ENOUGH, **changed).feeds(1.0) == feeds  # type: ignore[arg-type]
