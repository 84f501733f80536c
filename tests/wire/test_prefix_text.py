from contextlib import suppress
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.records.sighting import SubjectKind
from headwater.wire.prefix_text import read_prefix, read_range


@pytest.mark.parametrize(
    ("text", "subject", "kind"),
    [
        ("192.0.2.1", "192.0.2.1", "address"),
        ("192.0.2.1/32", "192.0.2.1", "address"),
        ("192.0.2.0/24", "192.0.2.0/24", "network"),
        ("10/8", "10.0.0.0/8", "network"),
        ("192.0.2/24", "192.0.2.0/24", "network"),
        ("0/0", "0.0.0.0/0", "network"),
        ("2001:DB8:0::1", "2001:db8::1", "address"),
        ("2001:db8::/32", "2001:db8::/32", "network"),
        ("2001:db8::1/128", "2001:db8::1", "address"),
        ("::ffff:192.0.2.1", "192.0.2.1", "address"),
        ("::ffff:192.0.2.1/128", "192.0.2.1", "address"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24", "network"),
    ],
)
def test_spellings(text: str, subject: str, kind: str) -> None:
    assert read_prefix(text) == (subject, SubjectKind(kind))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("192.0.2", "not an address"),
        ("192.0.2.01", "not an address"),
        ("192.0.2.1/", "not an address"),
        ("192.0.2.0/33", "prefix too long"),
        ("192.0.2.1/24", "prefix with host bits"),
        ("192.0.2.1/0", "prefix with host bits"),
        ("10.1/8", "prefix with host bits"),
        ("2001:db8::1/32", "prefix with host bits"),
        ("2001:db8::/129", "not a prefix"),
        ("2001:db8::x", "not an address"),
        ("fe80::1%eth0", "address with a zone"),
        (":" * 5000, "not an address"),
        ("", "not an address"),
    ],
)
def test_what_is_refused_and_why(text: str, reason: str) -> None:
    with pytest.raises(MalformedInput, match=reason):
        read_prefix(text)


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("192.0.2.4-192.0.2.7", ["192.0.2.4/30"]),
        ("192.0.2.4-9", ["192.0.2.4/30", "192.0.2.8/31"]),
        ("192.0.2.4-4", ["192.0.2.4"]),
        ("192.0.2.0/24", ["192.0.2.0/24"]),
        ("2001:db8::-2001:db8::2", ["2001:db8::/127", "2001:db8::2"]),
    ],
)
def test_ranges(text: str, subjects: list[str]) -> None:
    assert [subject for subject, _ in read_range(text)] == subjects


@pytest.mark.parametrize(
    "text",
    ["192.0.2.9-4", "192.0.2.0/24-192.0.3.0/24", "192.0.2.1-2001:db8::1", "192.0.2.1-", "-"],
)
def test_broken_ranges(text: str) -> None:
    with pytest.raises(MalformedInput):
        read_range(text)


@given(st.ip_addresses(), st.integers(0, 128))
def test_agrees_with_the_standard_library(address: object, bits: int) -> None:
    text = str(address)
    length = min(bits, 32 if "." in text and ":" not in text else 128)
    network = ip_network(f"{text}/{length}", strict=False)
    if network.version == 6 and network.network_address.ipv4_mapped:
        return
    subject, kind = read_prefix(str(network))
    if kind is SubjectKind.ADDRESS:
        assert ip_address(subject) == network.network_address
    else:
        assert ip_network(subject) == network


@given(st.text(alphabet="0123456789abcf:./-%x ", max_size=40))
def test_any_text_gives_subjects_or_malformed_input(text: str) -> None:
    with suppress(MalformedInput):
        for subject, _ in read_range(text):
            assert read_prefix(subject)[0] == subject


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:2:3:4:5:6::8", "1:2:3:4:5:6:0:8"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("1:0:0:4::8", "1:0:0:4::8"),
        ("1::4:0:0:8", "1::4:0:0:8"),
        ("1:0:0:0:5::8", "1::5:0:0:8"),
        ("1:0::8", "1::8"),
        ("1::0:8", "1::8"),
        ("0::8", "::8"),
        ("1::0", "1::"),
        ("0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"),
        ("0:0:3:4::7:8", "::3:4:0:0:7:8"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
    ],
)
def test_v6_is_shortened_as_the_standard_says(text: str, canonical: str) -> None:
    assert read_prefix(text)[0] == canonical
    assert str(ip_address(text)) == canonical


GROUPS = st.sampled_from(["0", "1", "00", "ab", "ffff"])


@given(st.lists(GROUPS, max_size=8), st.lists(GROUPS, max_size=7), st.booleans())
def test_v6_of_any_shape_comes_out_canonical(
    head: list[str], tail: list[str], cut: bool
) -> None:
    text = ":".join(head) + "::" * cut + ":".join(tail)
    try:
        known = str(ip_address(text))
    except ValueError:
        with pytest.raises(MalformedInput):
            read_prefix(text)
    else:
        if not ip_address(text).ipv4_mapped:  # type: ignore[union-attr]
            assert read_prefix(text)[0] == known
