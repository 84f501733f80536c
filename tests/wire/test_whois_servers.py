import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.wire.names import ascii_name
from headwater.wire.whois_servers import (
    FORMS,
    PLAIN,
    SERVERS,
    Form,
    decoded,
    form_of,
    query_line,
    server_of,
)


def test_the_table_holds_names_only() -> None:
    assert len(SERVERS) > 1000
    assert [s for s in SERVERS.values() if ascii_name(s) != s] == []
    assert {s for s in FORMS if ascii_name(s) != s} == set()


def test_every_form_can_be_asked_and_decoded() -> None:
    for form in FORMS.values():
        assert b"shop.example" in query_line("shop.example", form)
        assert decoded("Straße".encode(form.charset, "ignore"), form)


def test_servers_by_suffix() -> None:
    assert server_of("example.com") == server_of("example.net")
    assert server_of("shop.unheardof") is None


def test_a_query_is_one_line() -> None:
    assert query_line("shop.example", PLAIN) == b"shop.example\r\n"
    assert query_line("shop.example", Form("-T dn {name}")) == b"-T dn shop.example\r\n"
    assert form_of("whois.registry.example") == PLAIN


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("Müller".encode(), "latin-1", "Müller"),
        ("Müller".encode("latin-1"), "utf-8", "Müller"),
        ("登録".encode("iso-2022-jp"), "iso-2022-jp", "登録"),
        ("등록".encode("euc-kr"), "euc-kr", "등록"),
        ("Łódź".encode("iso-8859-2"), "iso-8859-2", "Łódź"),
        (b"\xff\xfe", "no-such-charset", "ÿþ"),
    ],
)
def test_charsets(raw: bytes, charset: str, text: str) -> None:
    assert decoded(raw, Form("{name}", charset)) == text


@given(st.binary(), st.sampled_from(["utf-8", "euc-kr", "big5", "iso-2022-jp", "tis-620"]))
def test_any_bytes_are_text(raw: bytes, charset: str) -> None:
    assert isinstance(decoded(raw, Form("{name}", charset)), str)
