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


def events(*pairs: tuple[str, Any]) -> list[dict[str, Any]]:
    return [{"eventAction": action, "eventDate": date} for action, date in pairs]


@pytest.mark.parametrize(
    ("written", "stamp"),
    [
        ("2003-09-26T04:00:00.123456789Z", "2003-09-26T04:00:00Z"),
        ("2003-09-26t04:00:00z", "2003-09-26T04:00:00Z"),
        ("2003-09-26T04:00:00-0300", "2003-09-26T04:00:00-03:00"),
        ("2003-09-26 04:00:00+02:00", "2003-09-26T04:00:00+02:00"),
        ("2003-09-26T04:00:00", "2003-09-26T04:00:00"),  # a zone is not made up
        ("2003-09-26", "2003-09-26"),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T00:00:00Z", None),
        ("", None),
        (None, None),
        (1064548800, None),
    ],
)
def test_dates_as_servers_write_them(written: Any, stamp: str | None) -> None:
    answer = read(events=events(("Registration", written)))
    assert answer.registered == stamp
    assert bool(answer.remarks) == (stamp is None)


def test_events_that_are_not_the_domains_dates() -> None:
    answer = read(
        events=events(
            ("last update of RDAP database", "2026-01-01T00:00:00Z"),
            ("reregistration", "2026-01-01T00:00:00Z"),
            ("registrar expiration", "2026-01-01T00:00:00Z"),
            ("transfer", "2026-01-01T00:00:00Z"),
            ("unknown", "2026-01-01T00:00:00Z"),
        )
    )
    assert (answer.registered, answer.changed, answer.expires) == (None, None, None)
    assert answer.remarks == ()


def test_of_several_changes_the_last_counts_and_of_registrations_none() -> None:
    told = [("2020-01-01T00:00:00Z", 0), ("2024-01-01T00:00:00Z", 1), ("2022-01-01", 2)]
    answer = read(events=events(*(("last changed", date) for date, _ in told)))
    assert answer.changed == "2024-01-01T00:00:00Z"
    answer = read(events=events(*(("registration", date) for date, _ in told)))
    assert answer.registered is None
    assert answer.remarks[0].startswith("registered: several dates: 2020-01-01")
    twice = events(("registration", "2020-01-01T00:00:00Z"), ("registration", "2020-01-01"))
    assert read(events=twice).registered == "2020-01-01T00:00:00Z"


def test_lists_that_a_server_forgot() -> None:
    one = {"eventAction": "registration", "eventDate": "2003-09-26T04:00:00Z"}
    answer = read(events=one, status="active", entities={**REGISTRAR, "roles": "registrar"})
    assert answer.registered == "2003-09-26T04:00:00Z"
    assert (answer.status, answer.registrar) == (("active",), "Registrar Inc.")


def test_a_redacted_answer_keeps_what_is_left() -> None:
    """RFC 9537: what was taken out is listed; placeholders are no names."""
    card = ["vcard", [["fn", {}, "text", "REDACTED FOR PRIVACY"]]]
    answer = read(
        entities=[{"roles": ["registrar"], "handle": "9999", "vcardArray": card}],
        redacted=[{"name": {"type": "Registrar Name"}, "method": "emptyValue"}],
        rdapConformance=["rdap_level_0", "icann_rdap_response_profile_1", "redacted"],
    )
    assert answer.registrar is None
    assert answer.registered == "1997-09-15T04:00:00Z"


def test_an_organisation_of_several_parts() -> None:
    card = ["vcard", [["fn", {}, "text", ""], ["org", {}, "text", ["Registrar AG", "Unit"]]]]
    entities = [{"roles": ["Registrar"], "vcardArray": card}]
    assert read(entities=entities).registrar == "Registrar AG"


def test_an_endless_answer_is_not_read() -> None:
    assert read(notices="x" * (1 << 19)).standing is Standing.REGISTERED
    assert read(notices="x" * (1 << 20)).standing is Standing.CANNOT_SAY


def test_other_charsets() -> None:
    text = json.dumps({**ANSWER, "lang": "é"}, ensure_ascii=False)
    for body in (
        text.encode("latin-1"),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("utf-16"),
    ):
        assert read_rdap(body, name="shop.example").registered == "1997-09-15T04:00:00Z"


@pytest.mark.parametrize(
    ("code", "body", "standing"),
    [
        (404, {"title": "Not Found", "description": ["No such domain"]}, Standing.FREE),
        (404, {"title": "Domain is reserved"}, Standing.RESERVED),
        (404, {"description": ["This name is reserved by the registry"]}, Standing.RESERVED),
        (404, {"title": "Rate limit exceeded"}, Standing.ASK_AGAIN),
        (404, {"notices": [{"description": ["requests may be denied"]}]}, Standing.FREE),
        (200, {"errorCode": "²"}, Standing.CANNOT_SAY),
        (501, {"errorCode": 501}, Standing.CANNOT_SAY),
        (200, {"ldhName": "shop.example", "status": ["available"]}, Standing.FREE),
        (200, {"ldhName": "shop.example", "status": ["inactive"]}, Standing.REGISTERED),
        (200, {"ldhName": "SHOP.example.", "objectClassName": "Domain"}, Standing.REGISTERED),
    ],
)
def test_more_than_the_code_says(code: int, body: Any, standing: Standing) -> None:
    answer = read_rdap(json.dumps(body).encode(), name="shop.example", code=code)
    assert answer.standing is standing
