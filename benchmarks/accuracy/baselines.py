"""Two well-known ways to look at the same sessions, for comparison."""

from collections.abc import Iterator

import pyarrow as pa

from benchmarks.accuracy import judge
from benchmarks.accuracy.ablation import own_question
from benchmarks.accuracy.outcome import SERVERS_ONLY, Outcome, Outsiders
from benchmarks.accuracy.plan import View
from benchmarks.accuracy.worlds import Filled
from headwater.records.answer import Answer, Counts, Master
from headwater.records.finding import Finding

SMTP_RULE = "NEMEA SMTP rule"
HIGH = 0.9  # from here on a beacon is worth a person's time; RITA calls it medium or high


def baselines(told: judge.Truth, filled: Filled, view: View) -> Iterator[Outcome]:
    """What each of them says of this world."""
    senders = filled.engine.ask(own_question("smtp_rule"), filled.window)
    said = {host: _sender(host, filled) for host in senders.column("host").to_pylist()}
    yield _outcome(SMTP_RULE, told, view, said, Outsiders())
    window = filled.window
    span = pa.table({"start_us": [window.start_us], "end_us": [window.end_us]})
    servers = filled.engine.ask(own_question("beacons"), window, {"span": span})
    named = _as_answer(servers, filled)
    yield _outcome(SERVERS_ONLY[0], told, view, {}, judge.masters(told, named))


def _sender(host: str, filled: Filled) -> Finding:
    return Finding(
        detector="hijacked",
        subject=host,
        kind="direct-sender",
        confidence=1.0,
        window=filled.window,
        summary="more than 81 SMTP flows to more than 10 servers in five minutes",
        proof={},
    )


def _outcome(
    name: str,
    told: judge.Truth,
    view: View,
    said: dict[str, Finding],
    masters: Outsiders,
) -> Outcome:
    return Outcome(
        scenario=view.name,
        method=name,
        seed=told["seed"],
        sampling=view.exporter.sampling,
        subscribers=told["subscribers"],
        hijacked=judge.hijacked(told, said, view.exporter.sampling),
        innocent=judge.innocent(told, said),
        population=judge.population(told),
        masters=masters,
        oriented={},
        seconds={},
    )


def _as_answer(servers: pa.Table, filled: Filled) -> Answer:
    """The servers scored high, best first, as if they had been called masters."""
    high = [row for row in servers.to_pylist() if (row["score"] or 0.0) >= HIGH]
    ranked = sorted(high, key=lambda row: (-row["score"], -row["hosts"], row["server"]))
    return Answer(
        window=filled.window,
        proxies=(),
        upstreams=(),
        masters=tuple(_server(row["server"], row["score"]) for row in ranked),
        operations=(),
        counts=Counts(flows=filled.records, sessions=0, own_hosts=0, both_directions=0.0),
    )


def _server(address: str, score: float) -> Master:
    return Master(
        address=address,
        ports=(),
        confidence=score,
        proxies=(),
        clean_clients=0,
        period_s=None,
        next_suspects=(),
    )
