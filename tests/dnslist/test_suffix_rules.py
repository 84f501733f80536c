"""Public suffix rules as hashes against the list's own library."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.dnslist.answers.keyed_hash import KEY_BYTES, KeyedHash
from headwater.dnslist.answers.suffix_rules import DEEPEST, RESERVED, SuffixRules, compile_rules
from headwater.dnslist.serve.public_suffixes import icann_rules
from headwater.records.errors import MalformedInput
from headwater.wire.dns import labels_of
from headwater.wire.names import public_suffix

KEYED = KeyedHash(np.random.default_rng(5).bytes(KEY_BYTES))
LIST = icann_rules()
RULES = SuffixRules(compile_rules(LIST, KEYED))
ENDINGS = st.sampled_from([rule.lstrip("!*.") for rule in LIST])


def suffix_of(name: str) -> str:
    labels = labels_of(name)
    length, _ = RULES.suffix_length(KEYED.suffixes(labels, DEEPEST + 1))
    return b".".join(labels[-length:]).decode()


def test_the_whole_list_is_there() -> None:
    assert len(LIST) > 6000
    assert {"com", "co.uk", "*.ck", "!www.ck", "xn--p1ai"} <= set(LIST)


@given(ENDINGS, st.lists(st.sampled_from(["a", "www", "city", "kobe", "nowhere"]), max_size=3))
def test_suffixes_are_those_of_the_library(ending: str, before: list[str]) -> None:
    name = ".".join([*before, ending])
    assert suffix_of(name) == public_suffix(name)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("www.example.com", "com"),
        ("a.nowhere", "nowhere"),
        ("x.y.kobe.jp", "y.kobe.jp"),
        ("city.kobe.jp", "kobe.jp"),
        ("kobe.jp", "kobe.jp"),
        ("x.www.ck", "ck"),
    ],
)
def test_plain_wildcard_and_exception(name: str, suffix: str) -> None:
    assert suffix_of(name) == suffix


def test_the_flags_of_many_are_those_of_each() -> None:
    names = [labels_of(rule.lstrip("!*.")) for rule in LIST[:500]]
    hashes = [KEYED.suffixes(labels, DEEPEST)[-1] for labels in names]
    assert (RULES.flags(np.array(hashes, np.uint64)) > 0).all()
    strangers = KEYED.suffixes([b"no", b"such"], 2)
    assert RULES.flags(np.array(strangers, np.uint64)).tolist() == [0, 0]


def test_reserved_names_are_marked() -> None:
    assert RULES.suffix_length(KEYED.suffixes([b"7", b"test"], 9))[1] & RESERVED


@pytest.mark.parametrize("rule", ["", "a..b", "*.*.x", ".".join("abcdefghi")])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(MalformedInput):
        compile_rules([rule], KEYED)


def test_slots_of_an_odd_shape_are_refused() -> None:
    with pytest.raises(MalformedInput):
        SuffixRules(np.zeros((3, 4), np.uint64))
