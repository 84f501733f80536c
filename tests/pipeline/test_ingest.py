"""Imports: whole, once, counted; damage costs itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from struct import pack

import pytest

from headwater.lake.duck import DuckEngine
from headwater.lake.tables import Lake
from headwater.pipeline import ingest
from headwater.pipeline.import_report import ImportReport, share_both_directions
from headwater.pipeline.ingest import ImportOptions, Progress, import_flows
from headwater.records.errors import LakeDamaged, Misconfigured
from headwater.records.intake import SequenceUnit
from headwater.records.window import Window
from headwater.sources.flow_formats import FlowFormat

NOW = datetime(2024, 5, 2, tzinfo=UTC)
NOON_S = 1_714_564_800
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
HEADER = "started_at,src,dst,src_port,dst_port,protocol,packets,bytes,sampling\n"

Importer = Callable[..., ImportReport]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def importing(lake: Lake, tmp_path: Path) -> Importer:
    """Imports files into the test's lake, with options by name."""

    def run(*paths: Path, stdin: bytes = b"", **options: object) -> ImportReport:
        watch = options.pop("on_progress", ingest.unwatched)
        return import_flows(
            paths,
            lake,
            ImportOptions(**options),  # type: ignore[arg-type]
            NOW,
            spool=tmp_path / "spool",
            stdin=BytesIO(stdin),
            on_progress=watch,  # type: ignore[arg-type]
        )

    return run


def line(number: int, *, sampling: int = 1, back: bool = False, port: int = 40_000) -> str:
    ends = f"192.0.2.1,198.51.100.1,{port},25"
    if back:
        ends = f"198.51.100.1,192.0.2.1,25,{port}"
    return f"{NOON_S + number},{ends},tcp,3,180,{sampling}\n"


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., Path]:
    """Writes a CSV of flows."""

    def write(name: str, *lines: str) -> Path:
        path = tmp_path / name
        path.write_text(HEADER + "".join(lines))
        return path

    return write


Csv = Callable[..., Path]


def netflow5(sequence: int, count: int, src: str = "192.0.2.1") -> bytes:
    head = pack("!HHIIIIBBH", 5, count, 60_000, NOON_S, 0, sequence, 0, 0, 0)
    ends = ip_address(src).packed + ip_address("198.51.100.1").packed
    record = ends + pack(
        "!IHHIIIIHHxBBBHHBBxx", 0, 1, 2, 3, 180, 1000, 2000, 40_000, 25, 27, 6, 0, 0, 0, 0, 0
    )
    return head + record * count


def netflow9(sequence: int, *sets: bytes) -> bytes:
    return pack("!HHIIII", 9, len(sets), 60_000, NOON_S, sequence, 7) + b"".join(sets)


FIELDS = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 1), (2, 4), (1, 4), (22, 4), (21, 4)]
TEMPLATE = pack("!HHHH", 0, 8 + 4 * len(FIELDS), 256, len(FIELDS)) + b"".join(
    pack("!HH", *field) for field in FIELDS
)


def data_set(packets: int) -> bytes:
    ends = ip_address("192.0.2.1").packed + ip_address("198.51.100.1").packed
    body = ends + pack("!HHBBIIII", 40_000, 25, 6, 27, packets, 180, 1000, 2000)
    body += bytes(-len(body) % 4)
    return pack("!HH", 256, 4 + len(body)) + body


def capture(path: Path, *payloads: bytes) -> Path:
    content = pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for payload in payloads:
        data = pack("!HHHH", 40000, 2055, len(payload) + 8, 0) + payload
        head = pack("!BBHHHBBH", 0x45, 0, 20 + len(data), 1, 0, 64, 17, 0)
        data = head + ip_address("203.0.113.1").packed + ip_address("203.0.113.2").packed + data
        content += pack("<IIII", NOON_S, 0, len(data), len(data)) + data
    path.write_bytes(content)
    return path


