"""One job: a world made, exported each way, hunted, and the answers judged."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from benchmarks.accuracy import judge
from benchmarks.accuracy.ablation import (
    NoByteBalance,
    NoCompany,
    no_lists,
    own_question,
    ports_only,
)
from benchmarks.accuracy.baselines import baselines
from benchmarks.accuracy.outcome import Outcome
from benchmarks.accuracy.plan import Job, View
from benchmarks.accuracy.worlds import Filled, fill, who_opened_what
from benchmarks.generator import World, generate, truth
from headwater.lake.engine import Engine
from headwater.pipeline.hunt import Run, answer, hunt
from headwater.pipeline.known import Known, known
from headwater.pipeline.turned import put_right
from headwater.records.finding import Finding
from headwater.records.window import Window

OWN = "headwater"
Oriented = dict[str, tuple[int, int]]


@dataclass(slots=True)
class Watch:
    """Seconds of each stage of one trial."""

    seconds: dict[str, float] = field(default_factory=dict)
    since: float = field(default_factory=time.monotonic)

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.seconds[stage] = round(now - self.since, 1)
        self.since = now


def run(job: Job) -> list[Outcome]:
    """Everything the job asks for. Its lakes are gone afterwards."""
    world = generate(job.seed, job.subscribers, job.hours, job.mix)
    told = json.loads(json.dumps(truth(world)))
    found: list[Outcome] = []
    for view in job.views:
        with TemporaryDirectory(prefix="accuracy-") as folder:
            found += _view(world, told, view, Path(folder))
        print(f"seed {job.seed}, {job.subscribers} subscribers: {view.name}", file=sys.stderr)
    return found


def _view(world: World, told: judge.Truth, view: View, folder: Path) -> Iterator[Outcome]:
    watch = Watch()
    filled = fill(world, dict(told), view.exporter, folder)
    watch.lap("import and orient")
    oriented = _orientation(world, filled.engine, filled.window) if view.orientation else {}
    facts = known(filled.lake, filled.settings, filled.window)
    shown = put_right(filled.engine, filled.window)
    with shown.holding("sessions", filled.window) as near:  # all this as in `hunt_lake`
        filled = replace(filled, engine=near)
        trial = _Trial(told=told, view=view, filled=filled)
        watch.lap("beside")
        yield trial.outcome(OWN, near, facts, watch, oriented)
        for name in view.ablations:
            engine, changed = _ablated(name, filled, facts, folder)
            turned = _orientation(world, engine, filled.window) if name == "ports only" else {}
            yield trial.outcome(name, engine, changed, Watch(), turned)
        if view.baselines:
            yield from baselines(told, filled, view)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    told: judge.Truth
    view: View
    filled: Filled

    def outcome(
        self, method: str, engine: Engine, facts: Known, watch: Watch, oriented: Oriented
    ) -> Outcome:
        window = self.filled.window
        asked = Run(name="trial", found_at=datetime.now(UTC), window=window, engine=engine)
        findings = hunt(asked, facts)
        watch.lap("hunt")
        named = answer(asked, facts, findings, self.filled.records)
        said, claims = _said(findings, facts), _claims(findings)
        return Outcome(
            scenario=self.view.name,
            method=method,
            seed=self.told["seed"],
            sampling=self.view.exporter.sampling,
            subscribers=self.told["subscribers"],
            hijacked=judge.hijacked(self.told, said, self.view.exporter.sampling, claims),
            innocent=judge.innocent(self.told, said, claims),
            population=judge.population(self.told),
            drivers=judge.drivers(self.told, named),
            masters=judge.masters(self.told, named),
            testers=len(self.told["tester"]),
            oriented=oriented,
            seconds=watch.seconds,
        )


def _said(findings: Sequence[Finding], facts: Known) -> dict[str, Finding]:
    """The joint opinion on each host that the answer may name."""
    about = [finding for finding in findings if finding.detector == "hijacked"]
    spared = facts.spare([finding.subject for finding in about])
    return {f.subject: f for f, kept in zip(about, spared, strict=True) if not kept}


def _claims(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """What the single detectors said of each subject, before it was weighed together."""
    claims: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.detector != "hijacked":
            claims.setdefault(finding.subject, []).append(finding)
    return claims


def _ablated(name: str, filled: Filled, facts: Known, folder: Path) -> tuple[Engine, Known]:
    match name:
        case "no lists":
            return filled.engine, no_lists(facts)
        case "no company":
            return NoCompany(filled.engine), facts
        case "no byte balance":
            return NoByteBalance(filled.engine), facts
        case "ports only":
            return ports_only(filled, folder), facts
    raise ValueError(name)


def _orientation(world: World, engine: Engine, window: Window) -> Oriented:
    opened = who_opened_what(world)
    plain = [column.cast(pa.string()) for column in opened.columns[:2]] + opened.columns[2:]
    rows = engine.ask(
        own_question("orientation"),
        window,
        {"opened": pa.table(plain, names=opened.column_names)},
    )
    return {row["oriented_by"]: (row["right_way"], row["compared"]) for row in rows.to_pylist()}
