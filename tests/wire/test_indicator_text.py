from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.indicator_text import LONGEST, read_indicator, read_port


@pytest.mark.parametrize(
    ("text", "subject", "kind", "port"),
    [
        ("192.0.2.1", "192.0.2.1", "address", None),
        (" 192.0.2.1:8080 ", "192.0.2.1", "address", 8080),
        ("198.51.100.0/25", "198.51.100.0/25", "network", None),
        ("2001:DB8::1", "2001:db8::1", "address", None),
        ("[2001:db8::1]:443", "2001:db8::1", "address", 443),
        ("192[.]0[.]2[.]1", "192.0.2.1", "address", None),
        ("C2.Bad.Example.", "c2.bad.example", "domain", None),
        ("c2[dot]bad(.)example:8443", "c2.bad.example", "domain", 8443),
        ("http://192.0.2.1/gate.php", "192.0.2.1", "address", 80),
        ("hxxps://c2.bad.example/x?y=1", "c2.bad.example", "domain", 443),
        ("hxxp[://]c2[.]bad[.]example:8080/", "c2.bad.example", "domain", 8080),
        ("https://user:word@c2.bad.example/", "c2.bad.example", "domain", 443),
        ("http://[2001:db8::1]:81/", "2001:db8::1", "address", 81),
        ("tcp://192.0.2.1", "192.0.2.1", "address", None),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", "domain", None),
        ("_dmarc.bad.example", "_dmarc.bad.example", "domain", None),
    ],
)
def test_spellings(text: str, subject: str, kind: str, port: int | None) -> None:
    seen = read_indicator(text)
    assert (seen.subject, str(seen.subject_kind), seen.port) == (subject, kind, port)


def test_a_port_in_the_text_wins_over_the_column() -> None:
    assert read_indicator("192.0.2.1", 53).port == 53
    assert read_indicator("192.0.2.1:54", 53).port == 54


@pytest.mark.parametrize(
    "text",
    ["", "localhost", "d41d8cd98f00b204e9800998ecf8427e", "bad example", "192.0.2.1:0",
     "192.0.2.1:99999", "a..example", "-a.example", "x" * 64 + ".example", "192.0.2.300",
     "x." * 127 + "example", "x" * (LONGEST + 1), "http://"],
)  # fmt: skip
def test_what_flows_cannot_meet_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        read_indicator(text)


@pytest.mark.parametrize("text", ["", " ", "?", "-", "*"])
def test_an_unknown_port_is_none(text: str) -> None:
    assert read_port(text) is None


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80a", "٣", "1" * 5000])
def test_what_is_no_port(text: str) -> None:
    with pytest.raises(MalformedInput, match="not a port"):
        read_port(text)


@given(st.text(max_size=60) | st.from_regex(r"[a-z]{1,5}://[a-z0-9:@\[\].]{0,30}"))
def test_any_text_gives_a_sighting_or_malformed_input(text: str) -> None:
    with suppress(MalformedInput):
        seen = read_indicator(text)
        assert read_indicator(seen.subject).subject == seen.subject
