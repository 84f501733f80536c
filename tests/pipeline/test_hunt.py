"""Whole hunts over real tables: who is found, who is left alone, what each list changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Row, Scene, outside, outsiders, own

from headwater.detectors.hijacked import PRIOR
from headwater.pipeline.gateways import as_gateways
from headwater.pipeline.hunt import (
    ALONE,
    ROUNDS,
    SUSPECTS,
    Run,
    answer,
    as_suspects,
    as_table,
    hunt,
    used_by_visitors,
)
from headwater.pipeline.known import known
from headwater.records.answer import Answer
from headwater.records.finding import Finding, Kind
from headwater.records.settings import parse_settings
from headwater.records.tables import FINDINGS

FOUND_AT = datetime(2026, 1, 1, tzinfo=UTC)
DRIVER, HOME, GATEWAY, TESTER, POPULAR = (outside(number) for number in range(1, 6))
PROXIES = [own(number) for number in range(10, 16)]
DIALLER, BOT, MAIL_SERVER, COMPANY, PEER_TO_PEER, VPN = (own(n) for n in range(20, 26))
INFECTED = own(30)  # calls home, and shows nothing else yet
SUBSCRIBERS = [own(number) for number in range(50, 110)]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A small network: an operation of six proxies, a bot, and their lawful look-alikes."""
    scene = Scene(tmp_path_factory.mktemp("scene"))
    for number, host in enumerate(PROXIES):
        port, targets = 20_000 + number, outsiders(20, 20 + number)
        scene.relay(host, port, [DRIVER], targets, times=scene.times(30, start_s=1900))
        scene.poll(host, HOME, 8443, 600)
        scene.browse(host, outsiders(15, 200 + number), scene.times(30))
    scene.poll(INFECTED, HOME, 8443, 600)
    scene.tunnel(DIALLER, GATEWAY, 7000, outsiders(20, 60), errand_port=25)
    scene.browse(BOT, outsiders(20, 240), scene.times(40))
    scene.mail(BOT, outsiders(40, 70), scene.times(120, start_s=1900), cut=0.4)
    _look_alikes(scene)
    for number, host in enumerate([*SUBSCRIBERS, INFECTED]):
        scene.browse(host, outsiders(10, 200 + number), scene.times(20))
        scene.poll(host, POPULAR, 443, 1200)
        scene.knock(100 + number, TESTER, host, 20_000)
    scene.talk(95, TESTER, PROXIES[0], 20_000)
    scene.settle()
    return scene


def _look_alikes(scene: Scene) -> None:
    scene.serve(MAIL_SERVER, 25, outsiders(30, 110), scene.times(80))
    scene.relay(MAIL_SERVER, 25, outsiders(30, 110), outsiders(20, 150), times=scene.times(60))
    staff = [own(number) for number in range(150, 165)]
    scene.relay(
        COMPANY, 3128, staff, outsiders(30, 260), times=scene.times(90), onward_port=443
    )
    peers = outsiders(60, 300)
    scene.serve(PEER_TO_PEER, 6881, peers, scene.times(120))
    for peer in peers:
        scene.talk(
            scene.times(1)[0], PEER_TO_PEER, peer, 6881, up=scene.size(), down=scene.size()
        )
    scene.tunnel(VPN, outside(6), 1194, outsiders(15, 370), dials_out=False)


def run_of(scene: Scene) -> Run:
    return Run(name="run", found_at=FOUND_AT, window=scene.window, engine=scene.engine)


def hunted(scene: Scene, **settings: Any) -> tuple[Answer, list[Finding]]:
    facts = known(
        scene.lake, parse_settings({"own_networks": ["192.0.2.0/24"]} | settings), scene.window
    )
    findings = hunt(run_of(scene), facts)
    return answer(run_of(scene), facts, findings, flows=len(scene.rows)), findings


@pytest.fixture(scope="module")
def found(scene: Scene) -> Answer:
    return hunted(scene)[0]


def test_every_proxy_is_found_and_nobody_else(found: Answer) -> None:
    assert {proxy.address for proxy in found.proxies} == {*PROXIES, DIALLER, BOT}


def test_kinds_and_ports(found: Answer) -> None:
    told = {proxy.address: (proxy.kind, proxy.port) for proxy in found.proxies}
    assert {told[host][0] for host in PROXIES} <= {
        Kind.SYNTHETIC_PROTECTED,
        Kind.SYNTHETIC_OPEN,
    }
    assert [told[host][1] for host in PROXIES] == [20_000 + n for n in range(len(PROXIES))]
    assert told[DIALLER][0] == Kind.BACKCONNECT
    assert told[BOT] == (Kind.DIRECT_SENDER, None)


