from datetime import UTC, datetime

import pytest

from headwater.domains.facts import facts_of
from headwater.records.domain import DomainAnswer, Standing

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_an_answer_becomes_rows() -> None:
    answer = DomainAnswer(
        standing=Standing.REGISTERED,
        registered="2003-09-26",
        registrar="One Ltd",
        nameservers=("a.example.net", "b.example.net"),
        status=("ok",),
    )
    rows = list(facts_of("shop.example", answer, "rdap:r.example", NOW))
    assert [(row.fact, row.value) for row in rows] == [
        ("standing", "registered"),
        ("registered", "2003-09-26"),
        ("registrar", "One Ltd"),
        ("nameserver", "a.example.net"),
        ("nameserver", "b.example.net"),
        ("status", "ok"),
    ]
    assert {(row.name, row.source, row.as_of) for row in rows} == {
        ("shop.example", "rdap:r.example", NOW)
    }


@pytest.mark.parametrize("standing", [Standing.ASK_AGAIN, Standing.CANNOT_SAY])
def test_what_says_nothing_leaves_nothing(standing: Standing) -> None:
    answer = DomainAnswer(standing=standing, registered="2003-09-26")
    assert list(facts_of("shop.example", answer, "x", NOW)) == []


def test_no_such_domain_is_a_fact() -> None:
    rows = list(facts_of("shop.example", DomainAnswer(standing=Standing.FREE), "x", NOW))
    assert [(row.fact, row.value) for row in rows] == [("standing", "free")]
