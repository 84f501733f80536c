"""Hunt: every detector's question put to the sessions, and its opinions weighed together.

Evidence about hosts finds drivers and masters, and these find more hosts: the round is
gone twice, and each time a host is judged by what others say. Neither of a master nor of
drivers it hears its own echo.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
import pyarrow as pa

from headwater.detectors import (
    dark_scan,
    dial_back,
    direct_sender,
    farm,
    fed,
    hand_over,
    handed_in,
    hijacked,
    master,
    origin,
    own_scan,
    relay,
    same_errands,
    shared_visitor,
    tunnel,
    tunneller,
    upstream,
    volume,
)
from headwater.lake.engine import Engine
from headwater.measures.chains import LONGEST
from headwater.measures.columns import codes
from headwater.measures.driving import FAINT
from headwater.measures.gates import TUNNELS, dialled
from headwater.measures.odds import logit, probability
from headwater.measures.ports import WEB_PORTS
from headwater.pipeline.answer import compose
from headwater.pipeline.asking import answers_ahead, askers
from headwater.pipeline.gateways import as_gateways
from headwater.pipeline.known import Known
from headwater.pipeline.living import living
from headwater.pipeline.mailed import as_mailed
from headwater.pipeline.portions import days, portions, strongest
from headwater.pipeline.questions import question
from headwater.pipeline.scan_facts import lit_facts, masters_known
from headwater.pipeline.side_by_side import side_by_side
from headwater.records.answer import Answer, Counts
from headwater.records.detector import Detector
from headwater.records.finding import Finding, Kind
from headwater.records.tables import FINDINGS
from headwater.records.window import Window

ROUNDS = 2
BY_HOST = (relay.DETECTOR, tunnel.DETECTOR, dial_back.DETECTOR)
TOGETHER = (  # hosts tell of each other
    volume.DETECTOR,
    farm.DETECTOR,
    origin.DETECTOR,
    hand_over.DETECTOR,
    same_errands.DETECTOR,
)
DAY_BY_DAY = tunneller.DETECTOR  # they do, and what it asks of time grows with its square
AT_ONCE = (shared_visitor.DETECTOR, handed_in.DETECTOR)
ALONE = (*TOGETHER, *AT_ONCE, DAY_BY_DAY, *BY_HOST, direct_sender.DETECTOR)
OUTSIDERS = (upstream.DETECTOR, master.DETECTOR)
BROUGHT = ("suspects", "mailed_for", "gateways", "indicators")
DRIVEN = "driven"
Tables = Mapping[str, pa.Table]
NOTHING: Tables = {}
Progress = Callable[[str], None]
LookCloser = Callable[[Sequence[Finding]], list[Finding]]

SUSPECTS = pa.schema(
    [
        ("host", pa.string()),
        ("port", pa.int32()),
        ("confidence", pa.float64()),
        ("relays", pa.bool_()),
        ("tunnel", pa.bool_()),
        ("since_us", pa.int64()),
        ("called", pa.string()),
        ("apart", pa.float64()),
    ]
)

HOPS = pa.schema(
    [
        ("host", pa.string()),
        ("server", pa.string()),
        ("port", pa.int32()),
        ("protocol", pa.int32()),
    ]
)

DRIVERS = pa.schema(
    [
        ("client", pa.string()),
        ("confidence", pa.float64()),
        ("sick", pa.int64()),
        ("share", pa.float64()),
        ("unshown", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Who asks, when, with what."""

    name: str
    found_at: datetime
    window: Window
    engine: Engine


def hunt(
    run: Run,
    known: Known,
    progress: Progress = lambda _: None,
    look_closer: LookCloser = lambda _: [],
) -> list[Finding]:
    """All findings of one window, the last round's where there were several.

    ``look_closer``: from findings about outsiders to claims about hosts on watch.
    """
    with askers() as pool:
        return _Hunt(run, known, progress, pool).findings(look_closer)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A detector's question, with the tables it comes with."""

    detector: Detector
    given: Tables
    window: Window


