"""Fetched for: contents of others, while something is handed over."""

from dataclasses import replace

import numpy as np
import pytest
from tests.measures.test_pooling import farm, one

from headwater.measures.fetched_for import BARE, fetched_for
from headwater.measures.pooling import Pool


def pool(*, coming: float = 1000.0, called: int = 7000, fetched_at: int = 443) -> Pool:
    """Hosts that fetch in packets of so many octets, and call one outsider meanwhile."""
    seen = one(farm(6, 12, coupled=True))
    inner, outer = seen.inner, seen.outer
    of_both = [
        np.full(len(each.port), at) for each, at in ((inner, called), (outer, fetched_at))
    ]
    got = coming * outer.got_packets
    return replace(
        seen,
        there=False,
        inner=replace(inner, port=of_both[0]),
        outer=replace(outer, port=of_both[1], got=got),
    )


def test_what_comes_in_full_packets_was_fetched() -> None:
    assert fetched_for(pool())


@pytest.mark.parametrize(("coming", "fetched"), [(BARE - 1, False), (BARE, True)])
def test_who_is_told_that_pictures_came_fetches_nothing(coming: float, fetched: bool) -> None:
    assert fetched_for(pool(coming=coming)) == fetched


@pytest.mark.parametrize(("called", "fetched"), [(22_000, False), (443, True)])
def test_a_ring_fetches_from_each_other(called: int, fetched: bool) -> None:
    """But sites and gateways alike are called at the ports of the web."""
    assert fetched_for(pool(called=called, fetched_at=called)) == fetched
