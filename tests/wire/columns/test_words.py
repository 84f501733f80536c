"""Addresses canonical, protocols and flags in figures or letters."""

from ipaddress import ip_address

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.wire.columns.words import addresses, exporters, protocols, tcp_flags


def read(texts: list[str | None]) -> list[str | None]:
    plain = addresses(pa.array(texts, pa.string())).texts.to_pylist()
    coded = addresses(pa.array(texts, pa.string()).dictionary_encode()).texts.to_pylist()
    assert plain == coded
    return [None if text is None else str(text) for text in plain]


def test_addresses_become_canonical() -> None:
    given_texts = ["192.0.2.1", "2001:DB8:0::1", "::ffff:192.0.2.1", " 192.0.2.7 ", None, ""]
    assert read([*given_texts]) == [
        "192.0.2.1",
        "2001:db8::1",
        "192.0.2.1",
        "192.0.2.7",
        None,
        None,
    ]


@pytest.mark.parametrize(
    "text",
    ["192.0.2", "192.0.2.256", "192.0.02.1", "fe80::1%eth0", "192.0.2.1:80", "host", ":"],
)
def test_what_is_no_address_is_bad(text: str) -> None:
    found = addresses(pa.array(["192.0.2.1", text, None]))
    assert found.bad.tolist() == [False, True, False]
    assert found.missing.tolist() == [False, False, True]
    assert found.texts.to_pylist() == ["192.0.2.1", None, None]


def test_addresses_are_text() -> None:
    found = addresses(pa.array([3221225985, None], pa.int64()))
    assert found.bad.tolist() == [True, False]
    assert found.texts.to_pylist() == [None, None]


def test_exporters_may_have_names() -> None:
    texts = ["2001:DB8::1", " edge-1 ", "a\x1bb", "x" * 65, None]
    found = exporters(pa.array(texts))
    assert found.texts.to_pylist() == ["2001:db8::1", "edge-1", None, None, None]
    assert found.bad.tolist() == [False, False, True, True, False]
    assert exporters(pa.array([7, None])).texts.to_pylist() == ["7", None]


@given(st.lists(st.ip_addresses()))
def test_every_address_survives(these: list[object]) -> None:
    texts = [str(address) for address in these]
    expected = [
        str(getattr(ip_address(t), "ipv4_mapped", None) or ip_address(t)) for t in texts
    ]
    assert read([*texts]) == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [("tcp", 6), ("UDP", 17), ("6", 6), ("300", 300), ("ICMP6", 58), (" tcp ", 6)],
)
def test_protocols(text: str, number: int) -> None:
    assert protocols(pa.array([text])).numbers.tolist() == [number]


@pytest.mark.parametrize("text", ["tpc", "-6", "6.0", "99999", "\u0666"])
def test_unknown_protocols_are_bad(text: str) -> None:
    assert protocols(pa.array([text])).bad.tolist() == [True]


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        (".AP.SF", 0x1B),
        ("......S.", 0x02),
        ("...A.R..", 0x14),
        ("CEUAPRSF", 0xFF),
        ("sa", 0x12),
        ("0x1b", 0x1B),
        ("27", 27),
        ("........", 0),
    ],
)
def test_tcp_flags(text: str, bits: int) -> None:
    found = tcp_flags(pa.array([text, None]))
    assert found.numbers.tolist() == [bits, 0]
    assert found.missing.tolist() == [False, True]


@pytest.mark.parametrize("text", ["X", "0xfffff", "0x", "0x-1", "SYN ACK?"])
def test_other_flags_are_bad(text: str) -> None:
    assert tcp_flags(pa.array([text])).bad.tolist() == [True]


@pytest.mark.parametrize("read_numbers", [protocols, tcp_flags])
def test_numbers_stay_numbers(read_numbers: object) -> None:
    assert callable(read_numbers)
    for column in (pa.array([6, None]), pa.array([6, None]).dictionary_encode()):
        found = read_numbers(column)
        assert found.numbers.tolist() == [6, 0]
        assert found.missing.tolist() == [False, True]
