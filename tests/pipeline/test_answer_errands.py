"""Which of the places that proxies call are their masters', and which their visitors'."""

from typing import Any

import pytest
from tests.pipeline.test_answer import answer, master, proxy
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
