"""Third-party suites of registry answers: what the project promises of them."""

import os
from pathlib import Path

import pytest
from benchmarks.parse_table import Row, table

PROMISED = {
    "standing": 0.98,
    "registered": 0.98,
    "changed": 0.95,
    "expires": 0.95,
    "registrar": 0.95,
    "nameservers": 0.95,
}

pytestmark = pytest.mark.corpora


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    root = os.environ.get("HEADWATER_CORPORA")
    if not root:
        pytest.skip("HEADWATER_CORPORA is not set")
    return table(Path(root))


def test_enough_is_right(rows: list[Row]) -> None:
    short = [row.line() for row in rows if row.right_share < PROMISED[row.fact]]
    assert short == []


def test_nothing_is_wrong_without_a_listed_reason(rows: list[Row]) -> None:
    assert [(m.key, m.fact, m.given) for row in rows for m in row.unexplained] == []


def test_no_date_of_creation_is_made_up(rows: list[Row]) -> None:
    made_up = [m for r in rows for m in r.misses if m.verdict == "made up"]
    assert [m.key for m in made_up if m.fact == "registered" and not m.reason] == []
    assert sum(row.counts["nothing"] for row in rows) > 800
