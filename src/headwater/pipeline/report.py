"""Report: what a hunt found, and the numbers its pictures are drawn from, out of the lake."""

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Final, TypeVar

from headwater.lake.engine import LakeEngine
from headwater.lake.tables import Lake
from headwater.pipeline import report_coupling, report_flows, report_times
from headwater.pipeline.churn import churn
from headwater.pipeline.hunt_lake import answer_of, said_by
from headwater.pipeline.report_changes import changes
from headwater.pipeline.report_mentions import mentions
from headwater.pipeline.report_minutes import minutes
from headwater.pipeline.report_names import in_addresses
from headwater.pipeline.report_tunnels import tunnels
from headwater.pipeline.runs import KeptRun
from headwater.pipeline.subjects import Subjects, by_subject, subjects_in
from headwater.pipeline.subscribers import with_subscribers
from headwater.pipeline.turned import put_right
from headwater.records.answer import Answer
from headwater.records.finding import Finding
from headwater.records.report import Changes, Evidence, Reason, Report, Survival
from headwater.records.settings import Settings

Part = TypeVar("Part")
OnProgress = Callable[[int, int], None]  # done, of how many

STEPS: Final = 7
SECOND_US: Final = 1_000_000
MOST_POINTS: Final = 160  # of a survival curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is to be about."""

    run: KeptRun
    zone: tzinfo
    zone_name: str
    written_at: datetime
    compared: bool = False  # tell what changed
    before: KeptRun | None = None  # since this run; None: there was none


def report(
    lake: Lake,
    settings: Settings,
    engine: LakeEngine,
    asked: Asked,
    on_progress: OnProgress = lambda done, of: None,
) -> Report:
    """Gather one report. The sessions of the run's window must be up to date."""
    window = asked.run.window
    steps = iter(range(1, STEPS + 1))

    def done(part: Part) -> Part:
        on_progress(next(steps), STEPS)
        return part

    subjects = subjects_in(asked.run.findings)
    engine = by_subject(put_right(engine, window), subjects)
    said = done(said_by(lake, settings, asked.run, subjects))
    places = report_flows.Places(lake)
    ties, worked = done(report_flows.ties(engine, said, window))
    told = Report(
        answer=with_subscribers(said, lake, settings, subjects),
        written_at=asked.written_at,
        zone=asked.zone_name,
        bin_us=report_times.bin_us(window),
        covered=report_times.covered(window, UTC),
        covered_local=report_times.covered(window, asked.zone),
        ties=ties,
        deliveries=done(report_flows.deliveries(engine, said, window, places)),
        activity=done(report_times.activity(engine, said, window)),
        clocks=report_times.clocks(worked, asked.zone),
        calls=done(report_times.calls(engine, said, window)),
        evidence=done(tuple(_evidence(lake, engine, asked.run, said, subjects))),
        survival=done(tuple(_survival(lake, settings))),
        places=places.labels(sorted(_outsiders(said))),
        changes=None,
    )
    plain = in_addresses(told, subjects)
    return replace(plain, changes=_changes(lake, settings, asked, plain.answer))


def _outsiders(answer: Answer) -> set[str]:
    return {u.address for u in answer.upstreams} | {m.address for m in answer.masters}


def _changes(lake: Lake, settings: Settings, asked: Asked, answer: Answer) -> Changes | None:
    if not asked.compared:
        return None
    before = answer_of(lake, settings, asked.before) if asked.before else None
    return changes(answer, before)


def _evidence(
    lake: Lake, engine: LakeEngine, run: KeptRun, answer: Answer, subjects: Subjects
) -> Iterator[Evidence]:
    doors = report_coupling.doors(answer, run.findings)
    couplings = report_coupling.couplings(engine, doors, run.window)
    by_volume = [door for door in doors if door["by_volume"]]
    piecewise = minutes(engine, by_volume, run.window)
    piecewise |= tunnels(engine, answer, run.findings, run.window)
    outsiders = sorted(_outsiders(answer))
    about = _about(_tellable(run.findings, answer))
    held = {proxy.address: subjects.addresses(proxy.address) for proxy in answer.proxies}
    said = mentions(lake, [*{a for each in held.values() for a in each}, *outsiders])
    for proxy in answer.proxies:
        name = proxy.address
        yield Evidence(
            address=name,
            role="proxy",
            reasons=tuple(_weighed(about.get(name, ()), set(proxy.reasons))),
            mentions=tuple(m for address in held[name] for m in said.get(address, ())),
            coupling=couplings.get(name),
            tunnel=piecewise.get(name),
        )
    for address in outsiders:
        yield Evidence(
            address=address,
            role="outsider",
            reasons=tuple(_said(about.get(address, ()), address, subjects)),
            mentions=said.get(address, ()),
        )


def _tellable(findings: Iterable[Finding], answer: Answer) -> Iterator[Finding]:
    """Findings about hosts that the answer names, and about outsiders: of whom the operator
    said never to accuse them nothing is told beside others, either."""
    named = {proxy.address for proxy in answer.proxies} | _outsiders(answer)
    return (finding for finding in findings if finding.subject in named)


def _about(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings by whom they speak of: their subject, and the outsider that it dials."""
    by_address: dict[str, list[Finding]] = {}
    for finding in findings:
        for address in {finding.subject, finding.proof.get("peer", finding.subject)}:
            by_address.setdefault(address, []).append(finding)
    return by_address


def _weighed(findings: Iterable[Finding], told: Set[str]) -> Iterator[Reason]:
    """The joint opinion's reasons that may be told, with their weights."""
    for finding in findings:
        if finding.detector == "hijacked":
            pairs = zip(finding.proof["reasons"], finding.proof["weights"], strict=False)
            yield from (Reason(text=text, weight=w) for text, w in pairs if text in told)


def _said(findings: Iterable[Finding], address: str, subjects: Subjects) -> Iterator[Reason]:
    """What each detector says of an outsider, the surest first."""
    for finding in sorted(findings, key=lambda f: -f.confidence):
        whose = "" if finding.subject == address else f"{subjects.now(finding.subject)}: "
        yield Reason(text=f"{whose}{finding.summary}", weight=None)


def _survival(lake: Lake, settings: Settings) -> Iterator[Survival]:
    for pool in churn(lake, settings.own_networks, settings.leases.clocks()):
        curve = pool.curve
        if not len(curve.durations):
            continue
        chosen = curve.corners(MOST_POINTS)
        columns = (curve.durations / SECOND_US, curve.surviving, curve.lower, curve.upper)
        rows = zip(*(column[chosen].round(4).tolist() for column in columns), strict=True)
        yield Survival(
            pool=pool.pool,
            tenures=curve.count,
            ended=curve.ended,
            points=tuple((a, b, c, d) for a, b, c, d in rows),
        )
