import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.jcard import full_name, read_jcard

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=20,
)
VERSION = ["version", {}, "text", "4.0"]


def test_properties_are_read() -> None:
    card = [
        "vcard",
        [VERSION, ["adr", {"x": 1}, "text", ["", "", ["Street 1", "2nd floor"], "Town"]]],
    ]
    version, address = read_jcard(card)
    assert (version.name, version.values) == ("version", ("4.0",))
    assert address.values == (("", "", "Street 1 2nd floor", "Town"),)


@pytest.mark.parametrize(
    "text",
    [
        "[]", '["vcard"]', '["vcardX", []]', '["vcard", false]', '["vcard", [false]]',
        '["vcard", [[false, {}, "text", "4.0"]]]',
        '["vcard", [["version", false, "text", "4.0"]]]',
        '["vcard", [["version", {}, 42, "4.0"]]]', '["vcard", [["version", {}, "text"]]]',
        '["vcard", [["version", {}, "text", ["a", ["b", ["c"]]]]]]',
    ],
)  # fmt: skip
def test_what_breaks_the_format_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput, match="jCard"):
        read_jcard(json.loads(text))


def test_the_name_is_found_beside_broken_properties() -> None:
    assert (
        full_name(["vcard", [["version"], ["FN", {}, "text", " Registrar Inc. "]]])
        == "Registrar Inc."
    )
    assert full_name(["vcard", [["fn", {}, "text", ""], ["org", {}, "text", "Org"]]]) == "Org"
    assert full_name(["vcard", [VERSION]]) is None
    assert full_name("vcard") is None


@given(ANYTHING | st.tuples(st.just("vcard"), st.lists(ANYTHING)).map(list))
def test_anything_is_read_or_refused(card: Any) -> None:
    full_name(card)
    with suppress(MalformedInput):
        read_jcard(card)
