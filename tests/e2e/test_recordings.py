"""Every recorded run of the lab, from export packets to the answer, by the command line."""

import json
from pathlib import Path

import pytest
from tests.e2e.hunting import Json, check_form, hunted, told, workspace

from headwater.lab.recordings import Recording, shipped

Hunted = tuple[Recording, Json, Path]
RECORDINGS = shipped()


@pytest.fixture(scope="module", params=RECORDINGS, ids=[each.name for each in RECORDINGS])
def one(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Hunted:
    recording: Recording = request.param
    own = json.dumps(recording.truth.own_networks)
    place = workspace(tmp_path_factory.mktemp("ws"), f"own_networks = {own}\n")
    with recording.packets() as packets:
        told("import", "flows", "-w", place, packets)
    return recording, hunted(place), place


def addresses(rows: list[Json]) -> set[str]:
    return {row["address"] for row in rows}


def drivers(answer: Json) -> set[str]:
    return addresses([row for row in answer["upstreams"] if row["role"] == "driver"])


def test_the_answer_has_the_published_form(one: Hunted) -> None:
    check_form(one[1])


def test_every_planted_proxy_is_found(one: Hunted) -> None:
    recording, answer, _ = one
    planted = {proxy.address for proxy in recording.truth.proxies}
    assert planted <= addresses(answer["proxies"])


def test_no_host_but_the_planted_is_accused(one: Hunted) -> None:
    recording, answer, _ = one
    planted = {proxy.address for proxy in recording.truth.proxies}
    assert addresses(answer["proxies"]) <= planted | set(recording.truth.sleepers)


def test_the_port_of_every_relay_is_named(one: Hunted) -> None:
    recording, answer, _ = one
    ports = {row["address"]: row["port"] for row in answer["proxies"]}
    for planted in recording.truth.proxies:
        assert ports[planted.address] == planted.port


def test_most_kinds_are_right(one: Hunted) -> None:
    recording, answer, _ = one
    kinds = {row["address"]: row["kind"] for row in answer["proxies"]}
    right = [p for p in recording.truth.proxies if kinds[p.address] == p.kind]
    assert len(right) >= 0.9 * len(recording.truth.proxies)


def test_every_driver_is_found(one: Hunted) -> None:
    recording, answer, _ = one
    assert set(recording.truth.drivers) <= drivers(answer)


def test_a_master_that_drives_through_the_calls_of_its_hosts_is_an_upstream(
    one: Hunted,
) -> None:
    recording, answer, _ = one
    driving = {master.address for master in recording.truth.masters if master.tunnels}
    assert driving <= drivers(answer)


def test_nobody_else_outside_is_called_a_driver(one: Hunted) -> None:
    """Strangers do use proxies that are open; testers only try them."""
    recording, answer, _ = one
    truth = recording.truth
    users = {*truth.drivers, *truth.strangers, *(m.address for m in truth.masters if m.tunnels)}
    assert drivers(answer) <= users


def test_drivers_are_first_in_rank(one: Hunted) -> None:
    recording, answer, _ = one
    first = [row["address"] for row in answer["upstreams"]][: len(recording.truth.drivers)]
    assert set(first) == set(recording.truth.drivers)


def test_the_masters_are_found_with_their_ports_and_nobody_else(one: Hunted) -> None:
    recording, answer, _ = one
    planted = {master.address: set(master.ports) for master in recording.truth.masters}
    assert {row["address"]: set(row["ports"]) for row in answer["masters"]} == planted


def test_the_masters_period_is_measured(one: Hunted) -> None:
    recording, answer, _ = one
    periods = {master.address: master.period_s for master in recording.truth.masters}
    for row in answer["masters"]:
        assert row["period_s"] == pytest.approx(periods[row["address"]], rel=0.05)


def test_sleepers_are_the_next_suspects_and_nobody_else(one: Hunted) -> None:
    recording, answer, _ = one
    suspects = {s["address"] for row in answer["masters"] for s in row["next_suspects"]}
    assert suspects == set(recording.truth.sleepers)


def test_operations_hold_every_driver_and_master_once(one: Hunted) -> None:
    recording, answer, _ = one
    truth = recording.truth
    masters = [each for operation in answer["operations"] for each in operation["masters"]]
    drivers = {each for operation in answer["operations"] for each in operation["upstreams"]}
    assert sorted(masters) == sorted(master.address for master in truth.masters)
    assert set(truth.drivers) <= drivers


def test_show_prints_what_the_hunt_printed(one: Hunted) -> None:
    _, answer, place = one
    for what in ("proxies", "upstreams", "masters", "operations"):
        assert json.loads(told("show", what, "--json", "-w", place)) == answer


def test_every_planted_proxy_can_be_asked_about(one: Hunted) -> None:
    recording, _, place = one
    planted = recording.truth.proxies[0]
    page = told("show", "subject", planted.address, "--why", "-w", place)
    assert "Hijacked: " in page
    assert f"{planted.port}/tcp" in page
    for driver in planted.drivers:
        assert driver in page
