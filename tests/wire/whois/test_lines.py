"""The forms that answers are printed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.wire.whois.lines import MAX_LINES, split_label, take_apart


@pytest.mark.parametrize(
    ("line", "label", "value"),
    [
        ("Created: 2003-09-26", "Created", "2003-09-26"),
        ("created.......: 2003", "created", "2003"),
        ("Expiry Date.......... 2003", "Expiry Date", "2003"),
        ("Nom de domaine#. . . . . .shop.example", "Nom de domaine", "shop.example"),
        ("[登録年月日]    2003/09/26", "登録年月日", "2003/09/26"),
        ("p. [Name Server]   ns1.example.net", "Name Server", "ns1.example.net"),
        ("Domain name\tshop.example", "Domain name", "shop.example"),
        ("状态\uff1a正常", "状态", "正常"),
        ("domain:Created:20090324", "Created", "20090324"),  # RFC 2167
        ("domain:Primary-Server;I:ns1.example.net", "Primary-Server", "ns1.example.net"),
        ("5a.    Primary NS : ns1.example.net", "Primary NS", "ns1.example.net"),
        ("registrar: !Registrar", "registrar", ""),
        ("Name Server 01:ns1.example.net", "Name Server 01", "ns1.example.net"),
    ],
)
def test_label_and_value(line: str, label: str, value: str) -> None:
    found = split_label(line)
    assert found is not None
    assert found[:2] == (label, value)


@pytest.mark.parametrize(
    "line", ["http://registry.example/", "at 09:42:43 today", "ns1.example.net", "a sentence."]
)
def test_lines_without_a_label(line: str) -> None:
    assert split_label(line) is None


def test_sections_blocks_and_comments() -> None:
    structure = take_apart(
        "% small print\n\nDomain: shop.example\n\nName servers:\n\n"
        "  ns1.example.net\n  ns2.example.net\n"
        "Owner: X\n"
    )
    assert structure.comments == ("small print",)
    rows = [(e.label, e.value, e.section, e.block) for e in structure.entries]
    assert rows == [
        ("Domain", "shop.example", "", 0),
        ("Name servers", "", "", 1),
        ("", "ns1.example.net", "Name servers", 2),
        ("", "ns2.example.net", "Name servers", 2),
        ("Owner", "X", "", 2),
    ]


def test_a_value_goes_on_below_itself() -> None:
    structure = take_apart("nameservers:   ns1.example.net\n               ns2.example.net\n")
    assert [(e.section, e.text) for e in structure.entries][1] == (
        "nameservers",
        "ns2.example.net",
    )


def test_a_label_without_value_is_no_heading_of_its_neighbours() -> None:
    structure = take_apart("Domain: x\nRegistrar WHOIS Server:\nCreated: 2003-09-26\n")
    assert structure.entries[2].section == ""


def test_an_endless_answer_is_cut() -> None:
    assert len(take_apart("a: b\n" * (MAX_LINES + 10)).entries) == MAX_LINES


@given(st.text())
def test_any_text_has_a_structure(text: str) -> None:
    structure = take_apart(text)
    assert all(entry.text for entry in structure.entries)
