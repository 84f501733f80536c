"""For the report: subjects by the address that each held last, as everywhere in the answer."""

from collections.abc import Callable
from dataclasses import replace

from headwater.pipeline.subjects import Subjects
from headwater.records.report import Calls, Report

Name = Callable[[str], str]


def in_addresses(report: Report, subjects: Subjects) -> Report:
    """The report with plain addresses; its answer has them already."""
    if not subjects.tenures:
        return report
    now = subjects.now
    return replace(
        report,
        ties=tuple(replace(one, proxy=now(one.proxy)) for one in report.ties),
        deliveries=tuple(replace(one, proxy=now(one.proxy)) for one in report.deliveries),
        activity=tuple(replace(one, proxy=now(one.proxy)) for one in report.activity),
        calls=tuple(_calls(one, now) for one in report.calls),
        evidence=tuple(replace(one, address=now(one.address)) for one in report.evidence),
    )


def _calls(calls: Calls, now: Name) -> Calls:
    callers = (replace(one, address=now(one.address)) for one in calls.callers)
    return replace(calls, callers=tuple(callers))
