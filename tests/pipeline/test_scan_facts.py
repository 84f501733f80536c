"""What is dark, and what is known beside the sessions."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from tests.scene import BASE_US, Scene, outside, own

from headwater.lake.layout import HOUR_US
from headwater.pipeline.known import known
from headwater.pipeline.scan_facts import LOOK_BACK, lit_facts, masters_known
from headwater.records.finding import Finding
from headwater.records.settings import parse_settings
from headwater.records.window import Window, from_us

HOST, SITE = own(10), outside(1)


def facts(
    scene: Scene, window: Window, masters: Sequence[str] = ()
) -> dict[str, list[dict[str, object]]]:
    scene.settle()
    beside = known(scene.lake, parse_settings({"own_networks": ["192.0.2.0/24"]}), window)
    company = [
        Finding(
            detector="master", subject=master, kind="master", confidence=0.9, window=window,
            summary="", proof={},
        )
        for master in masters
    ]  # fmt: skip
    found = {**lit_facts(scene.engine, window, beside), **masters_known(beside, company)}
    return {name: table.to_pylist() for name, table in found.items()}


@pytest.mark.parametrize(("hours", "lit"), [(23, True), (25, False)])
def test_who_was_seen_within_a_day_is_not_dark(tmp_path: Path, hours: int, lit: bool) -> None:
    scene = Scene(tmp_path)
    scene.talk(100, HOST, SITE, 443)
    end = from_us(BASE_US + hours * HOUR_US)
    found = facts(scene, Window(end - timedelta(hours=1), end))
    assert (found["lit"] == [{"host": HOST}]) == lit
    assert timedelta(hours=23) < LOOK_BACK < timedelta(hours=25)


def test_the_own_networks_and_masters_known_so_far(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.talk(100, HOST, SITE, 443)
    scene.write(
        "sightings",
        [{
            "seen_at": BASE_US, "subject": outside(2), "subject_kind": "address",
            "kind": "indicator", "means": "other", "source": "an-example",
        }],
    )  # fmt: skip
    found = facts(scene, scene.window, [outside(3), outside(2)])
    assert found["space"][0] == {"family": 4, "addresses": 256, "lit": 1}
    assert {row["server"] for row in found["masters"]} == {outside(2), outside(3)}
    assert len(found["masters"]) == 2
