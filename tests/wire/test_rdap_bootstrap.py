import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.rdap_bootstrap import read_bootstrap, shipped

SERVICES = [
    [["example"], ["http://rdap.example", "https://rdap.example"]],
    [["sub.example", "test"], ["https://rdap.sub.example/v1/"]],
    [["invalid"], ["http://rdap.example/%%", "ftp://rdap.example/"]],
]


def register(services: object) -> str:
    return json.dumps({"publication": "2026-01-01T00:00:00Z", "services": services})


def test_the_longest_suffix_decides_and_tls_comes_first() -> None:
    found = read_bootstrap(register(SERVICES))
    assert found.published == "2026-01-01T00:00:00Z"
    assert found.bases_of("a.example") == ("https://rdap.example/", "http://rdap.example/")
    assert found.bases_of("a.sub.example") == ("https://rdap.sub.example/v1/",)
    assert found.bases_of("a.invalid") == ()
    assert found.bases_of("a.unheardof") == ()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "{}", '{"services": 1}', register([[]]), register([[["a"]]]), "[" * 99_999],
)
def test_what_is_no_register_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput, match="RDAP bootstrap"):
        read_bootstrap(text)


def test_the_shipped_register_is_dated_and_knows_the_large_registries() -> None:
    found = shipped()
    assert found.published.startswith("20")
    assert len(found.bases) > 1000
    assert all(base.endswith("/") for bases in found.bases.values() for base in bases)
    assert found.bases_of("example.com")[0].startswith("https://")


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes | str) -> None:
    with suppress(MalformedInput):
        read_bootstrap(body)
