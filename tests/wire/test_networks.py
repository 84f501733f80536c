import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.intake import Refused
from headwater.records.sighting import Announced
from headwater.wire.networks import read_networks


def read(*lines: str) -> list[Announced | Refused]:
    return list(read_networks(lines, "as.txt"))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ("prefix,as_number,as_name,country", "192.0.2.0/24,64500,EXAMPLE-NET,at"),
            Announced("192.0.2.0/24", 64500, "EXAMPLE-NET", "AT"),
        ),
        (
            ("\ufeffNetwork,ASN,Country-Code", '"192.0.2.0/24",AS64500,'),
            Announced("192.0.2.0/24", 64500),
        ),
        (
            ("cidr,origin,organization", '2001:DB8::/32,64500,"Example, Inc."'),
            Announced("2001:db8::/32", 64500, "Example, Inc."),
        ),
        (("prefix,as_number", "192.0.2.0/24,"), Announced("192.0.2.0/24", None)),
        (("192.0.2.0\t24\t64500",), Announced("192.0.2.0/24", 64500)),
        (("2001:db8::\t32\t64500_64501",), Announced("2001:db8::/32", 64500)),
        (("192.0.2.0\t24\t64500,64501",), Announced("192.0.2.0/24", 64500)),
        (("192.0.2.0/24 64500",), Announced("192.0.2.0/24", 64500)),
        (("# x", "", "192.0.2.0/24 AS64500 Example Net"),
         Announced("192.0.2.0/24", 64500, "Example Net")),
        (("192.0.2.1/32 4294967295",), Announced("192.0.2.1", 4294967295)),
        (("192.0.2.0/24 0",), Announced("192.0.2.0/24", None)),
    ],
)  # fmt: skip
def test_formats(lines: tuple[str, ...], expected: Announced) -> None:
    assert read(*lines) == [expected]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("192.0.2.0/33 64500", "prefix too long"),
        ("192.0.2.1/24 64500", "prefix with host bits"),
        ("192.0.2.0/24 4294967296", "not an AS number"),
        ("192.0.2.0/24", "not a prefix and a system"),
        ("<html>", "not a prefix and a system"),
        ("x" * 5000, "line too long"),
    ],
)
def test_lines_that_cannot_be_read_cost_only_themselves(line: str, reason: str) -> None:
    before, refused, after = read("192.0.2.0/24 1", line, "192.0.2.0/25 2")
    assert isinstance(before, Announced)
    assert isinstance(after, Announced)
    assert isinstance(refused, Refused)
    assert refused.position == "line 2"
    assert refused.reason.startswith(reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("192.0.2.0/24,x,,", "not an AS number: 'X'"),
        ("192.0.2.0/24,1,,AUT", "not a country code"),
        ("here,1,,AT", "not an address"),
        ("", None),
    ],
)
def test_rows_that_cannot_be_read(line: str, reason: str | None) -> None:
    rows = read("prefix,as_number,as_name,country", line)
    assert [r.reason.partition(":")[0] for r in rows if isinstance(r, Refused)] == (
        [reason.partition(":")[0]] if reason else []
    )


def test_an_empty_file_says_nothing() -> None:
    assert read() == []


@given(
    st.lists(st.text(max_size=40) | st.from_regex(r"[0-9.:a-f]{1,20}[/\t ][0-9]{1,3}[\t ]\d+"))
)
def test_any_lines_are_read_or_refused(lines: list[str]) -> None:
    assert all(isinstance(r, Announced | Refused) for r in read(*lines))
