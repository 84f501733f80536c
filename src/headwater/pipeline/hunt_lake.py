"""The whole hunt over a lake: detectors asked, the run kept, and what it comes to."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from headwater.lake.engine import LakeEngine
from headwater.lake.tables import Lake
from headwater.pipeline.answer import compose, spoken_of
from headwater.pipeline.hunt import ALONE, ROUNDS, Run, answer, hunt
from headwater.pipeline.known import known
from headwater.pipeline.operations import operation_findings
from headwater.pipeline.questions import question
from headwater.pipeline.runs import KeptRun, keep, name_of, operations_before
from headwater.pipeline.subjects import Subjects, by_subject, subjects_in, subjects_of
from headwater.pipeline.subscribers import with_subscribers
from headwater.pipeline.turned import put_right
from headwater.pipeline.up_to_date import OnProgress, unwatched
from headwater.pipeline.watch import look_closer
from headwater.records.answer import Answer
from headwater.records.settings import Settings
from headwater.records.window import Window

# Each round asks about hosts, drivers and masters; at the end hosts are weighed once more,
# then outsiders and own hosts that scan are looked for.
STEPS: Final = len(ALONE) + 4 * ROUNDS + 3


def hunt_lake(
    lake: Lake,
    settings: Settings,
    engine: LakeEngine,
    window: Window,
    now: datetime,
    on_progress: OnProgress = unwatched,
) -> Answer:
    """Ask every detector about one window, keep what they found, and say what it comes to.

    A window without flows is no run: it would only hide the one before it.
    """
    run = Run(name=name_of(now), found_at=now, window=window, engine=engine)
    subjects = subjects_of(lake, settings, engine, window)
    beside = known(lake, settings, window, subjects)
    done = 0

    def on_detector(_name: str) -> None:
        nonlocal done
        on_progress(done, max(STEPS, done + 1))
        done += 1

    flows = flows_in(lake, engine, window)
    before = operations_before(lake)
    shown = by_subject(put_right(engine, window), subjects)
    with shown.holding("sessions", window) as near:
        closely = replace(run, engine=near)
        findings = hunt(
            closely,
            beside,
            on_detector,
            lambda company: look_closer(lake, settings, engine, window, subjects, company),
        )
        result = answer(closely, beside, findings, flows, before)
    if result.counts.flows:
        held_then = subjects.findings(spoken_of(findings), window)
        groups = operation_findings(result, before)
        keep(lake, run, result.counts, [*findings, *held_then, *groups])
    on_progress(STEPS, STEPS)
    return with_subscribers(result, lake, settings, subjects)


def flows_in(lake: Lake, engine: LakeEngine, window: Window) -> int:
    """How many records the window holds; only where it cuts files need they be read."""
    if lake.within("flows", window):
        return lake.rows("flows", window)
    counted = engine.ask(question("pipeline", "flows_held.sql"), window).to_pylist()[0]
    return int(counted["flows"])


def answer_of(lake: Lake, settings: Settings, run: KeptRun) -> Answer:
    """What a kept run comes to, under the settings and small tables of today."""
    subjects = subjects_in(run.findings)
    said = said_by(lake, settings, run, subjects)
    return with_subscribers(said, lake, settings, subjects)


def said_by(lake: Lake, settings: Settings, run: KeptRun, subjects: Subjects) -> Answer:
    """The same in the subjects' own names."""
    beside = known(lake, settings, run.window, subjects)
    return compose(
        run.findings, run.window, run.counts, beside.locate, beside.spare, run.operations
    )
