from datetime import UTC, datetime

from headwater.domains.known import known, trust
from headwater.records.domain import DomainFact, Standing

NAME = "shop.example"


def fact(kind: str, value: str, day: int, source: str = "rdap:r.example") -> DomainFact:
    at = datetime(2026, 1, day, tzinfo=UTC)
    return DomainFact(name=NAME, fact=kind, value=value, as_of=at, source=source)


def test_nothing_known() -> None:
    found = known(NAME, [])
    assert (found.standing, found.since) == (None, None)


def test_the_registry_is_believed_before_lists_and_its_text() -> None:
    found = known(
        NAME,
        [
            fact("registered", "2026-01-01", 9, "feed"),
            fact("registered", "2003-09-27", 8, "whois:w.example"),
            fact("registered", "2003-09-26T00:00:00Z", 2),
        ],
    )
    assert found.registered is not None
    assert found.registered.value == "2003-09-26T00:00:00Z"
    assert found.is_registration
    assert trust("rdap:x") < trust("whois:x") < trust("feed")


def test_first_seen_stands_in_for_an_unknown_registration() -> None:
    found = known(
        NAME,
        [fact("first-seen", "2026-01-04", 4, "b"), fact("first-seen", "2026-01-02", 5, "a")],
    )
    assert found.since is not None
    assert (found.since.value, found.is_registration) == ("2026-01-02", False)
    assert found.standing is Standing.REGISTERED


def test_of_one_source_the_latest_word_holds() -> None:
    found = known(
        NAME,
        [
            fact("registrar", "One", 1),
            fact("registrar", "Two", 2),
            fact("nameserver", "old.example.net", 1),
            fact("nameserver", "a.example.net", 2),
            fact("nameserver", "b.example.net", 2),
        ],
    )
    assert found.registrar is not None
    assert found.registrar.value == "Two"
    assert found.nameservers == ("a.example.net", "b.example.net")


def test_a_domain_that_is_gone_and_one_that_came_back() -> None:
    before = [fact("standing", "registered", 1), fact("registered", "2003-09-26", 1)]
    gone = [*before, fact("standing", "free", 5)]
    assert known(NAME, gone).standing is Standing.FREE
    assert known(NAME, gone).since is None
    back = [
        *gone,
        fact("standing", "registered", 9),
        fact("first-seen", "2026-01-09", 9, "feed"),
    ]
    found = known(NAME, back)
    assert found.registered is None  # the date of the registration that is over
    assert found.since is not None
    assert found.since.value == "2026-01-09"