@dataclass(frozen=True, slots=True)
class _Hunt:
    """One hunt; threads of ``pool`` wait for the engine."""

    run: Run
    known: Known
    progress: Progress
    pool: Executor

    def findings(self, look_closer: LookCloser) -> list[Finding]:
        """See ``hunt``."""
        lit = lit_facts(self.run.engine, self.run.window, self.known)
        own, scans = self._alone(lit)
        company: list[Finding] = []
        for _ in range(ROUNDS):
            claims = [*own, *company]
            company = list(self._put(self._outsiders(claims, heard=bool(company))))
            known = {"drivers": as_drivers(company)}
            company.extend(self._put([self._asked(fed.DETECTOR, known)]))
        beside = {**lit, **masters_known(self.known, company)}
        scanned = self.pool.submit(self._ask, self._asked(dark_scan.DETECTOR, beside))
        watched = look_closer(company)
        hosts = self._judged([*own, *company, *watched])
        scanners = self._weighed(dark_scan.DETECTOR, scanned.result())
        return [*own, *company, *watched, *hosts, *scanners, *scans]

    def _outsiders(self, claims: Sequence[Finding], *, heard: bool) -> Iterator[_Asked]:
        """Hosts are judged with what is ``heard`` of drivers while these are asked about."""
        indicated = {"indicators": self.known.indicated}
        apart = self._judged([claim for claim in claims if claim.kind != DRIVEN])
        suspects = as_suspects(used_by_visitors(apart), claims)
        beside = {"suspects": suspects, "mailed_for": as_mailed(claims), **indicated}
        yield self._asked(upstream.DETECTOR, beside)
        hosts = self._judged(claims) if heard else apart
        callers = as_suspects(hosts, claims)
        gateways = as_gateways(callers.column("host").to_pylist(), claims)
        beside = {"suspects": callers, "gateways": gateways, **indicated}
        yield self._asked(master.DETECTOR, beside)

    def _alone(self, lit: Tables) -> tuple[list[Finding], list[Finding]]:
        """What hosts show by themselves, and who of them scans.

        Who scans accuses nobody of relaying: no other detector hears of it. Meanwhile the
        questions are begun that will come with answers to others.
        """
        places = {"living": living(lit["lit"])}
        senders = self.pool.submit(self._ask, self._asked(direct_sender.DETECTOR, places))
        scans = self.pool.submit(self._ask, self._asked(own_scan.DETECTOR))
        begin = [partial(self._prepare, each, BROUGHT) for each in OUTSIDERS]
        begin.append(partial(self._prepare, dark_scan.DETECTOR, ("masters",), lit))
        begin.append(partial(self.run.engine.prepare, counts_question(), self.run.window, ()))
        own = dialled(strongest(self._put(self._by_sessions(), begin), DAY_BY_DAY.name))
        own.extend(self._weighed(direct_sender.DETECTOR, senders.result()))
        own.extend(self._along_chains(own))
        return own, list(self._weighed(own_scan.DETECTOR, scans.result()))

    def _along_chains(self, claims: Sequence[Finding]) -> Iterator[Finding]:
        """Who hands on to own hosts that relay, and who to these."""
        for _ in range(LONGEST):
            hops = as_hops(claims)
            if not hops.num_rows:
                return
            claims = self._found(self._asked(relay.ONWARD, {"hops": hops}))
            yield from claims

    def _by_sessions(self) -> Iterator[_Asked]:
        """Who reads single sessions, and what of them; no earlier than the answer is wanted."""
        engine, window = self.run.engine, self.run.window
        popular = {"popular": engine.ask(question("pipeline", "popular.sql"), window)}
        beside = {**popular, "side_by_side": side_by_side(engine, window)}
        yield from (self._asked(each, beside) for each in TOGETHER)
        yield from map(self._asked, AT_ONCE)
        yield from (_Asked(DAY_BY_DAY, NOTHING, day) for day in days(self.run.window))
        for sessions in portions(self.run.engine, self.run.window):
            given = {"sessions": sessions, **popular}
            yield from (self._asked(each, given) for each in BY_HOST)

    def _judged(self, claims: Sequence[Finding]) -> list[Finding]:
        """What all that is said of each host comes to."""
        hosts = sorted({claim.subject for claim in claims})
        extra = {
            "findings": as_table(self.run, claims),
            "listings": self.known.listings(hosts),
            "roles": self.known.roles(hosts),
        }
        return list(self._put([self._asked(hijacked.DETECTOR, extra)]))

    def _put(
        self, all_asked: Iterable[_Asked], meanwhile: Sequence[Callable[[], None]] = ()
    ) -> Iterator[Finding]:
        """Of what is asked several times, of portions, the first time is progress."""
        begun: set[str] = set()
        for asked, told in answers_ahead(self.pool, self._found, all_asked, meanwhile):
            name = asked.detector.name
            if name not in begun:
                self.progress(name)
            begun.add(name)
            yield from told

    def _asked(self, detector: Detector, given: Tables = NOTHING) -> _Asked:
        return _Asked(detector, given, self.run.window)

    def _found(self, asked: _Asked) -> list[Finding]:
        return list(asked.detector.weigh(self._ask(asked), asked.window))

    def _ask(self, asked: _Asked) -> pa.Table:
        text = question("detectors", asked.detector.question)
        told = self.run.engine.ask(text, asked.window, asked.given)
        return with_providers(told, self.known) if asked.detector is upstream.DETECTOR else told

    def _prepare(
        self, detector: Detector, brought: Sequence[str], known: Tables = NOTHING
    ) -> None:
        asked = question("detectors", detector.question)
        self.run.engine.prepare(asked, self.run.window, brought, known)

    def _weighed(self, detector: Detector, told: pa.Table) -> Iterator[Finding]:
        self.progress(detector.name)
        yield from detector.weigh(told, self.run.window)


