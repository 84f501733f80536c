"""Abuse contacts in RDAP answers about networks."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.rdap_network import AbuseContact, abuse_contacts


def entity(*roles: str, handle: str = "AB1", mail: str = "", **said: Any) -> dict[str, Any]:
    card = [["version", {}, "text", "4.0"], ["fn", {}, "text", "Abuse desk"]]
    if mail:
        card.append(["email", {"type": "work"}, "text", mail])
    return {
        "objectClassName": "entity", "handle": handle, "roles": list(roles),
        "vcardArray": ["vcard", card],
    } | said  # fmt: skip


def network(*entities: Any, **said: Any) -> bytes:
    answer = {
        "objectClassName": "ip network", "startAddress": "192.0.2.0",
        "endAddress": "192.0.2.255", "entities": list(entities),
    } | said  # fmt: skip
    return json.dumps(answer).encode()


def test_the_contact_for_abuse_and_no_other() -> None:
    body = network(
        entity("technical", mail="noc@example.net"),
        entity("abuse", "noc", handle="AB2", mail="Abuse@Example.NET"),
    )
    assert abuse_contacts(body) == (
        AbuseContact(handle="AB2", addresses=("abuse@example.net",)),
    )


def test_a_contact_of_the_organisation() -> None:
    inner = entity("abuse", mail="abuse@example.net")
    body = network(entity("registrant", entities=[inner]), inner)
    assert abuse_contacts(body) == (
        AbuseContact(handle="AB1", addresses=("abuse@example.net",)),
    )


def test_no_contact_or_one_without_an_address() -> None:
    assert abuse_contacts(network()) == ()
    assert abuse_contacts(network(entity("registrant"))) == ()
    (silent,) = abuse_contacts(network(entity("abuse"), entity("abuse", vcardArray=7)))
    assert silent.addresses == ()
    assert abuse_contacts(network(7, {"roles": "abuse"})) == ()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"\xff", b'{"errorCode": 404}', b'{"objectClassName": "domain"}'],
)
def test_what_is_no_such_answer(body: bytes) -> None:
    with pytest.raises(MalformedInput):
        abuse_contacts(body)


def test_entities_without_end() -> None:
    nested = entity("abuse", mail="deep@example.net")
    for _ in range(50):
        nested = entity("registrant", entities=[nested])
    assert abuse_contacts(network(nested)) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["entities", "roles", "vcardArray"]), inner)
    ),
    max_leaves=20,
)


@given(JSON | st.binary(max_size=50))
def test_anything_gives_contacts_or_malformed_input(value: Any) -> None:
    body = value if isinstance(value, bytes) else network(entities=value)
    with suppress(MalformedInput):
        abuse_contacts(body)
