from datetime import timedelta
from pathlib import Path

from tests.pipeline.lease_files import NOW, moment, said, taken
from tests.wire.leases.samples import BLOCKS, KEA4

from headwater.lake.tables import Lake
from headwater.pipeline.forget import expire, forget


def test_a_subscriber_is_forgotten_on_disk_too(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    taken(lake, tmp_path, BLOCKS)
    assert forget(lake, "alice", NOW) == 1
    assert forget(lake, "alice", NOW) == 0
    assert said(lake, "192.0.2.1", "09:30:00", 1500) == "no lease"
    assert said(lake, "192.0.2.1", "09:00:00", 2500) == "cannot say: bob, b"
    left = [p for p in lake.root.rglob("*") if p.is_file() and b"alice" in p.read_bytes()]
    assert left == []
    assert taken(lake, tmp_path, BLOCKS).already


def test_old_leases_go_and_young_ones_stay(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    assert expire(lake, NOW, NOW) == 0
    taken(lake, tmp_path, KEA4)
    assert expire(lake, moment("10:00:00"), NOW) == 0
    assert expire(lake, moment("10:00:01"), NOW) == 2
    assert said(lake, "192.0.2.11", "09:30:00") == "010203"
    assert expire(lake, NOW + timedelta(days=1), NOW) == 1
    assert lake.rows("leases") == 0
