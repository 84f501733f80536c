"""Hijacked: what several own hosts have in common tells what each alone would not."""

import pytest
from tests.scene import Scene, outside, outsiders, own

from headwater.detectors import tunnel
from headwater.detectors.hijacked import DETECTOR
from headwater.pipeline.hunt import Run, as_table
from headwater.pipeline.known import LISTINGS, ROLES
from headwater.records.finding import Finding

FARMER, HOME_WORKER = outside(1), outside(2)


def hijacked(scene: Scene) -> dict[str, Finding]:
    run = Run(name="run", found_at=scene.window.end, window=scene.window, engine=scene.engine)
    extra = {
        "findings": as_table(run, scene.findings(tunnel.DETECTOR)),
        "listings": LISTINGS.empty_table(),
        "roles": ROLES.empty_table(),
    }
    return {found.subject: found for found in scene.findings(DETECTOR, extra)}


@pytest.mark.parametrize("hosts", [2, 3])
def test_one_outsider_in_several_subscribers_is_no_home_worker(
    scene: Scene, hosts: int
) -> None:
    for number in range(hosts):
        targets = outsiders(9, 50 + 10 * number)
        scene.tunnel(own(number + 1), FARMER, 8443, targets, dials_out=False)
    scene.tunnel(own(9), HOME_WORKER, 1194, outsiders(9, 150), dials_out=False)
    found = hijacked(scene)
    assert set(found) == {own(number + 1) for number in range(hosts)}
    told = f"the same outsider tunnels into {hosts - 1} other own hosts"
    assert all(told in each.proof["reasons"] for each in found.values())


def test_the_more_it_tunnels_into_the_surer(scene: Scene) -> None:
    for number, peer in enumerate([FARMER] * 3 + [outside(3)] * 2):
        targets = outsiders(9, 50 + 10 * number)
        scene.tunnel(own(number + 1), peer, 8443, targets, dials_out=False)
    found = hijacked(scene)
    assert found[own(4)].confidence < found[own(1)].confidence
