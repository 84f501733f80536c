import json
import subprocess
import sys
from pathlib import Path
from struct import pack

import pytest
from tests.wire.export_writer import NOW_S, Flow, netflow5_packet

from headwater.cli.init import make_workspace
from headwater.cli.main import run
from headwater.lake.tables import Lake

HEADER = (
    "started_at,ended_at,src,dst,src_port,dst_port,protocol,packets,bytes,sampling,exporter\n"
)
ROW = (
    "2026-01-01T12:00:0{n}Z,2026-01-01T12:00:09Z,{src},{dst},{sp},{dp},6,2,100,10,{exporter}\n"
)


def row(n: int, src: str, dst: str, sp: int, dp: int, exporter: str = "198.51.100.1") -> str:
    return ROW.format(n=n, src=src, dst=dst, sp=sp, dp=dp, exporter=exporter)


TEXT = (
    HEADER
    + row(0, "192.0.2.1", "203.0.113.1", 1024, 80)
    + row(1, "203.0.113.1", "192.0.2.1", 80, 1024)
    + row(2, "192.0.2.2", "203.0.113.1", 1025, 80)
    + "never,2026,192.0.2.1,x,1,2,6,1,1,1,y\n"
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_workspace(tmp_path / "ws")
    monkeypatch.setenv("HEADWATER_WORKSPACE", str(tmp_path / "ws"))
    (tmp_path / "flows.csv").write_text(TEXT)
    return tmp_path


def octets(place: Path) -> list[int]:
    return sorted(Lake(place / "ws" / "lake").read("flows")["bytes"].to_pylist())


def test_an_import_ends_with_a_count(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "flows", str(place / "flows.csv")]) == 0
    told = capsys.readouterr().out
    for line in (
        "flows            3",
        "from             2026-01-01 12:00:00 UTC",
        "exporters        198.51.100.1 (3)",
        "sampling         1:10 (3)",
        "both directions  50% of the conversations",
    ):
        assert line in told.splitlines()
    assert "1 not read: " in told
    assert octets(place) == [1000, 1000, 1000]


def test_the_same_file_twice_changes_nothing_and_says_so(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert run(["import", "flows", str(place / "flows.csv")]) == 0
    assert "imported before, nothing was changed" in capsys.readouterr().out
    assert len(octets(place)) == 3


def test_counters_that_are_scaled_already_stay(place: Path) -> None:
    assert run(["import", "flows", "--already-scaled", str(place / "flows.csv")]) == 0
    assert octets(place) == [100, 100, 100]


def test_an_exporter_that_scales_is_known_from_the_settings(place: Path) -> None:
    with (place / "ws" / "headwater.toml").open("a") as settings:
        settings.write('[exporters."198.51.100.1"]\nalready_scaled = true\n')
    assert run(["import", "flows", str(place / "flows.csv")]) == 0
    assert octets(place) == [100, 100, 100]


def test_a_rate_that_records_do_not_say_is_known_from_the_settings(place: Path) -> None:
    flows = place / "flows.csv"
    flows.write_text(flows.read_text().replace(",10,", ",1,"))
    with (place / "ws" / "headwater.toml").open("a") as settings:
        settings.write('[exporters."198.51.100.1"]\nsampling = 7\n')
    assert run(["import", "flows", str(flows)]) == 0
    assert octets(place) == [700, 700, 700]


def test_json_says_all_of_it(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "junk").write_bytes(bytes(range(256)))
    words = ["import", "flows", str(place / "flows.csv"), str(place / "junk"), "--json"]
    assert run(words) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["flows"] == 3
    assert report["window"]["start"] == "2026-01-01T12:00:00+00:00"
    assert report["both_directions"] == 0.5
    assert report["sampling"] == {"10": 3}
    assert sum(report["refused"].values()) == 2
    assert [file["flows"] for file in report["files"]] == [3, 0]
    assert report["files"][1]["failed"]


def test_nothing_found_ends_with_1(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "junk").write_bytes(bytes(range(256)))
    assert run(["import", "flows", str(place / "junk")]) == 1
    assert "junk: not read: " in capsys.readouterr().out


def datagram(payload: bytes, protocol: int = 17) -> bytes:
    data = pack("!HHHH", 40000, 2055, len(payload) + 8, 0) + payload
    return pack("!BBHHHBBH8x", 0x45, 0, 20 + len(data), 1, 0, 64, protocol, 0) + data


def capture_of(path: Path, *packets: bytes) -> str:
    content = pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for packet in packets:
        content += pack("<IIII", NOW_S, 0, len(packet), len(packet)) + packet
    path.write_bytes(content)
    return str(path)


NOT_OF_EXPORTS = [datagram(bytes(20), protocol=6)] * 3


def test_a_capture_of_the_traffic_itself_is_known_and_the_way_out_is_told(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["import", "flows", capture_of(place / "traffic.pcap", *NOT_OF_EXPORTS)]) == 1
    told = capsys.readouterr().out
    assert "3 not read: not an export packet" in told
    assert "a capture of the traffic itself" in told
    assert "nfpcapd" in told


def test_other_captures_without_a_flow_are_not_called_that(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["import", "flows", capture_of(place / "empty.pcap")]) == 1
    assert run(["import", "flows", str(place / "flows.csv")]) == 0
    mixed = [*NOT_OF_EXPORTS, datagram(netflow5_packet([Flow()]))]
    assert run(["import", "flows", capture_of(place / "mixed.pcap", *mixed)]) == 0
    assert "the traffic itself" not in capsys.readouterr().out


def test_a_path_that_is_not_there_is_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["import", "flows", str(place / "nothing.csv")]) in (2, 3)
    assert "nothing.csv" in capsys.readouterr().err


def test_standard_input(place: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", "import", "flows", "-"],
        input=TEXT.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(octets(place)) == 3
    assert done.stderr == b""
