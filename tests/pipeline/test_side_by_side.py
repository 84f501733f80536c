"""Which outsiders, to whom own hosts hold a session, are neighbours."""

from pathlib import Path
from typing import Any

import pytest
from tests.scene import GOING_ON, Scene, own

from headwater.pipeline.side_by_side import side_by_side

TWO = ["203.0.113.7", "203.0.113.99"]
LASTS_US = 300_000_000  # lasting.sql
SIX = ["2001:db8:0:1::5", "2001:db8::9"]


def held(scene: Scene, server: str, **said: Any) -> None:
    """A session of two packets that were sampled, which an own host opened."""
    for at_us in (0, said.pop("lasts_us", LASTS_US)):
        row = {
            "started_at": scene.at(60) + at_us, "ended_at": scene.at(60) + at_us, "src": own(1),
            "dst": server, "src_port": 50_000, "dst_port": 7000, "protocol": 6,
            "tcp_flags": GOING_ON, "packets": 20, "bytes": 20_000, "sampling": 20,
            "initiator": True,
        }  # fmt: skip
        scene.rows.append(row | said)


@pytest.mark.parametrize(
    ("servers", "said", "told"),
    [
        (TWO, {}, TWO),
        (SIX, {}, SIX),
        ([TWO[0], "198.51.100.1"], {}, []),
        (TWO, {"lasts_us": LASTS_US - 1}, []),
        (TWO, {"sampling": 1}, []),
        (TWO, {"protocol": 17}, []),
        *[(TWO, {"dst_port": port}, []) for port in (25, 53, 465, 587, 853)],
        ([], {}, []),
    ],
)
def test_neighbours_to_whom_sessions_last(
    tmp_path: Path, servers: list[str], said: dict[str, Any], told: list[str]
) -> None:
    scene = Scene(tmp_path)
    for server in servers:
        held(scene, server, **said)
    scene.settle()
    found = side_by_side(scene.engine, scene.window)
    assert sorted(found.column("server").to_pylist()) == sorted(told)
    assert len(set(found.column("network").to_pylist())) == (1 if told else 0)
