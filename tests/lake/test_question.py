"""Questions are cut into steps, and what is not a question is refused with its line."""

import pytest

from headwater.lake.question import let_go, needed, parse, tables_of
from headwater.records.errors import Misconfigured

TWO_STEPS = """
-- What the question is for; words like networks do not count here.

-- step: calls_home
select client, 'from sightings' as "slices" from sessions -- findings

-- step: often
with many as (select * from calls_home)
select * from many where client <> ';'
"""


def test_steps_keep_their_names_order_and_lines() -> None:
    steps = parse(TWO_STEPS)
    assert [(step.name, step.line) for step in steps] == [("calls_home", 4), ("often", 7)]
    assert steps[1].sql.startswith("with many")


def test_a_step_may_be_shared_with_other_questions() -> None:
    steps = parse(TWO_STEPS.replace("-- step: calls", "-- shared step: calls"))
    assert [(step.name, step.shared) for step in steps] == [
        ("calls_home", True),
        ("often", False),
    ]


CHAIN = parse(
    "".join(
        f"-- step: {name}\nselect {name} from {read}\n"
        for name, read in zip("abcde", ("flows", "a", "flows", "a, b", "d"), strict=True)
    )
)


@pytest.mark.parametrize(
    ("ends", "ready", "names"),
    [
        ("e", "", "abde"),
        ("e", "b", "abde"),
        ("e", "d", "de"),
        ("cd", "a", "abcd"),
        ("b", "b", "b"),
    ],
)
def test_what_is_ready_needs_nothing_else(ends: str, ready: str, names: str) -> None:
    assert "".join(step.name for step in needed(CHAIN, ends, ready)) == names


def test_steps_are_let_go_by_the_last_that_reads_them() -> None:
    assert let_go(CHAIN) == {"c": ["c"], "d": ["a", "b"], "e": ["d", "e"]}


def test_only_tables_outside_strings_and_comments_are_mentioned() -> None:
    assert tables_of(parse(TWO_STEPS)) == {"sessions"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "line 1: no step"),
        ("\nselect 1", "line 2: SQL before"),
        ("-- step: a\n", "line 1: step 'a': expected one select"),
        ("-- step: a\ndrop table b", "line 1: step 'a': expected one select"),
        ("-- step: a\nselect 1; select 2", "without a semicolon"),
        ("-- step: a\nselect 1\n-- step: a\nselect 2", "line 3: step 'a': the name is taken"),
        ("-- step: flows\nselect 1", "that of a table"),
        ("-- step: A b\nselect 1", "small letters"),
        ("-- step:\nselect 1", "small letters"),
    ],
)
def test_what_is_not_a_question_is_refused(text: str, why: str) -> None:
    with pytest.raises(Misconfigured, match=why):
        parse(text)
