"""Places called by those to whom a tunnel brings errands."""

from dataclasses import replace

import numpy as np
import pytest
from tests.measures.test_calls import answer

from headwater.measures.blind import (
    BLIND_WEIGHT,
    SENT_WEIGHT,
    blind,
    blind_weight,
    sent_weight,
)
from headwater.measures.calls import SUSPECT, Calls, calls_in


def calls(tunnels: int, *ports: int) -> Calls:
    """One place with four sick callers, of whom so many get errands by a tunnel."""
    rows = [
        ("203.0.113.1", "whole", ports[number % len(ports)], f"192.0.2.{number}", 1, SUSPECT)
        for number in range(4)
    ]
    return replace(calls_in(answer(*rows)), tunnel=np.arange(4) < tunnels)


ALL = slice(0, 4)


@pytest.mark.parametrize(("tunnels", "told"), [(2, False), (3, True)])
def test_of_half_of_the_callers_visits_would_tell(tunnels: int, told: bool) -> None:
    of = calls(tunnels, 443)
    assert blind(of, ALL) == told
    assert blind_weight(of, ALL, regular=False) == (BLIND_WEIGHT if told else 0.0)
    assert blind_weight(of, ALL, regular=True) == 0.0  # a timer calls by itself


def test_errands_lead_to_sites() -> None:
    site, other = calls(4, 80, 443), calls(4, 443, 8443)
    assert sent_weight(site, ALL, unseen=True, fetched=0.0) == SENT_WEIGHT
    assert sent_weight(other, ALL, unseen=True, fetched=0.0) == 0.0
    assert sent_weight(site, ALL, unseen=False, fetched=0.0) == 0.0


@pytest.mark.parametrize(("fetched", "weight"), [(2.2, SENT_WEIGHT), (2.3, 0.0)])
def test_who_gets_orders_was_not_sent_for_pages(fetched: float, weight: float) -> None:
    assert sent_weight(calls(4, 443), ALL, unseen=True, fetched=fetched) == weight
