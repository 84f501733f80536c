from ipaddress import ip_network
from pathlib import Path

from tests.pipeline.lease_files import MARGIN, taken

from headwater.lake.tables import Lake
from headwater.pipeline.churn import churn

POOLS = [ip_network("192.0.2.0/25"), ip_network("192.0.2.128/25")]
ROWS = """\
address,starts,ends,subscriber
192.0.2.1,2026-03-01T01:00Z,2026-03-01T02:00Z,alice
192.0.2.1,2026-03-01T02:00Z,2026-03-01T03:00Z,alice
192.0.2.2,2026-03-01T01:00Z,2026-03-01T02:00Z,bob
192.0.2.2,2026-03-01T06:00Z,,carol
192.0.2.200,2026-03-01T05:00Z,,dan
198.51.100.1,2026-03-01T01:00Z,2026-03-01T10:00Z,eve
"""
HOUR = 3_600_000_000


def test_tenures_join_renewals_and_running_ones_are_censored(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    assert churn(lake, POOLS, MARGIN) == []
    taken(lake, tmp_path, ROWS)
    first, second, other = churn(lake, POOLS, MARGIN)
    assert (first.pool, second.pool, other.pool) == (
        "192.0.2.0/25",
        "192.0.2.128/25",
        "elsewhere",
    )
    assert (first.curve.count, first.curve.ended) == (3, 2)
    assert first.curve.durations.tolist() == [HOUR, 2 * HOUR]
    assert (second.curve.count, second.curve.ended) == (1, 0)
    assert other.curve.lasting(0.5) == 9 * HOUR
