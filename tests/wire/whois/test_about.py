import pytest

from headwater.wire.whois.about import concerning, date_of, domain_of, names_domain, of_others
from headwater.wire.whois.lines import take_apart
from headwater.wire.whois.words import Meaning


def test_labels_of_the_domain() -> None:
    assert names_domain("Nome de domínio / Domain Name")
    assert not names_domain("Domain Status")
    entry = take_apart("Domain:\nname: SHOP.example\n").entries[1]
    assert domain_of(entry) == "shop.example"


def test_another_object_is_left_out() -> None:
    text = "Domain Name: a.example\nCreated: 1\nDomain Name: b.example\nCreated: 2\n"
    entries, name = concerning(take_apart(text).entries, "b.example")
    assert name == "b.example"
    assert [e.value for e in entries] == ["b.example", "2"]
    entries, name = concerning(take_apart(text).entries, None)
    assert [e.value for e in entries] == ["a.example", "1"]
    assert concerning(take_apart("Created: 1").entries, "b.example")[1] is None


def test_the_objects_of_others() -> None:
    text = (
        "domain: a.example\ncreated: 1\n\nregistrar: X\nphone: 1\ncreated: 2\n\n"
        "registrar: Y\ncreated: 3\n\nnic-hdl: Z\ncreated: 4\n"
    )
    entries = take_apart(text).entries
    others = of_others(entries)
    created = {e.value: e.line in others for e in entries if e.label == "created"}
    # A block that opens with the registrar and gives no way to reach it is the domain's.
    assert created == {"1": False, "2": True, "3": False, "4": True}


@pytest.mark.parametrize(
    ("label", "meaning"),
    [
        ("Registered on", Meaning.CREATED),
        ("Registered until", Meaning.EXPIRES),
        ("Last Updated Date", Meaning.CHANGED),
        ("Last Transferred Date", None),
        ("Last update of WHOIS database", None),
        ("Registrant Created", None),
        ("free-date", None),
        ("", None),
    ],
)
def test_what_a_date_is_the_date_of(label: str, meaning: Meaning | None) -> None:
    assert date_of(label) is meaning