def test_flows_are_counted_and_kept(importing: Importer, csv: Csv, lake: Lake) -> None:
    path = csv("a.csv", line(0), line(5, sampling=100), "bad\n", line(-NOON_S))
    report = importing(path)
    assert report.flows == lake.rows("flows") == 2
    assert report.window == Window(NOON, NOON + timedelta(seconds=5, microseconds=1))
    assert report.samplings == {1: 1, 100: 1}
    assert report.exporters == {"unknown": 2}
    assert report.refused == {"wrong number of values": 1, "clock too far in the past": 1}
    assert sorted((r.source, r.position) for r in report.examples) == [
        (str(path), "line 4"),
        (str(path), "line 5"),
    ]
    (file,) = report.files
    assert (file.format, file.flows, file.already) == (FlowFormat.CSV, 2, False)
    assert sorted(lake.read("flows").column("packets").to_pylist()) == [3, 300]


def test_importing_twice_changes_nothing(importing: Importer, csv: Csv, lake: Lake) -> None:
    path = csv("a.csv", line(0))
    importing(path)
    before = lake.manifest("flows")
    report = importing(path)
    assert lake.manifest("flows") == before
    assert report.flows == 0
    assert report.files[0].already
    assert report.files[0].flows == 1


def test_the_same_content_under_two_names_counts_once(
    importing: Importer, csv: Csv, lake: Lake
) -> None:
    report = importing(csv("a.csv", line(0)), csv("b.csv", line(0)))
    assert [file.already for file in report.files] == [False, True]
    assert lake.rows("flows") == 1


@pytest.mark.parametrize(
    ("options", "packets"),
    [
        ({}, 300),
        ({"already_scaled": True}, 3),
        ({"scaled_exporters": frozenset({"203.0.113.1"})}, 300),
        ({"rates": {"203.0.113.1": 50}}, 300),
    ],
)
def test_options_change_rows_and_so_the_source(
    importing: Importer, csv: Csv, lake: Lake, options: dict[str, object], packets: int
) -> None:
    path = csv("a.csv", line(0, sampling=100))
    importing(path, **options)
    assert lake.read("flows").column("packets").to_pylist() == [packets]
    again = importing(path, already_scaled=not options.get("already_scaled"))
    assert again.flows == 1


def test_standard_input(importing: Importer, csv: Csv, lake: Lake) -> None:
    report = importing(Path("-"), stdin=csv("a.csv", line(0)).read_bytes())
    assert [(file.name, file.flows) for file in report.files] == [("-", 1)]
    assert lake.rows("flows") == 1


def test_files_that_are_none_cost_themselves_only(
    importing: Importer, csv: Csv, tmp_path: Path
) -> None:
    junk = tmp_path / "junk"
    junk.write_bytes(b"\x7fELF")
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(
        capture(tmp_path / "whole.pcap", netflow5(0, 2), netflow5(2, 2)).read_bytes()[:-9]
    )
    report = importing(junk, cut, csv("a.csv", line(0)))
    assert [file.flows for file in report.files] == [0, 2, 1]
    assert report.files[0].failed.startswith("no format that is read")
    assert report.refused == {"capture cut short": 1, "no format that is read": 1}
    assert importing(junk).files[0].already is False


def test_a_path_that_is_not_there_stops_before_anything(
    importing: Importer, csv: Csv, lake: Lake, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match="no such file"):
        importing(csv("a.csv", line(0)), tmp_path / "nowhere")
    assert lake.rows("flows") == 0


def test_captures_share_templates(importing: Importer, lake: Lake, tmp_path: Path) -> None:
    first = capture(tmp_path / "1.pcap", netflow9(0, data_set(5)))
    second = capture(tmp_path / "2.pcap", netflow9(1, TEMPLATE, data_set(6)))
    third = capture(tmp_path / "3.pcap", netflow9(2, data_set(7)))
    report = importing(first, second, third)
    assert sorted(lake.read("flows").column("packets").to_pylist()) == [5, 6, 7]
    assert report.refused == {}
    assert report.exporters == {"203.0.113.1": 3}


def test_templates_of_a_known_capture_explain_a_new_one(
    importing: Importer, lake: Lake, tmp_path: Path
) -> None:
    first = capture(tmp_path / "1.pcap", netflow9(0, TEMPLATE, data_set(5)))
    second = capture(tmp_path / "2.pcap", netflow9(1, data_set(6)))
    importing(first)
    report = importing(first, second)
    assert report.flows == 1
    assert sorted(lake.read("flows").column("packets").to_pylist()) == [5, 6]


