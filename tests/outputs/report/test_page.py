"""What each part of the page shows, and in which order."""

from dataclasses import replace
from datetime import UTC

import pytest
from tests.outputs.report.conftest import BACK, DRIVER, GATEWAY, RELAY, SENDER

from headwater.outputs.report.page import MOST_UPSTREAMS, hands, outsiders, parts, proofs_of
from headwater.outputs.report.render import _fresh
from headwater.records.report import Report


def test_what_is_in_no_operation_has_a_part_of_its_own(report: Report) -> None:
    operation, alone = parts(report, [])
    assert [proxy.address for proxy in operation.proxies] == [RELAY, BACK]
    assert [proxy.address for proxy in alone.proxies] == [SENDER]
    assert (alone.title, alone.operation) == ("In no operation", None)
    assert [each.address for each in operation.masters] == [report.answer.masters[0].address]


def test_who_was_at_work_first_comes_first(report: Report) -> None:
    late, early = report.activity[0], report.activity[1]
    assert (late.driven.index(3), early.driven.index(5)) == (1, 2)
    swapped = replace(
        report, activity=(replace(late, driven=early.driven, mail=(0,) * 6), early)
    )
    quiet = replace(early, driven=(5, *early.driven[1:]))
    changed = replace(swapped, activity=(swapped.activity[0], quiet, report.activity[2]))
    assert [row.proxy for row in next(parts(changed, [])).rows] == [BACK, RELAY]


def test_a_part_that_is_everything_needs_no_flow_of_its_own(report: Report) -> None:
    assert all(part.flow is not None for part in parts(report, []))
    operation = replace(report.answer.operations[0], proxies=(RELAY, BACK, SENDER))
    whole = replace(report, answer=replace(report.answer, operations=(operation,)))
    assert [part.flow for part in parts(whole, [])] == [None]


def test_the_busiest_driver_is_first_and_testers_are_left_out(report: Report) -> None:
    assert [each.clock.upstream for each in hands(report)] == [DRIVER, GATEWAY]
    idle = replace(report.clocks[0], utc=(1,) * 24)
    changed = replace(report, clocks=(idle, *report.clocks[1:]))
    assert [each.clock.upstream for each in hands(changed)] == [GATEWAY, DRIVER]


def test_two_subscribers_of_one_address_have_proofs_apart(report: Report) -> None:
    first = report.answer.proxies[0]
    answer = replace(report.answer, proxies=(first, replace(first, subscriber="line-78")))
    both = replace(
        report,
        answer=answer,
        evidence=report.evidence[:1] * 2,
        activity=report.activity[:1] * 2,
    )
    proofs = list(proofs_of(both, [], UTC))
    assert [proof.key for proof in proofs] == [RELAY, f"{RELAY}-2"]
    assert [proof.proxy.subscriber for proof in proofs] == ["line-77", "line-78"]


def test_outsiders_are_bounded(report: Report) -> None:
    one = report.evidence[3]
    many = tuple(replace(one, address=f"2001:db8::{n:x}") for n in range(MOST_UPSTREAMS + 9))
    assert len(outsiders(replace(report, evidence=many))) == MOST_UPSTREAMS


@pytest.mark.parametrize("compared", [True, False])
def test_where_everything_is_new_nothing_is_marked(report: Report, compared: bool) -> None:
    assert report.changes
    changes = report.changes if compared else replace(report.changes, before=None)
    fresh = _fresh(replace(report, changes=changes))
    assert fresh == ({RELAY, DRIVER} if compared else set())
