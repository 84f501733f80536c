"""The lab played live: what its exporter sends is imported, and what it planted is found."""

import json
import os
from pathlib import Path

import pytest
from tests.e2e.hunting import hunted, told, workspace

from headwater.lab import programs
from headwater.lab.topology import ETC_NETNS, NAMESPACES_DIR
from headwater.lab.truth import from_json

READY = os.geteuid() == 0 and not programs.missing("softflowd") and programs.TUN_DEVICE.exists()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.root,
    pytest.mark.programs,
    pytest.mark.skipif(not READY, reason="needs root, TUN and the lab's Debian programs"),
]


def test_what_the_live_lab_plants_is_found(tmp_path: Path) -> None:
    told("lab", "run", "--short", "--out", tmp_path / "lab")
    (packets,) = (tmp_path / "lab").glob("*.pcap.gz")
    (written,) = (tmp_path / "lab").glob("*.truth.json")
    truth = from_json(written.read_text())
    place = workspace(tmp_path / "place", f"own_networks = {json.dumps(truth.own_networks)}\n")
    told("import", "flows", packets, "-w", place)
    answer = hunted(place)
    planted = {proxy.address for proxy in truth.proxies}
    assert {proxy["address"] for proxy in answer["proxies"]} == planted
    drivers = {u["address"] for u in answer["upstreams"] if u["role"] == "driver"}
    assert set(truth.drivers) <= drivers
    assert {master.address for master in truth.masters} <= {
        master["address"] for master in answer["masters"]
    }
    ours = f"hwlab-{os.getpid()}-*"
    assert [*NAMESPACES_DIR.glob(ours), *ETC_NETNS.glob(ours)] == []