def test_a_capture_without_its_template_may_come_again(
    importing: Importer, lake: Lake, tmp_path: Path
) -> None:
    data = capture(tmp_path / "data.pcap", netflow9(1, data_set(6)))
    template = capture(tmp_path / "template.pcap", netflow9(0, TEMPLATE))
    assert sum(importing(data).refused.values()) == 1
    assert importing(template, data).flows == 1
    assert lake.rows("flows") == 1


def test_gaps_are_summed_for_each_exporter(importing: Importer, tmp_path: Path) -> None:
    packets = [netflow5(0, 2), netflow5(12, 2), netflow5(15, 2)]
    report = importing(capture(tmp_path / "a.pcap", *packets))
    assert [(gap.exporter, gap.unit, gap.missing) for gap in report.gaps] == [
        ("203.0.113.1", SequenceUnit.FLOWS, 11)
    ]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_many_files_in_several_commits(
    importing: Importer, csv: Csv, lake: Lake, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(ingest, "FILES_A_COMMIT", limit)
    files = [csv(f"{number}.csv", line(number), line(-NOON_S)) for number in range(5)]
    report = importing(*files)
    assert report.flows == lake.rows("flows") == 5
    assert lake.manifest("flows").generation == -(-5 // limit)
    assert [done.name for done in lake.manifest("flows").imports] == [str(f) for f in files]
    assert all(
        d.refused == {"clock too far in the past": 1} for d in lake.manifest("flows").imports
    )


def test_progress_is_told(importing: Importer, csv: Csv) -> None:
    heard: list[Progress] = []
    files = [csv("a.csv", *map(line, range(100))), csv("b.csv", line(1))]
    importing(*files, on_progress=heard.append)
    total = sum(path.stat().st_size for path in files)
    assert heard[-1].total_octets == heard[-1].octets == total
    assert [p.octets for p in heard] == sorted(p.octets for p in heard)


def test_an_interrupted_import_leaves_nothing_and_can_be_run_again(
    importing: Importer, csv: Csv, lake: Lake
) -> None:
    files = [csv("a.csv", line(0)), csv("b.csv", line(1))]

    def interrupt(progress: Progress) -> None:
        if progress.file == str(files[1]):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing(*files, on_progress=interrupt)
    assert lake.rows("flows") == 0
    assert importing(*files).flows == 2
    assert list(lake.folder("flows").glob(".staging*")) == []


def test_a_lake_without_a_readable_manifest_stops_the_import(
    importing: Importer, csv: Csv, lake: Lake
) -> None:
    lake.folder("flows").mkdir(parents=True)
    (lake.folder("flows") / "_manifest.json").write_text("half")
    with pytest.raises(LakeDamaged):
        importing(csv("a.csv", line(0)))


def test_share_seen_in_both_directions_of_this_import_only(
    importing: Importer, csv: Csv, lake: Lake, tmp_path: Path
) -> None:
    engine = DuckEngine(lake, spill_dir=tmp_path / "spill")
    importing(csv("earlier.csv", *(line(0, port=port) for port in range(1, 50))))
    both = [line(0), line(1, back=True), line(2), line(3, port=50_000)]
    report = importing(csv("a.csv", *both))
    assert share_both_directions(report, engine) == 0.5
    assert share_both_directions(importing(), engine) is None


@pytest.mark.parametrize("enough", [2, 8])
def test_a_part_of_a_large_import_tells_the_share(
    importing: Importer, csv: Csv, lake: Lake, tmp_path: Path, enough: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("headwater.pipeline.import_report.ENOUGH_FLOWS", enough)
    engine = DuckEngine(lake, spill_dir=tmp_path / "spill")
    there = [line(0, port=port) for port in range(1000, 1040)]
    back = [line(1, port=port, back=True) for port in range(1000, 1040)]
    report = importing(csv("a.csv", *there, *back))
    assert share_both_directions(report, engine) == 1.0
    one = importing(csv("b.csv", *(line(5, port=7, back=way) for way in (False, True, True))))
    assert share_both_directions(one, engine) == 1.0  # too few to choose from: all are asked
