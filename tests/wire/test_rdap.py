"""RDAP answers: what they say, and what they cannot say."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.domain import Standing
from headwater.wire.rdap import port43_of, read_rdap

REGISTRAR = {
    "objectClassName": "entity",
    "handle": "9999",
    "roles": ["registrar"],
    "vcardArray": [
        "vcard",
        [["version", {}, "text", "4.0"], ["fn", {}, "text", "Registrar Inc."]],
    ],
}
ANSWER: dict[str, Any] = {
    "objectClassName": "domain",
    "ldhName": "SHOP.EXAMPLE",
    "port43": "whois.registry.example",
    "links": [
        {"rel": "self", "href": "https://rdap.registry.example/domain/SHOP.EXAMPLE"},
        {
            "rel": "related",
            "href": "https://rdap.registrar.example/domain/SHOP.EXAMPLE",
            "type": "application/rdap+json",
        },
    ],
    "status": ["client transfer prohibited"],
    "entities": [REGISTRAR],
    "events": [
        {"eventAction": "registration", "eventDate": "1997-09-15T04:00:00Z"},
        {"eventAction": "expiration", "eventDate": "2028-09-14T04:00:00.000+02:00"},
        {"eventAction": "last changed", "eventDate": "2021-01-14T05:16:59Z"},
        {"eventAction": "last update of RDAP database", "eventDate": "2026-11-21T00:00:00Z"},
    ],
    "nameservers": [{"ldhName": "NS1.EXAMPLE.NET"}, {"ldhName": "ns2.example.net"}],
}


def read(code: int = 200, /, **changes: Any) -> Any:
    return read_rdap(json.dumps({**ANSWER, **changes}).encode(), name="shop.example", code=code)


def test_an_answer_is_read() -> None:
    answer = read()
    assert answer.standing is Standing.REGISTERED
    assert answer.name == "shop.example"
    assert answer.registered == "1997-09-15T04:00:00Z"
    assert answer.changed == "2021-01-14T05:16:59Z"
    assert answer.expires == "2028-09-14T04:00:00+02:00"
    assert answer.registrar == "Registrar Inc."
    assert answer.nameservers == ("ns1.example.net", "ns2.example.net")
    assert answer.status == ("client transfer prohibited",)
    assert answer.referral == "https://rdap.registrar.example/domain/SHOP.EXAMPLE"


def test_a_date_that_is_none_is_remarked() -> None:
    answer = read(events=[{"eventAction": "registration", "eventDate": "before 1996"}])
    assert answer.registered is None
    assert answer.remarks == ("registered: no date: before 1996",)


def test_registrars_in_other_forms() -> None:
    full = {"name": {"full": "Registrar GmbH"}}
    assert (
        read(entities=[{"roles": ["registrar"], "jscard": full}]).registrar == "Registrar GmbH"
    )
    groups = {"organizations": {"o": {"name": "Registrar AG"}}}
    assert (
        read(entities=[{"roles": ["registrar"], "jscard": groups}]).registrar == "Registrar AG"
    )
    assert read(entities=[{"roles": ["registrar"], "handle": "REG-ONE"}]).registrar == "REG-ONE"
    assert read(entities=[{"roles": ["registrar"], "handle": "69"}]).registrar is None
    assert read(entities=[{"roles": ["technical"], "handle": "REG-ONE"}]).registrar is None


@pytest.mark.parametrize(
    ("code", "body", "standing"),
    [
        (404, b"", Standing.FREE),
        (404, b'{"errorCode": 404, "title": "Not Found"}', Standing.FREE),
        (200, b'{"errorCode": 404}', Standing.FREE),
        (404, b"<html>Not Found</html>", Standing.CANNOT_SAY),
        (429, b"", Standing.ASK_AGAIN),
        (403, b"", Standing.ASK_AGAIN),
        (503, b"<html>", Standing.ASK_AGAIN),
        (400, b"{}", Standing.CANNOT_SAY),
        (200, b"", Standing.CANNOT_SAY),
        (200, b"<html>", Standing.CANNOT_SAY),
        (200, b"[]", Standing.CANNOT_SAY),
        (200, b"[" * 100_000, Standing.CANNOT_SAY),
        (200, b'{"objectClassName": "entity", "handle": "x"}', Standing.CANNOT_SAY),
        (200, b'{"objectClassName": "domain"}', Standing.CANNOT_SAY),
        (200, b'{"ldhName": "other.example"}', Standing.CANNOT_SAY),
        (200, b'{"ldhName": "shop.example"}', Standing.REGISTERED),
        (200, b'{"ldhName": "shop.example", "status": ["reserved"]}', Standing.RESERVED),
    ],
)
def test_yes_no_ask_again_and_cannot_say(code: int, body: bytes, standing: Standing) -> None:
    assert read_rdap(body, name="shop.example", code=code).standing is standing


def test_the_old_service_is_named() -> None:
    assert port43_of(json.dumps(ANSWER).encode()) == "whois.registry.example"
    assert port43_of(b"{}") is None
    assert port43_of(b"{") is None


@given(st.binary(max_size=400), st.integers(0, 999))
def test_any_bytes_give_an_answer(body: bytes, code: int) -> None:
    assert read_rdap(body, name="shop.example", code=code).standing in Standing
    port43_of(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*ANSWER, "roles", "eventAction", "vcardArray"]), inner
        )
    ),
    max_leaves=30,
)


@given(st.dictionaries(st.sampled_from(sorted(ANSWER)), JSON))
def test_any_json_gives_an_answer(changes: dict[str, Any]) -> None:
    assert read(200, **changes).standing in Standing
