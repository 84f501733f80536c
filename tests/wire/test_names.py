"""Registrable domains and one spelling for each name."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.wire.names import (
    ascii_name,
    has_known_suffix,
    is_host,
    public_suffix,
    registrable,
    unicode_name,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Example.COM.", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),  # IDNA 2008 keeps the letter
        ("\uff45xample\u3002com", "example.com"),
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        ("", None),
        (".", None),
        ("a..example", None),
        ("a" * 64 + ".example", None),
        ("x." * 127 + "example", None),
        ("-a.example", None),
        ("192.0.2.1", None),
        ("https://example.com/", None),
        ("someone@example.com", None),
        ("two words.example", None),
        ("☃️\u200d.example", None),
    ],
)
def test_one_spelling_for_each_name(text: str, name: str | None) -> None:
    assert ascii_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("www.example.com", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("co.uk", None),
        ("com", None),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),  # an exception of the list
        ("a.b.anything.ck", "b.anything.ck"),  # a wildcard of the list
        ("www.shop.unheardof", "shop.unheardof"),
        ("bücher.example.com", "example.com"),
        ("not a name", None),
    ],
)
def test_what_somebody_registered(text: str, name: str | None) -> None:
    assert registrable(text) == name


def test_suffixes_of_companies_are_no_registries() -> None:
    assert registrable("shop.blogspot." + "com") == "blogspot." + "com"


def test_the_suffix_and_whether_it_is_known() -> None:
    assert public_suffix("www.example.co.uk") == "co.uk"
    assert public_suffix("not a name") is None
    assert has_known_suffix("ns1.example.com")
    assert not has_known_suffix("ns1.unheardof")


def test_names_for_people() -> None:
    assert unicode_name("xn--bcher-kva.example") == "bücher.example"
    assert unicode_name("xn--a.example") == "xn--a.example"  # not a label: left as it is


def test_hosts() -> None:
    assert is_host("ns1.example.com")
    assert [x for x in ("ns1", "192.0.2.1", "a b.example", "ns1.example.c") if is_host(x)] == []


@given(st.text(max_size=300))
def test_any_text_gives_a_name_or_none(text: str) -> None:
    name = ascii_name(text)
    assert name is None or (name == ascii_name(name) and name.isascii() and len(name) <= 253)
    found = registrable(text)
    assert found is None or (name is not None and name.endswith(found))
    unicode_name(text)


@pytest.mark.corpora
def test_agrees_with_the_lists_own_cases() -> None:
    root = os.environ.get("HEADWATER_CORPORA")
    if not root:
        pytest.skip("HEADWATER_CORPORA is not set")
    cases = json.loads((Path(root) / "lists/psl/expected.json").read_text())
    pairs = cases["cases"] if isinstance(cases, dict) else cases
    wrong = [
        text
        for text, wanted in pairs
        if registrable(text or "") != (ascii_name(wanted) if wanted else None)
    ]
    # Suffixes of the list's private section, which are not registries here.
    assert [text for text in wrong if not text.endswith(("uk." + "com", "s3.amazonaws"))] == []