def test_drivers_testers_and_gateways_are_told_apart(found: Answer) -> None:
    roles = {upstream.address: upstream.role for upstream in found.upstreams}
    assert roles[DRIVER] == roles[GATEWAY] == "driver"
    assert roles.get(TESTER, "tester") == "tester"
    assert {address for address, role in roles.items() if role == "driver"} == {DRIVER, GATEWAY}
    assert set(found.upstreams[0].proxies) == set(PROXIES)


def test_masters_are_those_the_sick_call(found: Answer) -> None:
    masters = {master.address: master for master in found.masters}
    assert set(masters) == {HOME, GATEWAY}
    assert set(masters[HOME].proxies) == set(PROXIES)
    assert [suspect.address for suspect in masters[HOME].next_suspects] == [INFECTED]
    assert masters[HOME].next_suspects[0].confidence < masters[HOME].confidence
    assert masters[HOME].period_s == pytest.approx(600, abs=1)


def test_what_belongs_together_is_one_operation(found: Answer) -> None:
    (operation,) = found.operations
    assert set(operation.proxies) == set(PROXIES)
    assert (operation.upstreams, operation.masters) == ((DRIVER,), (HOME,))


def test_counts_are_those_of_the_window(scene: Scene, found: Answer) -> None:
    sessions = {row["conversation"] for row in scene.lake.read("sessions").to_pylist()}
    assert (found.counts.flows, found.counts.sessions) == (len(scene.rows), len(sessions))
    assert found.counts.both_directions == 1.0
    hosts = {row[end] for row in scene.rows for end in ("src", "dst")}
    met = {host for host in hosts if host.startswith("192.0.2.")}
    # Of two own hosts that talk to each other the client is counted.
    assert len(met) - 1 <= found.counts.own_hosts <= len(met)


def test_a_lawful_proxy_and_its_like_are_explained(scene: Scene) -> None:
    found, _ = hunted(scene, lawful_proxies=[PROXIES[0]], mail_servers=[BOT])
    named = {proxy.address for proxy in found.proxies}
    assert PROXIES[0] not in named
    assert BOT not in named
    assert set(PROXIES[1:]) <= named


def test_whom_never_to_accuse(scene: Scene) -> None:
    spared = [PROXIES[0], DRIVER, HOME, GATEWAY, INFECTED]
    found, _ = hunted(scene, never_accuse=spared)
    said = repr(found)
    assert [
        address for address in spared if f"'{address}'" in said or f" {address}," in said
    ] == []
    assert {proxy.address for proxy in found.proxies} == {*PROXIES[1:], DIALLER, BOT}


def test_the_same_hunt_twice_gives_the_same_answer(scene: Scene, found: Answer) -> None:
    assert hunted(scene)[0] == found


def test_an_empty_window_has_an_empty_answer(tmp_path: Path) -> None:
    found, findings = hunted(Scene(tmp_path))
    assert findings == []
    assert (found.proxies, found.upstreams, found.masters) == ((), (), ())
    assert (found.counts.sessions, found.counts.both_directions) == (0, 0.0)


def listed(scene: Scene, *rows: Row) -> None:
    said = {
        "seen_at": scene.window.start_us,
        "subject_kind": "address",
        "kind": "listed",
        "means": "proxy",
        "source": "list.example",
    }
    scene.write("sightings", [said | row for row in rows])


def confidence(findings: Sequence[Finding], host: str) -> float:
    return next(
        (f.confidence for f in findings if (f.detector, f.subject) == ("hijacked", host)), 0.0
    )


def weakly_suspect(scene: Scene) -> None:
    """Mail to many servers, hardly refused, from a host where people browse."""
    scene.browse(BOT, outsiders(20, 240), scene.times(40))
    scene.mail(BOT, outsiders(14, 70), scene.times(40, start_s=1900), cut=0.15)


def test_lists_make_surer_policy_lists_do_not(tmp_path: Path) -> None:
    told = {}
    for means in ("none", "policy", "spam"):
        scene = Scene(tmp_path / means)
        weakly_suspect(scene)
        scene.settle()
        if means != "none":
            listed(scene, {"subject": BOT, "means": means})
        told[means] = confidence(hunted(scene)[1], BOT)
    assert told["none"] == told["policy"] < told["spam"]


