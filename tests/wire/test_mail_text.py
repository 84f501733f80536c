import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.wire.mail_text import (
    decoded,
    header_text,
    html_to_text,
    plain,
    safe_cell,
    safe_line,
)


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", "ä"),
        ("iso-8859-1", "ä"),
        ("koi8-r", "спам"),
        ("shift_jis", "日時"),
        ("gb2312", "攻击"),
    ],
)
def test_charsets(charset: str, text: str) -> None:
    assert decoded(text.encode(charset), charset) == text


@pytest.mark.parametrize(
    "charset", ["", "no-such", "idna", "unicode_escape", "base64", "x" * 99, "\0"]
)
def test_a_wrong_charset_never_loses_the_ascii(charset: str) -> None:
    assert decoded(b"192.0.2.7 \xff\\n", charset).startswith("192.0.2.7")


def test_encoded_words() -> None:
    assert (
        header_text("=?utf-8?b?w6Q=?=\r\n =?utf-8?q?=C3=B6?=") == "ä ö".replace(" ", "")
        or "ä ö"
    )
    assert header_text("=?no-such?q?abc?=") == "abc"
    assert header_text("plain\r\n\tfolded") == "plain folded"


def test_hidden_marks_and_odd_spaces() -> None:
    assert plain("192.0.\u200b2.7\u00a0x\uff1a") == "192.0.2.7 x:"


def test_defanged_links_and_addresses_are_made_whole() -> None:
    assert plain("hxxps://192[.]0{.}2(.)7/") == "https://192.0.2.7/"
    assert plain("2001[:]db8[::]1") == "2001:db8::1"


def test_a_page_becomes_lines_and_cells() -> None:
    page = "<style>p{}</style><p>a<br>b</p><table><tr><td>c</td><td>d&amp;e</td></tr></table>"
    assert html_to_text(page).split("\n") == ["a", "b", "c\td&e\t"]


def test_a_link_s_target_is_seen() -> None:
    assert "http://192.0.2.7/x" in html_to_text('<a href="http://192.0.2.7/x">here</a>')


@pytest.mark.parametrize("piece", ["<script>", "<", "<tr", "<td>", "<!--", "&#x", "<a href='"])
def test_a_hostile_page_costs_no_time(piece: str) -> None:
    assert len(html_to_text(piece * 20_000)) < 200_000


@given(st.text(max_size=200))
def test_a_safe_line_holds_no_control_character(text: str) -> None:
    line = safe_line(text)
    assert "\n" not in line
    assert not [c for c in line if ord(c) < 32 or 0x7F <= ord(c) < 0xA0]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\x1b[2J=1"])
def test_a_cell_never_begins_a_formula(text: str) -> None:
    assert safe_cell(text)[0] not in "=+-@\t\r"
