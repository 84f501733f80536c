from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.stix_patterns import LONGEST_PATTERN, read_pattern

A, B = "ipv4-addr:value = '192.0.2.1'", "domain-name:value = 'c2.example'"


@pytest.mark.parametrize(
    ("pattern", "subjects"),
    [
        (f"[{A}]", [("192.0.2.1", None)]),
        ("[ipv4-addr:value='192.0.2.1']", [("192.0.2.1", None)]),
        (f"[{A} OR {B}]", [("192.0.2.1", None), ("c2.example", None)]),
        (f"[{A}] OR [{B}]", [("192.0.2.1", None), ("c2.example", None)]),
        ("[ipv6-addr:value = '2001:db8::1']", [("2001:db8::1", None)]),
        (
            "[url:value = 'http://c2.example/a?b=[x]&c=\\'']",
            [("http://c2.example/a?b=[x]&c='", None)],
        ),
        (
            "[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]",
            [("192.0.2.1", 443)],
        ),
        (
            f"[{A} AND network-traffic:dst_port = 1 OR {B} AND network-traffic:dst_port = 2]",
            [("192.0.2.1", 1), ("c2.example", 2)],
        ),
    ],
)
def test_equality_and_or_are_read(pattern: str, subjects: list[tuple[str, int | None]]) -> None:
    assert read_pattern(pattern) == subjects


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "no pattern"),
        ("[]", "pattern not simple"),
        (f"[{A} AND {B}]", "it needs one address"),
        (f"[{A}] AND [{B}]", 'pattern not simple: "AND'),
        (f"[{A}] [{B}]", "pattern not simple"),
        (f"[{A}] FOLLOWEDBY [{B}]", 'pattern not simple: "FOLLOWEDBY'),
        (f"[{A}] WITHIN 5 SECONDS", "pattern not simple: 'WITHIN"),
        (f"[{A}] OR", "pattern not simple"),
        (f"[{A}", "pattern not simple"),
        (f"{A}]", "pattern not simple"),
        (f"[[{A}]]", "pattern not simple"),
        (f"[({A})]", "pattern not simple"),
        (f"[NOT {A}]", "pattern not simple"),
        ("[ipv4-addr:value != '192.0.2.1']", "comparison '!='"),
        ("[ipv4-addr:value ISSUBSET '192.0.2.0/24']", "pattern not simple"),
        ("[domain-name:value LIKE '%.example']", "pattern not simple"),
        ("[ipv4-addr:value IN ('192.0.2.1')]", "pattern not simple"),
        ("[file:hashes.'SHA-256' = 'aa']", 'not met in flows: "file:hashes'),
        ("[network-traffic:dst_port = 443]", "it needs one address"),
        ("[network-traffic:src_ref.value = '192.0.2.1']", "not met in flows"),
        (f"[{A} AND network-traffic:dst_port = 70000]", "not a port"),
        ("[ipv4-addr:value = 'open]", "not understood at character 19"),
        (" OR ".join([f"[{A}]"] * LONGEST_PATTERN), "pattern too long"),
    ],
)
def test_anything_more_is_refused_and_named(pattern: str, reason: str) -> None:
    with pytest.raises(MalformedInput) as refused:
        read_pattern(pattern)
    assert reason in str(refused.value)


@given(st.text(alphabet="[]()='\\ AORND1:.-abv\"!<", max_size=60) | st.text(max_size=40))
def test_any_text_is_read_or_malformed(pattern: str) -> None:
    with suppress(MalformedInput):
        assert read_pattern(pattern)
