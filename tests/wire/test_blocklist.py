import gzip
import json
import os
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.intake import Refused
from headwater.records.sighting import Excluded, Sighting
from headwater.wire.blocklist import LONGEST_DETAIL, LONGEST_LINE, read_blocklist


def read(*lines: str) -> list[Sighting | Excluded | Refused]:
    return list(read_blocklist(lines, "list.txt"))


def only(line: str) -> Sighting:
    (seen,) = read(line)
    assert isinstance(seen, Sighting), seen
    return seen


@pytest.mark.parametrize(
    ("line", "subject", "port", "detail"),
    [
        ("192.0.2.1", "192.0.2.1", None, None),
        ("  192.0.2.1\r\n", "192.0.2.1", None, None),
        ("192.0.2.0/24", "192.0.2.0/24", None, None),
        ("2001:DB8::1", "2001:db8::1", None, None),
        ("2001:db8::/32 # a comment", "2001:db8::/32", None, "a comment"),
        ("192.0.2.0/25 ; SBL1", "192.0.2.0/25", None, "SBL1"),
        ("192.0.2.1:8080", "192.0.2.1", 8080, None),
        ("[2001:db8::1]:1080", "2001:db8::1", 1080, None),
        ("socks5://192.0.2.1:1080", "192.0.2.1", 1080, None),
        ("https://192.0.2.1:3128/", "192.0.2.1", 3128, None),
        ("192.0.2.1\t12 reports", "192.0.2.1", None, "12 reports"),
        ("192.0.2.1,AS64500,AT", "192.0.2.1", None, "AS64500,AT"),
        ('"192.0.2.1","x"', "192.0.2.1", None, 'x"'),
        ("192.0.2.1 :127.0.0.4:open proxy", "192.0.2.1", None, "open proxy"),
        ("192.0.2.1 :4:", "192.0.2.1", None, "4"),
        ("192.0.2.0/24 listed", "192.0.2.0/24", None, "listed"),
        ("192.0.2.4-7", "192.0.2.4/30", None, None),
        ("192.0.2.0\t192.0.2.255\t24\t788\tNAME", "192.0.2.0/24", None, None),
        ("1.2.0.192 A 127.0.0.2", "192.0.2.1", None, "A 127.0.0.2"),
        ('1.2.0.192 2100 IN TXT "why"', "192.0.2.1", None, '2100 IN TXT "why"'),
    ],
)
def test_dialects(line: str, subject: str, port: int | None, detail: str | None) -> None:
    seen = only(line)
    assert (seen.subject, seen.port, seen.detail) == (subject, port, detail)


def test_comments_directives_and_blank_lines_say_nothing() -> None:
    assert (
        read("", "  ", "# x", "; x", "// x", "$SOA 3000 ns.example", "$TTL 3d", "<!-- x") == []
    )


def test_a_default_value_holds_for_the_entries_after_it() -> None:
    lines = ("192.0.2.1", ":127.0.0.2:spam seen", "192.0.2.2", "192.0.2.3 :3:proxy")
    assert [s.detail for s in read(*lines) if isinstance(s, Sighting)] == [
        None, "spam seen", "proxy",
    ]  # fmt: skip


def test_exclusions_are_told_apart() -> None:
    assert read("!192.0.2.4", "! 2001:db8::/48") == [
        Excluded("192.0.2.4", "address"),  # type: ignore[arg-type]
        Excluded("2001:db8::/48", "network"),  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("bad.example", "not an address: 'bad.example'"),
        ("192.0.2.1/24", "prefix with host bits: '192.0.2.1/24'"),
        ("192.0.2.1:0", "not a port: 0"),
        ("192.0.2.1:70000", "not a port: 70000"),
        ("192.0.2.9-4", "range ends before it starts"),
        ("www A 127.0.0.2", "not the name of an address: 'www'"),
        ("x" * (LONGEST_LINE + 1), "line too long"),
        ("ip,port,country", "not an address: 'ip'"),
    ],
)
def test_what_is_refused_keeps_its_place_and_reason(line: str, reason: str) -> None:
    before, refused, after = read("192.0.2.1", line, "192.0.2.2")
    assert isinstance(refused, Refused)
    assert (refused.source, refused.position) == ("list.txt", "line 2")
    assert refused.reason.startswith(reason)
    assert isinstance(before, Sighting)
    assert isinstance(after, Sighting)


def test_a_detail_is_bounded_and_printable() -> None:
    detail = only("192.0.2.1 a\x1b[31mb" + "x" * 999).detail or ""
    assert detail.startswith("a [31mb")
    assert len(detail) == LONGEST_DETAIL


@given(st.lists(st.text(max_size=60) | st.from_regex(r"!?[0-9a-f.:/-]{1,40}( .*)?")))
def test_any_lines_are_read_or_refused(lines: list[str]) -> None:
    for seen in read_blocklist(lines, "x"):
        if not isinstance(seen, Refused):
            ip_network(seen.subject)


def corpus(place: str) -> Path:
    root = os.environ.get("HEADWATER_CORPORA")
    if not root:
        pytest.skip("HEADWATER_CORPORA is not set")
    path = Path(root) / place
    if not path.exists():
        pytest.skip(f"no {place} among the corpora")
    return path


def answer(seen: list[Sighting | Excluded | Refused], address: str) -> str | None:
    """What a list says of an address: its most specific entry."""
    fits = [
        (ip_network(s.subject).prefixlen, s.detail if isinstance(s, Sighting) else None)
        for s in seen
        if not isinstance(s, Refused) and ip_address(address) in ip_network(s.subject)
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


@pytest.mark.corpora
def test_rbldnsd_zones_answer_as_rbldnsd_does() -> None:
    folder = corpus("lists/rbldnsd")
    cases = json.loads((folder / "expected.json").read_text())["cases"]
    tries = [case for case in cases if "zone" in case]
    assert len(tries) == 3
    for case in tries:
        lines = (folder / case["files"]["zone"]).read_text().splitlines()
        seen = list(read_blocklist(lines, "zone"))
        assert {a: answer(seen, a) for a in case["txt"]} == case["txt"]


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("place", "listed", "refused"),
    [
        ("lists/ipsum/level3.txt", 14_217, 0),
        ("lists/ipsum/level8.txt", 23, 0),
        ("lists/proxy-clarketm/proxy.history.tsv.gz", 156_923, 1),  # its header
        ("abuse/intelmq/blocklistde-imap.txt", 6, 0),
        ("abuse/intelmq/spamhaus-drop.txt", 2, 0),
        ("abuse/intelmq/dshield-block.txt", 2, 1),  # its header
        ("abuse/intelmq/dshield-asdetailsascii.txt", 1, None),  # the other has leading zeros
        ("abuse/intelmq/spamhaus-cert.csv", 19, 0),
        ("abuse/intelmq/spamhaus-asndrop.txt", 0, 2),  # systems, not addresses
    ],
)
def test_published_lists_are_read_whole(place: str, listed: int, refused: int | None) -> None:
    path = corpus(place)
    unpack: Callable[[bytes], bytes] = gzip.decompress if path.suffix == ".gz" else bytes
    seen = list(read_blocklist(unpack(path.read_bytes()).decode().splitlines(), place))
    assert sum(isinstance(s, Sighting) for s in seen) == listed
    if refused is not None:
        assert sum(isinstance(s, Refused) for s in seen) == refused
