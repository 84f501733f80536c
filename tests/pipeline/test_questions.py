"""Questions come with the steps that they share with others."""

from headwater.lake.question import parse
from headwater.pipeline.questions import question

SHARED = ["long", "sliced", "pieces"]


def test_shared_steps_stand_where_they_are_named() -> None:
    names = [step.name for step in parse(question("detectors", "farm.sql"))]
    told = names.index("told")
    assert names[told + 1 : told + 4] == SHARED
    assert names[-1] == "answer"


def test_steps_that_several_questions_make_alike_are_told_as_such() -> None:
    steps = parse(question("detectors", "upstream.sql"))
    shared = [step.name for step in steps if step.shared]
    assert shared == ["visitors_at", "called_back", "both_ways", "peers"]


def test_what_shared_steps_say_of_themselves_ends_no_other_step() -> None:
    for name in ("farm.sql", "volume.sql", "tunneller.sql"):
        before = next(
            step for step in parse(question("detectors", name)) if step.name == "told"
        )
        assert not before.sql.splitlines()[-1].startswith("--")
