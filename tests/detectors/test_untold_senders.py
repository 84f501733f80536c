"""Hijacked: sampled senders of which nothing is told but their mail."""

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import fellows, outside, own, window

from headwater.detectors.direct_sender import judge
from headwater.detectors.hijacked import DETECTOR
from headwater.measures.sender import Sender

WINDOW = window(6)
SENT: dict[str, Any] = dict.fromkeys(Sender._fields, 0) | {
    "sampling": 10, "mail_sessions": 40, "mail_exported": 40, "exchangers": 30,
    "mail_packets": 1200, "mail_bytes": 300_000, "first_seen": WINDOW.start_us,
    "mail_first": WINDOW.start_us, "mail_last": WINDOW.end_us,
}  # fmt: skip
CALLS: dict[str, Any] = {
    "master": outside(9), **fellows(2, 0), "shared": False,
    "sampled": True, "first_seen_us": 1, "last_seen_us": 2,
}  # fmt: skip
SENDER, CALLER = own(1), own(2)


def row(host: str, kind: str, confidence: float, proof: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "host": host, "kind": kind, "confidence": confidence, "summary": kind, "lists": "[]",
        "proof": json.dumps(dict(proof)), "mail_server": False, "lawful_proxy": False,
    }  # fmt: skip


def sends(host: str, **said: Any) -> dict[str, Any]:
    found = judge(Sender(**(SENT | {"host": host} | said)), WINDOW, 0.3)
    return row(host, found.kind, found.confidence, found.proof)


def sure(*rows: dict[str, Any]) -> dict[str, float]:
    found = DETECTOR.weigh(pa.Table.from_pylist(list(rows)), WINDOW)
    return {each.subject: each.confidence for each in found}


def test_who_shows_nothing_else_where_much_is_seen_is_less_likely_sick() -> None:
    calls = row(CALLER, "calls-master", 0.9, CALLS)
    before = sure(sends(SENDER), sends(CALLER))
    after = sure(sends(SENDER), sends(CALLER), calls)
    assert before[SENDER] > after[SENDER] > 0.0
    assert after[CALLER] > before[CALLER] == before[SENDER]


def test_who_calls_a_master_shows_something() -> None:
    told = [row(host, "calls-master", 0.9, CALLS) for host in (SENDER, CALLER)]
    both = sure(sends(SENDER), sends(CALLER), *told)
    assert both[SENDER] == both[CALLER] > 0.9


@pytest.mark.parametrize("said", [{"mail_packets": 400}, {"sampling": 1}])
def test_where_little_is_seen_or_all_nothing_is_taken(said: dict[str, Any]) -> None:
    """Of a packet or so of each session most are unseen; unsampled the prior knows of it."""
    calls = row(CALLER, "calls-master", 0.9, CALLS)
    alone, beside = sure(sends(SENDER, **said)), sure(sends(SENDER, **said), calls)
    assert beside[SENDER] == pytest.approx(alone[SENDER], abs=0.001)
