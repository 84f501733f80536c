import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.reports.cases import DESK, mail

from headwater.records.errors import Misconfigured
from headwater.records.incident import IncidentKind
from headwater.wire.reports.pattern import (
    Pattern,
    from_toml,
    learn,
    opinion_of,
    skeleton,
    to_toml,
)

TEXT = "Blob 77 | culprit {address} | on {time} | port {port}\n"
TAUGHT = mail(
    "Ticket 1234", TEXT.format(address="192.0.2.7", time="2019-03-12 08:15:27", port=4711)
)


def test_a_pattern_learnt_on_one_mail_reads_its_like() -> None:
    pattern = learn(
        "acme", TAUGHT, "192.0.2.7", "2019-03-12 08:15:27", "4711", IncidentKind.SCAN
    )
    opinion = opinion_of(pattern)
    other = mail(
        "Ticket 99", TEXT.format(address="192.0.2.9", time="2019-03-11 07:00:00", port=80)
    )
    assert opinion.recognises(other)
    (claim,) = opinion.takes(other, DESK).claims
    assert (claim.address, claim.port, claim.kind) == ("192.0.2.9", 80, IncidentKind.SCAN)
    assert claim.moment is not None
    assert claim.moment.at.day == 11


def test_a_field_on_a_line_of_its_own_is_known_by_the_line_above() -> None:
    pattern = learn("acme", mail("x", "The culprit\n\n192.0.2.7\n"), "192.0.2.7")
    reading = opinion_of(pattern).takes(mail("x", "The culprit\n192.0.2.8\n"), DESK)
    assert [c.address for c in reading.claims] == ["192.0.2.8"]


def test_other_senders_are_not_recognised() -> None:
    pattern = learn("acme", TAUGHT, "192.0.2.7")
    assert not opinion_of(pattern).recognises(mail("Another subject", "x"))


@pytest.mark.parametrize(
    ("name", "address", "told"),
    [("Acme!", "192.0.2.7", "name"), ("acme", "192.0.2.99", "does not stand")],
)
def test_what_cannot_be_learnt(name: str, address: str, told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        learn(name, TAUGHT, address)


def test_numbers_are_left_open() -> None:
    assert skeleton("Ticket 12ab: 192.0.2.7 at 08:15") == "Ticket # # at #"


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from([*IncidentKind, None]))
def test_there_and_back(subject: str, before: str, kind: IncidentKind | None) -> None:
    pattern = Pattern(
        name="a", sender="reporter.example", subject=subject, address_before=before, kind=kind
    )
    assert from_toml("a", to_toml(pattern)) == pattern


@pytest.mark.parametrize(
    "text", ["[", "sender = 'x'", "sender='x'\nsubject='y'\naddress_before='z'\nkind='gossip'"]
)
def test_a_broken_file_is_named(text: str) -> None:
    with pytest.raises(Misconfigured, match="pattern acme"):
        from_toml("acme", text)
