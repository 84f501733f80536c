"""Farm: hosts that hold a session each to one outsider, of which every packet was counted."""

from pathlib import Path
from typing import Any

import pytest
from tests.scene import GOING_ON, OPENED, Scene, outside, outsiders, own

from headwater.detectors import tunnel
from headwater.detectors.farm import DETECTOR

GATEWAY, SITES = outside(1), outsiders(12, 20)
HOSTS = [own(10 + number) for number in range(5)]
PIECE_S = 600
HEARTBEAT = 20  # octets each second: farm.sql
LASTS_S = 300  # farm.sql
HEADERS = 46  # of each packet


@pytest.fixture
def counted(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=6)


def hold(scene: Scene, host: str, **said: Any) -> None:
    """A session cut every ten minutes; what goes up by it was fetched, of which some is seen.

    ``seen``: of the errands; the others go by IPv6. ``moved_s``: so much later.
    """
    told = {"seen": 0.5, "moved_s": 0.0, "up_share": 1.0, "down": 900, "errand_s": 2.0} | said
    for number in range(int(scene.lasts_s // PIECE_S) - 1):
        start_s = 20 + PIECE_S * number + 7.0 * int(host.rpartition(".")[2])
        errands = [scene.size() for _ in range(scene.chance.randint(1, 9))]
        for size in errands:
            at_s = start_s + scene.chance.uniform(0, PIECE_S - 20) + told["moved_s"]
            if scene.chance.random() < told["seen"]:
                where = scene.chance.choice(SITES)
                scene.talk(
                    at_s % scene.lasts_s, host, where, 443, up=900, down=size,
                    lasts_s=told["errand_s"],
                )  # fmt: skip
        scene.talk(
            start_s, host, GATEWAY, 443, up=int(told["up_share"] * sum(errands)),
            down=told["down"], lasts_s=PIECE_S - 1, flags=GOING_ON if number else OPENED,
            client_port=50_000,
        )  # fmt: skip


def asked(scene: Scene) -> set[str]:
    return {row["host"] for row in scene.ask(DETECTOR).to_pylist() if row["asked"]}


def test_tunnels_whose_errands_are_half_seen_are_told_together(counted: Scene) -> None:
    for host in HOSTS:
        hold(counted, host)
    found = {f.subject: f for f in counted.findings(DETECTOR)}
    assert set(found) == set(HOSTS)
    one = found[HOSTS[0]]
    assert (one.kind, one.proof["peer"], one.proof["way"]) == ("carries-to", GATEWAY, "back")
    assert one.proof["lasting"]
    assert 0.3 < float(one.proof["ratio"]) < 0.8
    assert all(f.confidence < 0.5 for f in counted.findings(tunnel.DETECTOR))


def test_uploads_beside_what_is_fetched_at_other_times_are_quiet(counted: Scene) -> None:
    for number, host in enumerate(HOSTS):
        hold(counted, host, moved_s=2400.0 * (number + 1))
    assert asked(counted) == set(HOSTS)
    assert counted.findings(DETECTOR) == []


@pytest.mark.parametrize(("share", "whom"), [(1.4, set(HOSTS)), (0.6, set())])
def test_a_heartbeat_hands_nothing_over(counted: Scene, share: float, whom: set[str]) -> None:
    """People make all that they have talk a little."""
    packets = HEADERS * 6
    for host in HOSTS:
        for number in range(30):
            counted.talk(
                20 + PIECE_S * number, host, GATEWAY, 443, lasts_s=PIECE_S - 1, down=10,
                up=int(share * HEARTBEAT * PIECE_S) - packets,
                flags=GOING_ON if number else OPENED, client_port=50_000,
            )  # fmt: skip
    assert asked(counted) == whom


def test_who_reads_more_than_it_gives_is_not_asked(counted: Scene) -> None:
    for host in HOSTS:
        hold(counted, host, down=900_000 if host == HOSTS[0] else 900)
    assert asked(counted) == set(HOSTS[1:])


@pytest.mark.parametrize(("errand_s", "told"), [(2.0, True), (LASTS_S + 1.0, False)])
def test_what_else_lasts_is_no_errand(counted: Scene, errand_s: float, told: bool) -> None:
    """Exporters may cut all of a host's long sessions at the same instants."""
    for host in HOSTS:
        hold(counted, host, errand_s=errand_s)
    rows = counted.ask(DETECTOR).to_pylist()
    assert any(row["peer"] in SITES for row in rows) == told
    assert bool(counted.findings(DETECTOR)) == told


def test_visits_are_for_others_to_judge(counted: Scene) -> None:
    for host in HOSTS:
        hold(counted, host)
        counted.serve(host, 8080, SITES, counted.times(5))
    assert {row["leg"] for row in counted.ask(DETECTOR).to_pylist()} == {"to"}
