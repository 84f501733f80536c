"""Which findings list an address, for how long, and who is spared."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from headwater.dnslist.serve.snapshot_file import open_proxies
from headwater.lake.tables import Lake
from headwater.pipeline.list_export import listed_proxies
from headwater.pipeline.proxy_list import ProxyTerms, proxy_rows, publish_proxies
from headwater.records.settings import Settings, parse_settings
from headwater.records.tables import FINDINGS

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAYS = 86400


def lake_with(tmp_path: Path, rows: list[tuple[str, str, float, int]]) -> Lake:
    lake = Lake(tmp_path / "lake")
    table = pa.Table.from_pylist(
        [
            {
                "run": "r",
                "found_at": NOON - timedelta(days=ago),
                "window_start": NOON - timedelta(days=ago + 1),
                "window_end": NOON - timedelta(days=ago),
                "detector": "relay",
                "subject": subject,
                "kind": kind,
                "confidence": confidence,
                "summary": "",
                "proof": "{}",
                "engine": "duckdb",
            }
            for subject, kind, confidence, ago in rows
        ],
        FINDINGS,
    )
    with lake.append("findings", "r") as change:
        change.write(table)
    return lake


def settings(spared: str = "203.0.113.0/24") -> Settings:
    return parse_settings({"own_networks": ["192.0.2.0/24"], "never_accuse": [spared]})


def test_sure_and_fresh_findings_list(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, [
        ("192.0.2.1", "synthetic-open", 0.95, 1),
        ("192.0.2.1", "backconnect", 0.91, 0),
        ("192.0.2.2@2026-03-09T06:00:00Z", "backconnect", 0.89, 0),
        ("192.0.2.3", "backconnect", 0.99, 7),
        ("192.0.2.4", "cannot-say", 0.99, 0),
        ("203.0.113.9", "backconnect", 0.99, 0),
        ("2001:db8::9@2026-03-08T06:00:00Z", "open-relay", 0.90, 2),
    ])  # fmt: skip
    rows = proxy_rows(lake, settings(), ProxyTerms(), NOON).sort_by("address")
    now = int(NOON.timestamp())
    assert rows.to_pylist() == [
        {
            "address": "192.0.2.1",
            "kind": "synthetic-open",
            "found_at": now - DAYS,
            "until": now + 7 * DAYS,
        },
        {
            "address": "2001:db8::9",
            "kind": "open-relay",
            "found_at": now - 2 * DAYS,
            "until": now + 5 * DAYS,
        },
    ]
    assert listed_proxies(rows, 4).addresses.to_pylist() == ["127.0.0.4"]
    assert listed_proxies(rows, 6).subjects.to_pylist() == ["2001:db8::9"]


def test_the_table_goes_to_disk_and_back(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, [("192.0.2.1", "synthetic-open", 0.95, 1)])
    rows = proxy_rows(lake, settings(), ProxyTerms(), NOON)
    assert publish_proxies(rows, tmp_path / "dns" / "proxies.arrow") == 1
    table = open_proxies(tmp_path / "dns" / "proxies.arrow")
    assert table.find(bytes([192, 0, 2, 1]), int(NOON.timestamp())) is not None


def test_no_findings_list_nobody(tmp_path: Path) -> None:
    rows = proxy_rows(Lake(tmp_path / "lake"), settings(), ProxyTerms(), NOON)
    assert publish_proxies(rows, tmp_path / "proxies.arrow") == 0
    assert len(open_proxies(tmp_path / "proxies.arrow")) == 0
