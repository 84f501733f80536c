import json
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta

import pytest

from headwater.records.finding import Finding, Kind
from headwater.records.window import Window

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_kinds_are_published_by_these_words() -> None:
    assert {kind.value for kind in Kind} == {
        "natural-open",
        "synthetic-open",
        "synthetic-protected",
        "backconnect",
        "open-relay",
        "direct-sender",
        "content-proxy",
        "cannot-say",
    }


def test_a_kind_is_written_as_its_word() -> None:
    assert json.dumps({Kind.OPEN_RELAY: Kind.CANNOT_SAY}) == '{"open-relay": "cannot-say"}'


def test_a_claim_once_made_does_not_change() -> None:
    finding = Finding(
        detector="relay",
        subject="192.0.2.1",
        kind="relay",
        confidence=0.9,
        window=Window(NOON, NOON + timedelta(hours=1)),
        summary="",
        proof={},
    )
    with pytest.raises(FrozenInstanceError):
        finding.confidence = 0.1  # type: ignore[misc]
