"""What callers say of their places: for a master, and for an end of errands."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from headwater.measures.ballots import MOST_COMPANY, company, hidden, of_few, told
from headwater.measures.calls import Calls, calls_in
from headwater.measures.columns import Floats
from headwater.measures.targets import ERRANDS_ODDS, few_odds

FIXED = {
    "part": "whole", "opened_at": 5, "bytes": 900, "down_bytes": 400, "down_packets": 2,
    "mailed": 0, "followed": 0, "covered_us": 0, "since_us": 0, "tunnel": 0, "sampling": 100,
    "relays": 0, "gateway": 0, "indicated": 0, "met": 10, "hosts": 1000, "suspects": 20,
    "expected": 20.0,
    "met_in_all": 10_000, "places": 3000, "calls_in_all": 40, "mailers": 1,
    "sick_at_80": 0, "sick_at_443": 0, "well_at_80": 0, "well_at_443": 0, "opened": 9,
    "carried": 0,
}  # fmt: skip
SICK, WELL = range(8), range(100, 108)


def judged(*callers: Sequence[int], port: int = 443) -> tuple[Floats, Floats]:
    """Company, and odds against errands, of places with these callers each."""
    calls, places = placed(*callers, port=port)
    ballots = [np.unique(calls.host[rows]) for rows in places]
    met, odds = told(calls, places, ballots)
    assert company(calls, places, ballots).tolist() == met.tolist()
    return met, odds


def placed(
    *callers: Sequence[int], port: int = 443, gateway: int = 0, sampling: int = 100
) -> tuple[Calls, list[slice]]:
    rows = [
        {
            **FIXED, "gateway": gateway, "sampling": sampling,
            "server": f"203.0.113.{place}", "port": port, "host": f"h{host}",
            "confidence": 0.95 * (host in SICK), "apart": 0.95 * (host in SICK),
        }
        for place, hosts in enumerate(callers)
        for host in hosts
    ]  # fmt: skip
    calls = calls_in(pa.Table.from_pylist(rows))
    ends = np.cumsum([0, *(len(hosts) for hosts in callers)])
    return calls, [slice(int(a), int(b)) for a, b in pairwise(ends)]


def together(sick: int, well: int) -> list[int]:
    return [*SICK[:sick], *WELL[:well]]


def test_the_sick_among_themselves_are_company() -> None:
    (many, few, none), _ = judged(SICK, SICK[:2], WELL)
    assert many == MOST_COMPANY
    assert few < many
    assert none < 0.0


def test_where_nobody_else_goes_errands_hardly_lead() -> None:
    _, (alone,) = judged(SICK)
    _, (shared,) = judged(together(8, 8))
    assert alone == pytest.approx(ERRANDS_ODDS, abs=0.2)
    assert shared < 0.0


def test_where_the_public_goes_as_well_each_further_place_makes_all_less_likely() -> None:
    _, one = judged(together(8, 8))
    _, four = judged(*[together(8, 8)] * 4)
    assert (four < one - 0.9).all()


def test_what_is_no_site_errands_do_not_lead_to() -> None:
    _, odds = judged(*[together(8, 8)] * 4, port=8443)
    assert odds.tolist() == [ERRANDS_ODDS] * 4


def test_of_many_places_where_the_same_sick_go_few_give_orders() -> None:
    crew, others = [SICK[:4]] * 6, [SICK[4:6]]
    calls, places = placed(*crew, *others)
    likely = dict(enumerate(places))
    assert of_few(calls, likely) == {**dict.fromkeys(range(6), few_odds(6)), 6: few_odds(1)}
    assert of_few(calls, {2: places[2]}) == {2: few_odds(1)}  # the rest is no master's anyway
    assert of_few(calls, {}) == {}


def test_gateways_and_what_is_no_site_stand_in_rows() -> None:
    for calls, places in (placed(*[SICK] * 6, port=8443), placed(*[SICK] * 6, gateway=1)):
        assert of_few(calls, dict(enumerate(places))) == {}


@pytest.mark.parametrize(("callers", "share"), [
    ([SICK, SICK[:4]], 1 / 13),
    ([together(8, 2), together(8, 1), SICK[:4]], (0.9 * 23 - 19) / 21.7),
    ([SICK, together(8, 8)], 1 / 9),  # where the public goes, who shows nothing is well
    ([together(8, 8)], 1.0),
])  # fmt: skip
def test_of_the_sick_as_many_hide_as_callers_of_masters_show_nothing(
    callers: list[list[int]], share: float
) -> None:
    calls, places = placed(*callers)
    assert hidden(calls, places) == pytest.approx(share, abs=0.02)


def test_where_every_packet_was_counted_who_shows_nothing_waits_to_be_used() -> None:
    calls, places = placed(SICK, SICK[:4], sampling=1)
    assert hidden(calls, places) == hidden(calls, []) == 1.0
