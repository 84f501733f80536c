"""Crews told from the crowd."""

import numpy as np

from headwater.measures.columns import Floats
from headwater.measures.crews import CROWDED, NO_CREW, Pairs, Told, crews

ALL = 40  # parties


def strangers(visits: list[tuple[int, int]], parties: int, hosts: int) -> Pairs:
    """Who use what they visit; no two of one network."""
    party, host = np.array(visits).T
    return Pairs(
        party=party,
        host=host,
        uses=party >= 0,
        kin=np.arange(len(party)),
        elsewhere=0 * party,
        parties=parties,
        hosts=hosts,
    )


def pairs(
    *visits: tuple[int, int], kin: bool = False, idle: int | None = None, elsewhere: int = 0
) -> Pairs:
    """``kin``: who visits one host comes from one network; ``idle``: who uses nothing."""
    party, host = np.array(sorted(visits)).T
    return Pairs(
        party=party,
        host=host,
        uses=party != idle,
        elsewhere=0 * party + elsewhere,
        kin=np.unique(host if kin else 100 * host + party, return_inverse=True)[1],
        parties=ALL,
        hosts=20,
    )


def told(given: Pairs, chance: float = 9.0, expected: float = 2.0) -> Told:
    return crews(given, np.full(ALL, chance), expected)


def crew(first: int, size: int, hosts: int) -> list[tuple[int, int]]:
    return [(party, host) for party in range(first, first + size) for host in range(hosts)]


CROWD = [(10 + n, n % 6) for n in range(24)]  # four to each of six hosts


def test_who_goes_to_many_is_of_a_crew_and_who_comes_by_is_not() -> None:
    odds: Floats = told(pairs(*crew(0, 2, 6), *CROWD)).log_odds
    assert (odds[:2] > 2).all()
    assert (odds[10:34] < -1).all()


def test_two_who_share_hosts_that_nobody_else_knows_vouch_for_each_other() -> None:
    apart = [(0, 7), (0, 8), (0, 9), (1, 7), (1, 8), (1, 9)]
    at_home = told(pairs(*apart, *CROWD))
    in_the_crowd = told(pairs(*((party, host - 7) for party, host in apart), *CROWD))
    assert (at_home.log_odds[:2] > in_the_crowd.log_odds[:2] + 1).all()
    assert (at_home.crowd[:6] < 0.5).all()


def test_a_crew_without_any_crowd_is_one() -> None:
    assert (told(pairs(*crew(0, 10, 12))).log_odds[:10] > 0).all()


def test_a_large_crew_amid_a_crowd_does_not_pass_for_one() -> None:
    """Each of it goes on from host to host, and would hide the others that do."""
    near = [(20 + n, (n + k) % 8) for n in range(60) for k in range(1 + (n > 35) + (n > 53))]
    far = [(80 + n, 10 + n % 10) for n in range(300)]
    visits = strangers([*crew(0, 20, 8), *near, *far], 380, 20)
    odds: Floats = crews(visits, np.full(380, 9.0), 4.0).log_odds
    assert (odds[:20] > 2).all()
    assert (odds[20:] < -1).all()


def test_a_few_of_a_large_crowd_go_further_by_chance() -> None:
    """By Poisson's law: of three hundred a handful goes to five, and nobody to nine."""
    dice = np.random.default_rng(7)
    far = np.maximum(dice.poisson(1.2, 300), 1)
    each = [dice.permutation(12)[:hosts] for hosts in far]
    public = [(40 + n, host) for n, hosts in enumerate(each) for host in hosts]
    visits = strangers([*crew(0, 2, 9), *public], 340, 12)
    odds: Floats = crews(visits, np.full(340, 9.0), 4.0).log_odds
    assert far.max() == 5
    assert (odds[:2] > 4).all()
    assert (odds[40:] < 0).all()


def test_nobody_is_surer_than_chance_lets_him_be() -> None:
    found = told(pairs(*crew(0, 2, 6), *CROWD), chance=-1.0).log_odds
    assert (found[:34] <= -1.0).all()
    assert found[39] == NO_CREW


def test_neighbours_are_no_crowd() -> None:
    """One network's addresses, one after another at each host."""
    same = pairs(*crew(0, 9, 2), kin=True)
    assert told(same).crowd.tolist() == [0.0] * 18


def test_who_goes_to_none_of_the_others_is_of_the_crowd_as_well() -> None:
    alone, among_many = (pairs(*crew(0, 2, 3), elsewhere=more) for more in (0, 6))
    assert (told(alone).crowd < 1).all()
    assert (told(among_many).crowd >= 6).all()


def test_a_crew_that_goes_together_and_hardly_further_does_not_pass_for_a_crowd() -> None:
    """Ten who are seen at some of five hosts, where nobody else comes."""
    three = [(0, 1, 2), (0, 1, 3), (1, 2, 3), (2, 3, 4), (0, 2, 4), (1, 3, 4)]
    seen = [*three, (0, 1), (2, 4), (3,), (1,)]
    group = [(party, host) for party, hosts in enumerate(seen) for host in hosts]
    public = [(20 + n, 10 + n % 10) for n in range(400)]
    further = [(20 + n, 10 + (n + 3) % 10) for n in range(60)]
    visits = strangers([*group, *public, *further], 420, 20)
    odds: Floats = crews(visits, np.full(420, 9.0), 6.0).log_odds
    assert (odds[: len(three)] > 0).all()
    assert (odds[20:] < -1).all()


def test_who_may_go_there_by_chance_is_no_crowd_for_it() -> None:
    """Of some of a crew too little is known of the hosts: the others are not doubted for it."""
    three = [(0, 1, 2), (0, 1, 3), (1, 2, 3), (0, 2, 3)]
    seen = [*three, *three, (0, 1), (1, 2), (2, 3)]
    group = [(party, host) for party, hosts in enumerate(seen) for host in hosts]
    public = [(20 + n, 10 + n % 10) for n in range(60)]
    chance = np.full(80, 3.0)
    chance[4:11] = -2.0
    odds: Floats = crews(strangers([*group, *public], 80, 20), chance, 6.0).log_odds
    assert (odds[:4] > 2).all()
    assert (odds[4:11] == -2.0).all()
    assert (odds[20:] < -1).all()


def test_who_uses_nothing_is_no_crowd() -> None:
    visits = pairs((0, 0), (1, 0), (2, 0), idle=2)
    crowd = told(visits, chance=-30.0).crowd  # of no crew, surely
    assert crowd.round(6).tolist() == [1.0, 1.0, 2.0]


def test_beyond_many_more_visitors_say_no_more() -> None:
    def odds(visitors: int) -> float:
        others = [(1 + n, 0) for n in range(visitors)] + [(30 + n, 1) for n in range(9)]
        return float(told(pairs((0, 0), *others), expected=1.0).log_odds[0]) + np.log(
            visitors + 10
        )

    few, many, more = (odds(n) for n in (2, int(CROWDED) + 2, int(CROWDED) + 12))
    assert few > many
    assert abs(many - more) < 0.1


def test_without_visits_nothing_is_told() -> None:
    nobody = np.zeros(0, np.int64)
    none = Pairs(
        party=nobody, host=nobody, uses=nobody.astype(bool), kin=nobody, elsewhere=nobody,
        parties=ALL, hosts=2,
    )  # fmt: skip
    assert told(none).log_odds.tolist() == [NO_CREW] * ALL
