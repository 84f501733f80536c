"""What drivers say of a host by going there."""

import numpy as np
import pytest

from headwater.measures.columns import Floats
from headwater.measures.visits import Visits
from headwater.measures.vouching import by_others

SICK = 6


def visits(*pairs: tuple[int, int], shut: tuple[int, int] | None = None) -> Visits:
    """Hosts below six are suspects; ``shut``: a pair in which the host did not answer."""
    party, host = np.array(sorted(pairs)).T
    sick = host < SICK
    return Visits(
        party=party,
        host=host,
        parties=[f"198.51.100.{number}" for number in range(int(party.max()) + 1)],
        hosts=[f"192.0.2.{number}" for number in range(int(host.max()) + 1)],
        confidence=np.where(sick, 0.9, 0.0),
        suspect=sick,
        faint=sick,
        met=np.array([pair != shut for pair in zip(party, host, strict=True)]),
        on_purpose=sick,
        fellow=np.zeros(len(party)),
        mailed=np.zeros(len(party)),
        columns={},
        all_hosts=100,
        all_suspects=SICK,
        all_visits=200,
        all_sources=50,
    )


DRIVER = [(0, host) for host in range(SICK)]


def told(given: Visits, pair: tuple[int, int], *drivers: int, sure: float = 0.99) -> float:
    drives = np.isin(np.arange(len(given.parties)), drivers)
    by: Floats = by_others(given, drives, np.full(len(given.parties), sure))
    return float(by[(given.party == pair[0]) & (given.host == pair[1])][0])


def test_where_a_driver_goes_the_others_find_one_of_its_proxies() -> None:
    given = visits(*DRIVER, (0, 7), (1, 7), (1, 8))
    assert 0.5 < told(given, (1, 7), 0) < 0.9
    assert told(given, (1, 8), 0) == 0.0


def test_nobody_hears_its_own_echo() -> None:
    assert told(visits(*DRIVER, (0, 7), (1, 7)), (0, 7), 0) == 0.0


def test_who_is_no_driver_says_nothing() -> None:
    given = visits(*DRIVER, (0, 7), (1, 7))
    assert told(given, (1, 7)) == 0.0
    assert told(given, (1, 7), 0, sure=0.5) < told(given, (1, 7), 0)


def test_a_host_that_did_not_answer_was_not_reached() -> None:
    assert told(visits(*DRIVER, (0, 7), (1, 7), shut=(0, 7)), (1, 7), 0) == 0.0


def test_a_driver_that_goes_to_many_of_the_well_says_less() -> None:
    well = [(0, host) for host in range(20, 40)]
    aiming, roaming = visits(*DRIVER, (0, 7), (1, 7)), visits(*DRIVER, *well, (0, 7), (1, 7))
    assert told(roaming, (1, 7), 0) < 0.3 < told(aiming, (1, 7), 0)


def test_two_drivers_say_more_than_one() -> None:
    second = [(1, host) for host in range(SICK)]
    given = visits(*DRIVER, *second, (0, 7), (1, 7), (2, 7))
    assert told(given, (2, 7), 0, 1) > told(given, (2, 7), 0)


def test_what_is_known_of_a_host_stays() -> None:
    assert told(visits(*DRIVER, (1, 2)), (1, 2), 0) >= 0.9


@pytest.mark.parametrize("fellow", [0.2, 0.8])
def test_the_port_of_proxies_tells_of_a_host_as_well(fellow: float) -> None:
    given = visits(*DRIVER, (1, 7))
    given.fellow[given.host == 7] = fellow
    assert told(given, (1, 7)) == pytest.approx(fellow)
