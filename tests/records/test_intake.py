from dataclasses import FrozenInstanceError

import pytest

from headwater.records.intake import Refused, SequenceGap, SequenceUnit


def test_a_refusal_stands_for_one_record_unless_it_says_more() -> None:
    refused = Refused(source="list.txt", position="line 3", reason="not an address")
    assert refused.records == 1


def test_what_came_in_is_never_changed() -> None:
    gap = SequenceGap(
        exporter="192.0.2.1", domain=0, unit=SequenceUnit.FLOWS, missing=3, position="packet 2"
    )
    with pytest.raises(FrozenInstanceError):
        gap.missing = 0  # type: ignore[misc]
