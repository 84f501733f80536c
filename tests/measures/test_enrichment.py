import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from headwater.measures.enrichment import log10_hypergeometric_tail


@given(st.data())
def test_tail_is_that_of_the_reference(data: st.DataObject) -> None:
    hosts = data.draw(st.integers(1, 400))
    suspects = data.draw(st.integers(0, hosts))
    drawn = data.draw(st.integers(0, hosts))
    hits = data.draw(st.integers(0, drawn))
    (found,) = log10_hypergeometric_tail(np.array([drawn]), np.array([hits]), suspects, hosts)
    expected = hypergeom.sf(hits - 1, hosts, suspects, drawn)
    if expected == 0.0:
        assert found == -np.inf
    else:
        assert found == pytest.approx(np.log10(expected), abs=1e-6)


def test_meeting_ten_of_ten_suspects_is_no_chance() -> None:
    (found,) = log10_hypergeometric_tail(np.array([10]), np.array([10]), 50, 20_000)
    assert found < -25


def test_meeting_everyone_says_nothing() -> None:
    (found,) = log10_hypergeometric_tail(np.array([20_000]), np.array([50]), 50, 20_000)
    assert found == pytest.approx(0.0, abs=1e-9)