def with_providers(told: pa.Table, known: Known) -> pa.Table:
    """Visits, with the number of each source's autonomous system; 0 where none is known."""
    source, sources = codes(told, "source")
    numbers = np.array([place.as_number or 0 for place in known.locate(sources)], np.int64)
    return told.append_column("as_number", pa.array(numbers[source]))


def counts_question() -> str:
    """How large the window is."""
    return question("pipeline", "counts.sql")


def answer(
    run: Run,
    known: Known,
    findings: Sequence[Finding],
    flows: int,
    before: Sequence[Finding] = (),
) -> Answer:
    """What the findings come to. ``flows``: how many records the window holds.

    ``before``: what an earlier run said of operations.
    """
    counted = run.engine.ask(counts_question(), run.window).to_pylist()[0]
    counts = Counts(
        flows=flows,
        sessions=counted["sessions"],
        own_hosts=counted["own_hosts"],
        both_directions=counted["both_directions"],
    )
    return compose(findings, run.window, counts, known.locate, known.spare, before)


def as_suspects(findings: Sequence[Finding], claims: Sequence[Finding] = ()) -> pa.Table:
    """What the detectors of outsiders may know of a host: how likely, and where it relays.

    ``claims``: of the single detectors, of which some name a tunnel by which a host gets its
    errands: no visit announces these. A server that a host is suspected of calling shall not
    hear its own echo: ``apart`` is how likely without it.
    """
    tunnels = {
        claim.subject
        for claim in claims
        if claim.kind in TUNNELS or claim.proof.get("lasting", False)
    }
    words = {claim.subject: claim for claim in claims if claim.kind == "calls-master"}
    rows = [
        {
            "host": f.subject,
            "port": f.proof["port"],
            "confidence": f.confidence,
            "relays": f.proof["relays"],
            "tunnel": f.subject in tunnels,
            "since_us": f.proof["first_seen_us"],
            "called": words[f.subject].proof["master"] if f.subject in words else None,
            "apart": without(f, words[f.subject]) if f.subject in words else f.confidence,
        }
        for f in findings
        if f.confidence >= FAINT or f.proof["relays"]
    ]
    return pa.Table.from_pylist(rows, schema=SUSPECTS)


def used_by_visitors(findings: Sequence[Finding]) -> list[Finding]:
    """All but fronts of sites: who reads a page there drives nothing."""
    return [
        found
        for found in findings
        if found.kind != Kind.CONTENT_PROXY or found.proof["port"] not in WEB_PORTS
    ]


def as_hops(claims: Sequence[Finding]) -> pa.Table:
    """Whom relays serve that are not visited by outsiders alone, with the door of each."""
    rows = [
        {
            "host": visitor,
            "server": claim.subject,
            "port": claim.proof["port"],
            "protocol": claim.proof["protocol"],
        }
        for claim in claims
        if claim.kind == "relay" and claim.proof["from_outside"] < claim.proof["passed_on"]
        for visitor in claim.proof["passed_for"]
    ]
    return pa.Table.from_pylist(rows, schema=HOPS)


def as_drivers(company: Sequence[Finding]) -> pa.Table:
    """What may be known of drivers where their mail comes in."""
    rows = [
        {
            "client": found.subject,
            "confidence": found.confidence,
            "sick": found.proof["suspects_met"],
            "share": found.proof["share"],
            "unshown": found.proof["unshown"],
        }
        for found in company
        if found.detector == upstream.DETECTOR.name and found.kind == "driver"
    ]
    return pa.Table.from_pylist(rows, schema=DRIVERS)


def without(finding: Finding, claim: Finding) -> float:
    """How likely a host is hijacked, one claim left out of all that is said of it."""
    weights, reasons = finding.proof["weights"], finding.proof["reasons"]
    told = dict(zip(reasons, weights, strict=False)).get(claim.summary, 0.0)
    return min(finding.confidence, probability(logit(hijacked.PRIOR) + sum(weights) - told))


def as_table(run: Run, findings: Sequence[Finding]) -> pa.Table:
    """Findings in the shape of their table."""
    rows = [
        {
            "run": run.name,
            "found_at": run.found_at,
            "window_start": f.window.start,
            "window_end": f.window.end,
            "detector": f.detector,
            "subject": f.subject,
            "kind": f.kind,
            "confidence": f.confidence,
            "summary": f.summary,
            "proof": json.dumps(f.proof),
            "engine": run.engine.name,
        }
        for f in findings
    ]
    return pa.Table.from_pylist(rows, schema=FINDINGS)
