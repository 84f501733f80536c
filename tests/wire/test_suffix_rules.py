from hypothesis import given
from hypothesis import strategies as st

from headwater.wire.names import registrable
from headwater.wire.suffix_rules import Rule, read_rules, shipped_rules

LIST = """
// ===BEGIN ICANN DOMAINS===
test
co.test
*.wild.test
!www.wild.test
bücher.test
// ===END ICANN DOMAINS===
blog.example
"""


def test_rules_become_endings_with_a_length() -> None:
    assert set(read_rules(LIST.splitlines())) == {
        Rule("test", 1),
        Rule("co.test", 2),
        Rule("wild.test", 3),
        Rule("www.wild.test", 2, exception=True),
        Rule("xn--bcher-kva.test", 2),
    }


RULES = {rule.ending: rule for rule in shipped_rules()}


def by_table(name: str) -> str | None:
    labels = name.split(".")
    endings = [".".join(labels[at:]) for at in range(len(labels))]
    rules = [RULES[ending] for ending in endings if ending in RULES]
    told = [rule for rule in rules if rule.exception] or rules
    length = max((rule.labels for rule in told), default=1)
    return ".".join(labels[-length - 1 :]) if len(labels) > length else None


ENDINGS = ["com", "co.uk", "kawasaki.jp", "city.kawasaki.jp", "ck", "www.ck", "unheardof", "jp"]


@given(
    st.lists(st.sampled_from(["a", "b", "www", "city"]), max_size=3), st.sampled_from(ENDINGS)
)
def test_the_table_agrees_with_the_list(labels: list[str], ending: str) -> None:
    name = ".".join([*labels, ending])
    assert by_table(name) == registrable(name)