def test_a_known_master_names_the_next_suspects(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.poll(INFECTED, HOME, 8443, 600)
    for number, host in enumerate(SUBSCRIBERS[:20]):
        scene.browse(host, outsiders(10, 200 + number), scene.times(10))
    scene.settle()
    assert hunted(scene)[0].masters == ()
    listed(scene, {"subject": HOME, "kind": "indicator", "means": "other"})
    (master,) = hunted(scene)[0].masters
    assert (master.address, master.ports) == (HOME, (8443,))
    assert [suspect.address for suspect in master.next_suspects] == [INFECTED]


def test_progress_is_told_by_detector(scene: Scene) -> None:
    told: list[str] = []
    facts = known(scene.lake, parse_settings({"own_networks": ["192.0.2.0/24"]}), scene.window)
    hunt(run_of(scene), facts, told.append)
    one = ["hijacked", "upstream", "master", "fed"]
    rounds = [*one, *["hijacked", *one] * (ROUNDS - 1)]  # once more without drivers' echo
    alone = [detector.name for detector in ALONE]
    assert told == [*alone, "own_scan", *rounds, "hijacked", "dark_scan"]


def test_findings_fit_their_table(scene: Scene) -> None:
    _, findings = hunted(scene)
    rows = as_table(run_of(scene), findings)
    assert rows.schema == FINDINGS
    assert rows.num_rows == len(findings)
    assert set(rows.column("engine").to_pylist()) == {"duckdb"}


def test_what_an_earlier_hunt_found_is_no_evidence(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    weakly_suspect(scene)
    scene.settle()
    before, findings = hunted(scene)
    for number in range(3):
        stale = [replace(f, confidence=0.9999, kind="tunnel-out") for f in findings]
        with scene.lake.append("findings", f"run {number}") as change:
            change.write(as_table(run_of(scene), stale))
    assert scene.lake.rows("findings") == 3 * len(findings) > 0
    assert hunted(scene)[0] == before


def test_suspects_are_likely_or_relay(scene: Scene) -> None:
    _, findings = hunted(scene)
    judged = [f for f in findings if f.detector == "hijacked"]
    rows = as_suspects(judged)
    assert rows.schema == SUSPECTS
    hosts = set(rows.column("host").to_pylist())
    assert {*PROXIES, DIALLER, BOT} <= hosts
    assert not {MAIL_SERVER, PEER_TO_PEER, *SUBSCRIBERS} & hosts
    told = {row["host"]: row for row in as_suspects(judged, findings).to_pylist()}
    assert (told[DIALLER]["tunnel"], told[BOT]["tunnel"]) == (True, False)
    assert as_gateways(hosts, findings).to_pylist() == [{"server": GATEWAY}]
    first = {f.subject: f.proof["first_seen_us"] for f in judged}
    assert {host: row["since_us"] for host, row in told.items()} == {h: first[h] for h in told}


def test_who_reads_at_a_front_drives_nothing(scene: Scene) -> None:
    _, findings = hunted(scene)
    one = next(f for f in findings if f.detector == "hijacked" and f.proof["port"])
    front = replace(one, kind=Kind.CONTENT_PROXY, proof={**one.proof, "port": 443})
    odd = replace(front, proof={**front.proof, "port": 31_000})
    assert used_by_visitors([one, front, odd]) == [one, odd]


def test_a_master_does_not_hear_its_own_echo(scene: Scene) -> None:
    _, findings = hunted(scene)
    judged = [f for f in findings if f.detector == "hijacked"]
    said = {f.subject: f.proof["master"] for f in findings if f.kind == "calls-master"}
    told = {row["host"]: row for row in as_suspects(judged, findings).to_pylist()}
    assert set(said.values()) == {HOME}
    for host, row in told.items():
        assert row["called"] == said.get(host)
        assert row["apart"] <= row["confidence"]
        assert host in said or row["apart"] == row["confidence"]
    # Heard from nobody but its master, a host is as good as any other.
    weak = next(f for f in judged if f.subject in said)
    word = next(f for f in findings if f.kind == "calls-master" and f.subject == weak.subject)
    alone = {**weak.proof, "weights": [5.0], "reasons": [word.summary]}
    (row,) = as_suspects([replace(weak, confidence=0.23, proof=alone)], [word]).to_pylist()
    assert row["apart"] == pytest.approx(PRIOR)


def test_drivers_do_not_hear_their_own_echo(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they said of a host in one round does not tell of them in the next."""
    reasons: list[str] = []

    def noted(findings: Sequence[Finding], claims: Sequence[Finding] = ()) -> pa.Table:
        reasons.append("".join(why for f in findings for why in f.proof["reasons"]))
        return as_suspects(findings, claims)

    monkeypatch.setattr("headwater.pipeline.hunt.as_suspects", noted)
    hunted(scene)
    assert [f"visited by {DRIVER}" in told for told in reasons] == [False, False, False, True]
