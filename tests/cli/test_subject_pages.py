from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from headwater.cli.subject_pages import numbers, page, value
from headwater.pipeline.runs import KeptRun
from headwater.pipeline.subject import Listing, Subject
from headwater.records.answer import Counts
from headwater.records.finding import Finding
from headwater.records.window import Window

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WINDOW = Window(NOON, NOON)
RUN = KeptRun(
    name="r",
    found_at=NOON,
    window=WINDOW,
    engine="duckdb",
    counts=Counts(flows=1, sessions=1, own_hosts=1, both_directions=1.0),
    findings=(),
)
NOBODY = Subject(
    address="192.0.2.1", settings=("own_networks",), as_number=None, country=None, proxy=None,
    upstream=None, master=None, suspected_by=(), findings=(), named_by=(), contacts=(),
    listings=(),
)  # fmt: skip


def a_finding(subject: str = "192.0.2.1", **proof: Any) -> Finding:
    return Finding(
        detector="relay", subject=subject, kind="relay", confidence=0.9, window=WINDOW,
        summary="it relays", proof=proof,
    )  # fmt: skip


def lines(found: Subject, *, why: bool = False) -> list[str]:
    return list(page(found, RUN, UTC, why))


@pytest.mark.parametrize(
    ("name", "each", "text"),
    [
        ("port", 1080, "1080"),
        ("share", 0.25, "0.25"),
        ("balanced", True, "yes"),
        ("period_s", None, "unknown"),
        ("first_seen_us", 1_767_268_800_000_000, "01-01 12:00:00"),
        ("proxies", [], "none"),
        ("ports", [22, 80], "22, 80"),
        ("proxies", list(range(12)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"),
        ("onward_ports", {"25": 3.0, "80": 0}, "(25 3)"),
    ],
)
def test_numbers_of_a_proof_in_words(name: str, each: Any, text: str) -> None:
    assert value(name, each, UTC) == text


def test_what_is_said_in_words_is_not_said_again_in_numbers() -> None:
    proof = {"port": 25, "reasons": ["a"], "weights": [1.5], "host": "192.0.2.1"}
    assert numbers(proof, UTC) == "port 25"
    assert numbers({"weights": {"breadth": 3.0}}, UTC) == "weights (breadth 3)"


def test_weights_stand_beside_reasons_only_when_asked_for() -> None:
    proof: dict[str, Any] = {
        "reasons": ["it relays", "it is listed"],
        "weights": [10.0, -0.25],
    }
    found = replace(NOBODY, findings=(replace(a_finding(**proof), detector="hijacked"),))
    assert "  +10.0  it relays" in lines(found, why=True)
    assert "   -0.2  it is listed" in lines(found, why=True)
    assert "  it relays" in lines(found)


def test_nobody_is_told_apart_from_somebody_innocent() -> None:
    assert "Nothing is known of this address: no finding, no session, no list." in lines(NOBODY)
    innocent = replace(NOBODY, named_by=(a_finding("192.0.2.2"),))
    assert "Accused of nothing." in lines(innocent)


@pytest.mark.parametrize(
    ("kind", "says"),
    [("scanning", "It scans others: infected"), ("scanner", "Scanner: knocks blindly")],
)
def test_who_scans_is_told_at_the_top(kind: str, says: str) -> None:
    finding = replace(a_finding(), detector="a_scan", kind=kind)
    text = lines(replace(NOBODY, findings=(finding,)))
    assert f"{says}, sure 0.90" in text
    assert "Accused of nothing." not in text


def test_what_changed_after_a_scan_is_told_in_words() -> None:
    change = {"host": "192.0.2.1", "what": "mail", "port": 25, "after_s": 60.5}
    told = numbers({"changed": [change]}, UTC)
    assert told == "changed (host 192.0.2.1, what mail, port 25, after_s 60.5)"


def test_others_that_name_it_are_named_once_and_counted() -> None:
    others = [a_finding(f"198.51.100.{n % 10}") for n in range(20)]
    text = lines(replace(NOBODY, named_by=tuple(others)))
    assert text.count("  198.51.100.0: it relays") == 1
    assert "  ... and 2 more" in text


def test_hostile_text_of_a_list_does_not_reach_the_terminal() -> None:
    listing = Listing(
        subject="192.0.2.0/24", kind="listed", means="proxy", source="a\x1b[31mlist",
        seen_at=NOON, until=NOON, detail="x\r\n\x07" * 100,
    )  # fmt: skip
    text = lines(replace(NOBODY, listings=(listing,)))
    assert all(line.isprintable() and len(line) <= 80 for line in text)
    assert any("(as 192.0.2.0/24), means proxy, 01-01 12:00, until" in line for line in text)
