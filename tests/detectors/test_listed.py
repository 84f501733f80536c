"""What lists weigh where most of the sick show little but that they are listed."""

import pytest
from tests.scene import own

from headwater.detectors.hijacked import Host, _listed
from headwater.measures.lists import MOST, UNTOLD


def faint(number: int, weight: float, *lists: str) -> Host:
    """A host of which little is said."""
    claims = {"watched": [{"weight": weight, "summary": "seen before"}]}
    return Host(address=own(number), claims=claims, lists=lists)


@pytest.mark.parametrize(("weight", "least", "most"), [(5.0, UNTOLD, MOST), (0.0, 0.0, 1.0)])
def test_the_faint_tell_for_the_lists_that_know_them(
    weight: float, least: float, most: float
) -> None:
    hosts = [
        *(faint(number, weight, "a") for number in range(60)),
        *(faint(number, weight) for number in range(60, 120)),
        *(faint(number, 0.0) for number in range(120, 250)),
    ]
    listed = {host.listed for host in _listed(hosts)}
    assert listed == {0.0, max(listed)}
    assert least <= max(listed) <= most


def test_of_few_hosts_a_list_says_what_lists_say() -> None:
    (host,) = _listed([faint(1, 0.0, "a")])
    assert host.listed == pytest.approx(UNTOLD, abs=0.5)
