"""Third-party reports: who is accused, when, of what, as a person reads them."""

import os
from pathlib import Path

import pytest
from benchmarks.report_truth import Score, scores
from tests.wire.reports.cases import WORDS

CORPORA = Path(os.environ.get("HEADWATER_CORPORA", "/nowhere"))

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(
        not (CORPORA / "abuse").is_dir(), reason="HEADWATER_CORPORA names no folder with abuse/"
    ),
]


@pytest.mark.parametrize("everything_own", [False, True], ids=["own only", "everything own"])
def test_nobody_is_accused_wrongly_and_hardly_anybody_missed(everything_own: bool) -> None:
    found = scores(CORPORA, WORDS, everything_own)
    assert {name: s.wrong for name, s in found.items() if s.wrong} == {}
    # Two addresses of IPv6 with a port and without brackets cannot be told from longer ones.
    assert {name: s.none for name, s in found.items() if s.none} == {"google": 2}


def test_times_and_kinds() -> None:
    found = scores(CORPORA, WORDS, everything_own=False)
    assert missed(found, "kind") == {}
    # Netcraft's samples were edited: two tell of times two weeks after they were sent.
    assert missed(found, "time") == {"netcraft": 2}


def missed(found: dict[str, Score], what: str) -> dict[str, int]:
    return {
        n: s.address - getattr(s, what)
        for n, s in found.items()
        if s.address > getattr(s, what)
    }
