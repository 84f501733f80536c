from datetime import UTC, datetime

from headwater.domains.history import history
from headwater.records.domain import DomainFact


def fact(kind: str, value: str, day: int, source: str = "rdap:r.example") -> DomainFact:
    at = datetime(2026, 1, day, tzinfo=UTC)
    return DomainFact(name="shop.example", fact=kind, value=value, as_of=at, source=source)


def test_changes_in_times_order() -> None:
    turns = history(
        [
            fact("nameserver", "b.example.net", 3),
            fact("registrar", "Two", 5),
            fact("nameserver", "a.example.net", 1),
            fact("registrar", "One", 1),
            fact("registrar", "One", 3),
            fact("registrar", "ONE LTD", 4, "whois:w.example"),
            fact("status", "ok", 4),
        ]
    )
    assert [(t.at.day, t.fact, t.before, t.after) for t in turns] == [
        (1, "nameserver", (), ("a.example.net",)),
        (1, "registrar", (), ("One",)),
        (3, "nameserver", ("a.example.net",), ("b.example.net",)),
        (4, "registrar", (), ("ONE LTD",)),
        (5, "registrar", ("One",), ("Two",)),
    ]
