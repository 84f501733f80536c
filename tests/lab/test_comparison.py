"""The comparison notices what was missed, who was accused, and what was taken for another."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from headwater.lab.comparison import GOOD, POOR, WRONG, compare
from headwater.lab.truth import Lawful, Span, Truth
from headwater.lab.truth import Master as PlantedMaster
from headwater.lab.truth import Proxy as PlantedProxy
from headwater.records.answer import Answer, Counts, Master, NextSuspect, Proxy, Upstream
from headwater.records.window import Window

START = datetime(2026, 1, 1, tzinfo=UTC)
DRIVER, HOME, TESTER, STRANGER = "203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"

TRUTH = Truth(
    own_networks=["192.0.2.0/24"],
    window=Span(start="2026-01-01T00:00:00Z", end="2026-01-01T01:00:00Z"),
    proxies=[
        PlantedProxy(
            address="192.0.2.1", kind="synthetic-open", port=4000, started_at="",
            program="danted", drivers=[DRIVER], masters=[HOME], relayed=9,
        )
    ],
    drivers=[DRIVER],
    masters=[
        PlantedMaster(
            address=HOME, ports=[80, 22], clients=["192.0.2.1"], period_s=20,
            tunnels=["192.0.2.5"],
        )
    ],
    testers=[TESTER],
    scanners=[],
    strangers=[STRANGER],
    sleepers=["192.0.2.3"],
    lawful=[Lawful(address="192.0.2.2", role="mail server")],
    mail_servers_lawful=[],
    dark=[],
    exporter="x",
    seed=1,
    scenario="x",
)  # fmt: skip
PROXY = Proxy(
    address="192.0.2.1", kind="synthetic-open", kinds={}, port=4000, confidence=0.9,
    first_seen=START, last_seen=START, mail_sessions=1, reasons=(),
)  # fmt: skip
UPSTREAM = Upstream(
    address=DRIVER, role="driver", confidence=0.9, proxies=("192.0.2.1",), sessions=1, bytes=1,
    first_seen=START, last_seen=START, as_number=None, country=None,
)  # fmt: skip
MASTER = Master(
    address=HOME, ports=(22, 80), confidence=0.9, proxies=("192.0.2.1",), clean_clients=1,
    period_s=20.0, next_suspects=(NextSuspect(address="192.0.2.3", confidence=0.4),),
)  # fmt: skip
ANSWER = Answer(
    window=Window(START, START),
    proxies=(PROXY,),
    upstreams=(UPSTREAM, replace(UPSTREAM, address=HOME), replace(UPSTREAM, address=STRANGER)),
    masters=(MASTER,),
    operations=(),
    counts=Counts(flows=1, sessions=1, own_hosts=1, both_directions=1.0),
)


def marks(answer: Answer) -> dict[tuple[str, str], str]:
    lines = compare(TRUTH, answer).lines
    return {(line.part, line.address): line.mark for line in lines if line.mark != GOOD}


def test_a_right_answer_has_nothing_wrong() -> None:
    found = compare(TRUTH, ANSWER)
    assert marks(ANSWER) == {}
    assert not found.wrong
    assert found.right("driver") == len(found.of("driver")) == 2


def without(part: str) -> Callable[[], Answer]:
    return lambda: changed(part, ())


def extra(part: str, row: Any) -> Callable[[], Answer]:
    return lambda: changed(part, (*getattr(ANSWER, part), row))


def changed(part: str, rows: tuple[Any, ...]) -> Answer:
    parts: dict[str, Any] = {part: rows}
    return replace(ANSWER, **parts)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (without("proxies"), {("proxy", "192.0.2.1"): WRONG}),
        (without("upstreams"), {("driver", DRIVER): WRONG, ("driver", HOME): POOR}),
        (without("masters"), {("master", HOME): WRONG, ("next", "192.0.2.3"): POOR}),
        (
            extra("proxies", replace(PROXY, address="192.0.2.2")),
            {("lawful", "192.0.2.2"): WRONG},
        ),
        (
            extra("upstreams", replace(UPSTREAM, address=TESTER)),
            {("tester", TESTER): WRONG},
        ),
        (extra("upstreams", replace(UPSTREAM, address=TESTER, role="tester")), {}),
        (
            extra("upstreams", replace(UPSTREAM, address="198.51.100.9")),
            {("outsider", "198.51.100.9"): WRONG},
        ),
        (
            extra("masters", replace(MASTER, address=STRANGER)),
            {("outsider", STRANGER): WRONG},
        ),
    ],
)
def test_what_is_wrong_is_named(
    answer: Callable[[], Answer], expected: dict[tuple[str, str], str]
) -> None:
    assert marks(answer()) == expected


def test_another_kind_or_port_differs_but_is_found() -> None:
    kind = replace(ANSWER, proxies=(replace(PROXY, kind="natural-open"),))
    port = replace(ANSWER, proxies=(replace(PROXY, port=4001),))
    assert marks(kind) == marks(port) == {("proxy", "192.0.2.1"): POOR}
    assert compare(TRUTH, port).of("proxy")[0].found == "synthetic-open, port 4001 not 4000"


def test_a_lawful_host_is_accused_by_suspicion_too() -> None:
    suspect = NextSuspect(address="192.0.2.2", confidence=0.4)
    answer = replace(ANSWER, masters=(replace(MASTER, next_suspects=(suspect,)),))
    assert marks(answer)["lawful", "192.0.2.2"] == WRONG
