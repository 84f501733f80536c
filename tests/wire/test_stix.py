import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.sighting import Sighting
from headwater.records.window import to_us
from headwater.wire.stix import read_bundle

INDICATOR = {
    "type": "indicator",
    "spec_version": "2.1",
    "id": "indicator--00000000-0000-4000-8000-000000000001",
    "name": "master of\n a farm",
    "pattern_type": "stix",
    "pattern": "[ipv4-addr:value = '192.0.2.1'] OR [domain-name:value = 'C2.Example']",
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_until": "2026-02-01T00:00:00Z",
}


def bundle(*objects: Any) -> bytes:
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}).encode()


def changed(**other: Any) -> dict[str, Any]:
    return INDICATOR | other


def test_an_indicator_gives_a_sighting_for_each_alternative() -> None:
    first, second = read_bundle(bundle(INDICATOR), "b.json")
    assert first == Sighting(
        "192.0.2.1",
        "address",  # type: ignore[arg-type]
        None,
        "master of a farm",
        to_us(datetime(2026, 1, 1, tzinfo=UTC)),
        to_us(datetime(2026, 2, 1, tzinfo=UTC)),
    )
    assert isinstance(second, Sighting)
    assert second.subject == "c2.example"


def test_other_objects_are_none_of_our_business() -> None:
    assert list(read_bundle(bundle({"type": "malware", "name": "x"}, 7, None), "b.json")) == []


@pytest.mark.parametrize(
    ("thing", "reason"),
    [
        (changed(revoked=True), "revoked by its source"),
        (changed(pattern_type="yara"), "pattern language not read: 'yara'"),
        (changed(pattern="[file:name = 'x']"), "not met in flows"),
        (changed(pattern=None), "no pattern"),
        (changed(pattern="[ipv4-addr:value = '300.0.2.1']"), "not an address"),
        (changed(valid_until="soon"), "not a time"),
    ],
)
def test_an_indicator_that_cannot_be_read_costs_only_itself(
    thing: dict[str, Any], reason: str
) -> None:
    refused, *others = read_bundle(bundle(thing, INDICATOR), "b.json")
    assert isinstance(refused, Refused)
    assert (refused.source, refused.position) == ("b.json", "object 1")
    assert refused.reason.startswith(reason)
    assert len(others) == 2


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b'{"type": "indicator"}', b"[" * 100_000, b"\xff",
     b'{"type": "bundle", "objects": {}}'],
)  # fmt: skip
def test_what_is_no_bundle_is_malformed(text: bytes) -> None:
    with pytest.raises(MalformedInput):
        list(read_bundle(text, "b.json"))


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9),
                    lambda inner: st.lists(inner, max_size=3))  # fmt: skip


@given(st.dictionaries(st.sampled_from(sorted(INDICATOR)), JSON), st.binary(max_size=50))
def test_anything_is_read_or_refused(other: dict[str, Any], noise: bytes) -> None:
    assert all(
        isinstance(s, Sighting | Refused) for s in read_bundle(bundle(changed(**other)), "b")
    )
    with suppress(MalformedInput):
        assert list(read_bundle(noise, "b")) == []
