import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.wire.addresses import canonical
from headwater.wire.mail_text import plain
from headwater.wire.mentions import Setting, canonical_or_none, find_mentions, read_port


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 192.0.2.1:4711 to", [("192.0.2.1", 4711)]),
        ("192.0.2.1.4711 > 198.51.100.2.22:", [("192.0.2.1", 4711), ("198.51.100.2", 22)]),
        ("inside:192.0.2.1/443", [("192.0.2.1", 443)]),
        ("outside/192.0.2.1(4711) ->", [("192.0.2.1", 4711)]),
        ("192.0.2.1 port 22 ssh2", [("192.0.2.1", 22)]),
        (
            "192.0.2.1 45123 =>  198.51.100.2 22",
            [("192.0.2.1", 45123), ("198.51.100.2", None)],
        ),
        ("unknown[192.0.2.9]:1234", [("192.0.2.9", 1234)]),
        ("192.0.2.1#53", [("192.0.2.1", 53)]),
        (
            "192[.]0[.]2[.]1 and 192(dot)0(dot)2(dot)2",
            [("192.0.2.1", None), ("192.0.2.2", None)],
        ),
        ("[2001:db8::1]:443", [("2001:db8::1", 443)]),
        ("2001:DB8:0:0:0:0:0:1", [("2001:db8::1", None)]),
        ("2001:db8::7 port 40123", [("2001:db8::7", 40123)]),
        ("::ffff:192.0.2.7", [("192.0.2.7", None)]),
        ("root@192.0.2.7", [("192.0.2.7", None)]),
        ("192.0.2.1/32.", [("192.0.2.1", None)]),
        ("SRC=192.0.2.1 DST=198.51.100.1", [("192.0.2.1", None), ("198.51.100.1", None)]),
    ],
)
def test_addresses_and_the_port_beside_them(
    text: str, expected: list[tuple[str, int | None]]
) -> None:
    assert [(m.address, m.port) for m in find_mentions(plain(text))] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Chrome/10.0.32.132", "version 10.1.2.3", "10.2.3.4.5", "192.0.2.1.example.net",
        "192.0.2.0/24", "a@[192.0.2.1]", "192.0.2.1@example.com", "00:11:22:33:44:55",
        "12:34:56", "192.0.2.1-192.0.2.9", "256.1.1.1", "2001:db8::/32", "0.0.0.0", "127.0.0.1",
        "foo192.0.2.1", "192.0.2.01",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_address(text: str) -> None:
    assert list(find_mentions(text)) == []


def test_places_in_a_link_are_told_apart() -> None:
    found = find_mentions("http://192.0.2.1/look/198.51.100.7 203.0.113.1")
    assert [m.setting for m in found] == [Setting.HOST, Setting.PATH, Setting.TEXT]


@pytest.mark.parametrize(
    ("text", "port"), [("22", 22), (" 65535", 65535), ("0", None), ("70000", None), ("x", None)]
)
def test_ports(text: str, port: int | None) -> None:
    assert read_port(text) == port


@given(st.text(alphabet="0123456789abcdef.:/[]() ->\n", max_size=200))
def test_whatever_is_found_is_canonical_and_stands_there(text: str) -> None:
    for mention in find_mentions(text):
        assert canonical(mention.address) == mention.address
        assert 0 <= mention.start < mention.end <= len(text)


@given(st.ip_addresses())
def test_an_address_is_read_back(address: object) -> None:
    text = canonical_or_none(str(address))
    assert text is None or text == canonical(str(address))
