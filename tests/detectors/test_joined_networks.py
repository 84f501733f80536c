"""Volume: networks that a tunnel without ports joins, and who comes to a port."""

from pathlib import Path

import pytest
from tests.scene import Scene, outside, outsiders, own

from headwater.detectors.volume import DETECTOR

HOST, BRANCH, SITES = own(10), outside(1), outsiders(12, 20)


@pytest.mark.parametrize(("protocol", "port", "asked"), [(50, 0, 0), (47, 0, 0), (6, 9000, 1)])
def test_a_branch_that_browses_by_way_of_its_headquarters_is_no_visitor(
    tmp_path: Path, protocol: int, port: int, asked: int
) -> None:
    """IPsec (ESP) and GRE have no ports, and are set up at both ends."""
    scene = Scene(tmp_path, hours=4, sampling=10)
    for start in scene.times(40, end_s=scene.lasts_s - 1200):
        for part in range(8):
            at_s, answer = start + 2 * part, scene.size()
            scene.talk(
                at_s, BRANCH, HOST, port, up=700, down=answer, protocol=protocol,
                client_port=port and 40_000,
            )  # fmt: skip
            scene.talk(at_s + 0.05, HOST, SITES[int(at_s) % 12], 443, up=700, down=answer)
    found = [each for each in scene.findings(DETECTOR) if each.proof["leg"] == "in"]
    assert len(found) == asked
