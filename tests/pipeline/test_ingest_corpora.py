"""Real logs and files of others, counted against what is known of them."""

import csv
import gzip
import json
import os
import shutil
from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from headwater.lake.tables import Lake
from headwater.pipeline.import_report import ImportReport
from headwater.pipeline.ingest import ImportOptions, import_flows
from headwater.wire.columns.words import protocols, tcp_flags

CORPORA = Path(os.environ.get("HEADWATER_CORPORA", "/nowhere"))
NOW = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(
        not (CORPORA / "flows").is_dir(), reason="HEADWATER_CORPORA names no folder with flows/"
    ),
]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def bring(lake: Lake, *names: str) -> ImportReport:
    paths = [CORPORA / "flows" / name for name in names]
    spool = lake.root.parent / "spool"
    return import_flows(paths, lake, ImportOptions(), NOW, spool=spool, stdin=BytesIO())


def connections(name: str) -> list[dict[str, str]]:
    with gzip.open(CORPORA / "flows" / name, "rt") as log:
        lines = [line.rstrip("\n") for line in log]
    names = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return [dict(zip(names, row, strict=True)) for row in rows]


ZEEK = [
    "zeek-rita/proxy.conn.log.gz",
    "zeek-rita/proxy_rolling.conn.150000_160000.log.gz",
    "zeek-rita/proxy_rolling.conn.160000_170000.log.gz",
    *(f"stratosphere/{number}.conn.log.labeled.gz" for number in ("008", "010", "011", "012")),
]


@pytest.mark.parametrize("name", ZEEK)
def test_every_zeek_connection_is_there(lake: Lake, name: str) -> None:
    expected: Counter[tuple[str, str, int, int]] = Counter()
    silent = 0
    for row in connections(name):
        ends, sent = (row["id.orig_h"], row["id.resp_h"]), False
        for src, dst, side in ((*ends, "orig"), (*reversed(ends), "resp")):
            packets, octets = int(row[f"{side}_pkts"]), int(row[f"{side}_ip_bytes"])
            if packets:
                expected[src, dst, packets, octets] += 1
                sent = True
        silent += not sent
    report = bring(lake, name)
    rows = lake.read("flows").select(["src", "dst", "packets", "bytes"])
    assert Counter(tuple(row.values()) for row in rows.to_pylist()) == expected
    assert report.refused == ({"no packets counted": silent} if silent else {})


def test_the_proxys_clients_are_known_as_such(lake: Lake) -> None:
    bring(lake, ZEEK[0])
    flows = lake.read("flows")
    asked = flows.filter((pc.field("dst") == "10.136.0.16") & (pc.field("dst_port") == 3128))
    assert asked.num_rows == 407
    assert pc.all(asked.column("initiator")).as_py()
    answers = flows.filter((pc.field("src") == "10.136.0.16") & (pc.field("src_port") == 3128))
    assert not pc.any(answers.column("initiator")).as_py()


def test_times_relative_to_zero_are_no_times(lake: Lake) -> None:
    report = bring(lake, "stratosphere/001.labeled-conn.log.gz")
    assert report.flows == 0
    assert set(report.refused) == {"clock too far in the past"}


@pytest.mark.programs
@pytest.mark.skipif(not shutil.which("nfdump"), reason="needs nfdump")
def test_each_flow_of_an_nfcapd_file(lake: Lake) -> None:
    folder = CORPORA / "flows" / "nfcapd-slips"
    report = bring(lake, "nfcapd-slips/test1-malicious.nfdump")
    totals = json.loads((folder / "expected.json").read_text())
    flows = lake.read("flows")
    assert report.flows == flows.num_rows == totals["flows"]
    assert pc.sum(flows.column("bytes")).as_py() == totals["bytes"]
    assert pc.sum(flows.column("packets")).as_py() == totals["packets"]
    assert Counter(_key(row) for row in _expected(folder)) == Counter(
        _key(row) for row in flows.to_pylist()
    )
    assert list(report.exporters.values()) == [totals["flows"]]


def test_nfdumps_csv_gives_the_same(lake: Lake) -> None:
    folder = CORPORA / "flows" / "nfcapd-slips"
    report = bring(lake, "nfcapd-slips/expected.csv.gz")
    assert report.without_zone == report.flows == 4593
    rows = lake.read("flows").to_pylist()
    assert Counter(map(_key, _expected(folder))) == Counter(map(_key, rows))


def _expected(folder: Path) -> list[dict[str, object]]:
    with gzip.open(folder / "expected.csv.gz", "rt") as table:
        rows = list(csv.DictReader(table))
    numbers = protocols(pa.array([row["pr"] for row in rows])).numbers.tolist()
    flags = tcp_flags(pa.array([row["flg"] for row in rows])).numbers.tolist()
    return [
        {
            "started_at": datetime.fromisoformat(row["ts"]).replace(tzinfo=UTC),
            "src": row["sa"],
            "dst": row["da"],
            "src_port": int(row["sp"]),
            "dst_port": int(float(row["dp"])),
            "protocol": protocol,
            "tcp_flags": bits,
            "packets": int(row["ipkt"]),
            "bytes": int(row["ibyt"]),
        }
        for row, protocol, bits in zip(rows, numbers, flags, strict=True)
    ]


def _key(row: dict[str, object]) -> tuple[object, ...]:
    """The flow as both tables tell it: starts in whole seconds, ports where there are any."""
    started = row["started_at"]
    assert isinstance(started, datetime)
    ports = (row["src_port"], row["dst_port"]) if row["protocol"] in (6, 17) else (0, 0)
    rest = (row[name] for name in ("src", "dst", "protocol", "tcp_flags", "packets", "bytes"))
    return (started.replace(microsecond=0), *ports, *rest)


def test_a_csv_without_column_names_is_said_to_be_one(lake: Lake) -> None:
    report = bring(lake, "ugr16/ugr16-july-week5-first5k.csv.gz")
    assert report.flows == 0
    (file,) = report.files
    assert "without a line of column names (started_at, src, dst" in file.failed
