"""Whom hosts dial to be used."""

from itertools import permutations

from tests.pipeline.test_answer import dials
from tests.scene import outside, own

from headwater.pipeline.gateways import GATEWAYS, as_gateways
from headwater.records.finding import Finding


def servers(*claims: Finding, hosts: tuple[int, ...] = (10, 11)) -> list[str]:
    told = as_gateways([own(host) for host in hosts], claims)
    assert told.schema == GATEWAYS
    return [row["server"] for row in told.to_pylist()]


def test_of_gateways_that_take_turns_all_are_told() -> None:
    each = [dials(10, outside(n), "dials-back", confidence=0.5 + n / 10) for n in (1, 2, 3)]
    assert servers(*each) == [outside(n) for n in (1, 2, 3)]


def test_of_other_ways_to_be_used_each_hosts_surest_is() -> None:
    claims = [
        dials(10, outside(1), "tunnel-out", confidence=0.4),
        dials(10, outside(2), "carries-to", confidence=0.3),
        dials(11, outside(3), "mails-for", confidence=0.2),
    ]
    assert servers(*claims) == [outside(1), outside(3)]


def test_of_two_as_sure_always_the_same_is_told() -> None:
    claims = [dials(10, outside(n), "tunnel-out") for n in (1, 2, 3)]
    for each in permutations(claims):
        assert servers(*each) == [outside(3)]


def test_who_is_no_suspect_tells_of_none() -> None:
    assert servers(dials(12, outside(1), "dials-back")) == []
    assert servers(dials(10, outside(1), "dials-back"), hosts=()) == []


def test_who_comes_in_is_none() -> None:
    assert servers(dials(10, outside(1), "tunnel-in")) == []
