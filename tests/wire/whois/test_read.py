"""Whole answers, in the forms of many registries, and any bytes at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.domain import DomainAnswer, Standing
from headwater.wire.whois.read import read_whois

SAMPLES = Path(__file__).parent / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text())
NAME = "shop.example"


def read(text: str) -> DomainAnswer:
    return read_whois(text, name=NAME, today="2026-11-21")


@pytest.mark.parametrize("form", sorted(p.stem for p in SAMPLES.glob("*.txt")))
def test_a_form_is_read(form: str) -> None:
    answer = read((SAMPLES / f"{form}.txt").read_text())
    assert answer.standing is Standing.REGISTERED
    assert answer.name in {NAME, None}
    found: dict[str, Any] = {
        fact: getattr(answer, fact) for fact in EXPECTED[form] if fact != "nameservers"
    }
    assert {**found, "nameservers": list(answer.nameservers)} == EXPECTED[form]


@pytest.mark.parametrize("form", sorted(p.stem for p in SAMPLES.glob("*.txt")))
def test_line_ends_do_not_matter(form: str) -> None:
    text = (SAMPLES / f"{form}.txt").read_text()
    assert read(text.replace("\n", "\r\n")) == read(text)


def test_a_cut_answer_invents_nothing() -> None:
    text = (SAMPLES / "empty_fields.txt").read_text()
    whole = read(text)
    for at in range(len(text)):
        answer = read(text[:at])
        for fact in ("registered", "changed", "expires"):
            value = getattr(answer, fact)
            assert value is None or str(getattr(whole, fact)).startswith(value[:10])


def test_a_free_name_has_no_facts() -> None:
    answer = read('No match for "SHOP.EXAMPLE".\n>>> Last update of database: 2025-01-01 <<<\n')
    assert answer == DomainAnswer(standing=Standing.FREE)


def test_a_reserved_name_keeps_its_date() -> None:
    answer = read("Domain Name: shop.example\nCreation Date: 2009-02-09\nStatus: RESERVED\n")
    assert (answer.standing, answer.registered) == (Standing.RESERVED, "2009-02-09")


def test_a_refusal_says_nothing_about_the_name() -> None:
    assert read("Domain: shop.example\nquery_status: 440 Request Denied\n").registered is None
    assert read("query_status: 440 Request Denied\n").standing is Standing.ASK_AGAIN


def test_a_holder_proves_registration() -> None:
    assert read("domain: shop.example\nowner: Somebody\n").standing is Standing.REGISTERED
    assert read("domain: shop.example\n").standing is Standing.CANNOT_SAY
    assert read("").standing is Standing.CANNOT_SAY


@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda b: b.decode("latin-1")))
def test_any_bytes_give_an_answer(text: str) -> None:
    assert read(text).standing in Standing


LINES = [
    line for path in SAMPLES.glob("*.txt") for line in path.read_text().splitlines() if line
]


@given(st.lists(st.sampled_from(LINES) | st.just("") | st.text(max_size=20), max_size=30))
def test_any_mixture_of_true_lines_gives_an_answer(lines: list[str]) -> None:
    assert read("\n".join(lines)).standing in Standing
