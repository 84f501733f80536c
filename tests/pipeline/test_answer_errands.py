"""Which of the places that proxies call are their masters', and which their visitors'."""

from typing import Any

import pytest
from tests.pipeline.test_answer import answer, dials, master, proxy
from tests.scene import outside, own


@pytest.mark.parametrize(("door", "changed", "named"), [
    (1080, {}, False),
    (443, {}, True),  # fronts are called for what they show
    (1080, {"sampled": False}, True),  # then the visits are seen
    (1080, {"pages": False}, True),
    (1080, {"ports": [443, 6667]}, True),
    (1080, {"proxies": [own(number) for number in (10, 11, 20, 21)]}, True),
    (1080, {"weights": {"indicator": 9.0}}, True),
])  # fmt: skip
def test_where_proxies_fetch_pages_for_visitors_is_no_master(
    door: int, changed: dict[str, Any], named: bool
) -> None:
    said: dict[str, Any] = {"ports": [80, 443], "sampled": True, "pages": True} | changed
    each = [proxy(number, relays=True, port=door) for number in (10, 11)]
    called = master(outside(1), 10, 11, 12, **said)
    assert bool(answer(*each, proxy(12), proxy(20), called).masters) == named


@pytest.mark.parametrize(("places", "named"), [([outside(2)], False), ([], True)])
def test_nor_is_one_where_they_are_sent_who_are_sent_elsewhere_too(
    places: list[str], named: bool
) -> None:
    sent = [dials(number, outside(3), "carries-to", places=places) for number in (10, 11)]
    called = master(outside(1), 10, 11, 12, ports=[443], sampled=True, pages=True)
    found = answer(proxy(10), proxy(11), proxy(12), *sent, called).masters
    assert (outside(1) in [each.address for each in found]) == named


@pytest.mark.parametrize(("number", "named"), [(10, False), (20, True)])
def test_where_named_proxies_fetch_what_they_hand_on_is_no_master(
    number: int, named: bool
) -> None:
    """Of hosts that are not named nothing is said."""
    told = dials(number, outside(2), "carries-to", places=[outside(1)])
    called = master(outside(1), 10, 11)
    found = answer(proxy(10), proxy(11), told, called).masters
    assert (outside(1) in [each.address for each in found]) == named


@pytest.mark.parametrize(("log_odds", "sent", "named"), [
    (3.9, -4.0, False),
    (3.9, 0.0, True),
    (4.1, -4.0, True),  # its callers ask as for orders
])  # fmt: skip
def test_a_site_to_which_a_tunnel_sends_all_its_callers_is_no_master(
    log_odds: float, sent: float, named: bool
) -> None:
    called = master(outside(1), 10, 11, log_odds=log_odds, sent=sent)
    assert bool(answer(proxy(10), proxy(11), called).masters) == named
