from headwater.pipeline.refusals import MOST_EXAMPLES, MOST_REASONS, OTHER, Refusals
from headwater.records.intake import Refused


def refused(reason: str, line: int = 1, records: int = 1) -> Refused:
    return Refused(source="x", position=f"line {line}", reason=reason, records=records)


def test_reasons_are_counted_by_their_head_the_most_frequent_first() -> None:
    refusals = Refusals()
    for line in range(10):
        refusals.add(refused(f"not an address: {line}", line))
    refusals.add(refused("cut short", records=50))
    assert list(refusals.counts.items()) == [("cut short", 50), ("not an address", 10)]
    assert len(refusals.examples) == 1 + MOST_EXAMPLES
    assert [r.position for r in refusals.examples[1:]] == ["line 0", "line 1", "line 2"]


def test_memory_is_bounded_whatever_the_reasons() -> None:
    refusals = Refusals()
    for number in range(MOST_REASONS * 3):
        refusals.add(refused(f"reason {number}"))
    assert len(refusals.counts) == MOST_REASONS + 1
    assert refusals.counts[OTHER] == MOST_REASONS * 2
