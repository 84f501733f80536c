"""Mailers near: how many others mail by themselves where a sender lives."""

import numpy as np
import pytest

from headwater.measures.mailers_near import MOST, SHARE, WORTH, Area, near_weights

HOSTS = 10_000
LAWFUL, SICK = 0.01, 0.99


def numbers(names: list[str]) -> list[int]:
    return [sorted(set(names)).index(name) for name in names]


def weights(names: list[str], living: list[int], sick: list[float]) -> list[float]:
    """Of one area."""
    area = Area(numbers(names), living)
    return [float(w) for w in near_weights([area], HOSTS, np.array(sick))]


def test_lawful_senders_nearby_clear_and_lonely_ones_are_likelier_sick() -> None:
    names, living = ["hoster"] * 50 + ["homes"], [1000] * 50 + [9000]
    *hoster, home = weights(names, living, [LAWFUL] * 51)
    assert max(hoster) < -0.5
    assert home > 0.5


def test_as_many_as_everywhere_say_nothing() -> None:
    said = weights(["here"] * 50, [HOSTS] * 50, [LAWFUL] * 50)
    assert said == pytest.approx([0.0] * 50, abs=0.02)


def test_sick_ones_nearby_do_not_clear() -> None:
    names, living = ["farm"] * 20 + ["hoster"] * 20, [200] * 40
    said = weights(names, living, [SICK] * 20 + [LAWFUL] * 20)
    assert abs(said[0]) < 0.1
    assert said[20] < -0.5


def test_nobody_speaks_for_himself() -> None:
    """Where one alone mails it does not matter whether he is lawful."""
    rest = ["hoster"] * 50
    lawful, sick = (
        weights(["home", *rest], [200] + [1000] * 50, [one] + [LAWFUL] * 50)[0]
        for one in (LAWFUL, SICK)
    )
    assert lawful == pytest.approx(sick, abs=0.05)


def test_the_near_one_is_told_by_the_wider_one_until_enough_mail_there() -> None:
    wide = Area([1] * 40 + [2] * 40, [1000] * 40 + [9000] * 40)
    near = Area(list(range(80)), [10] * 80)  # nobody else mails from there
    both = near_weights([wide, near], HOSTS, np.full(80, LAWFUL))
    alone = near_weights([near], HOSTS, np.full(80, LAWFUL))
    assert both[0] < alone[0] < both[40]


def test_it_says_half_and_no_more_than_most() -> None:
    few = 100
    said = weights(["hoster"] * 20 + ["homes"], [few] * 20 + [HOSTS], [0.0] * 20 + [0.0])
    rate = 21 / HOSTS
    expected = SHARE * np.log(rate * (few - 1 + WORTH / rate) / (19 + WORTH))
    assert said[0] == pytest.approx(max(expected, -MOST))
    crowd = weights(["rack"] * 90 + ["x"], [90] * 90 + [HOSTS], [0.0] * 91)
    assert crowd[0] == -MOST
