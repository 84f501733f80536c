"""nfcapd files through the real nfdump; its complaints are heard."""

import shutil
import socket
import subprocess
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from struct import pack

import pytest

from headwater.records.errors import MissingProgram
from headwater.records.intake import Refused
from headwater.sources.nfcapd_files import read_exporters, read_nfcapd
from headwater.wire.flow_rows import Portion

LISTING = """\
Exporters:

SysID: 1, IP:        192.0.2.1, version: 9, ID:  0, Sequence failures: 0, packets: 1, flows: 7
SysID: 2, IP:        192.0.2.1, version: 5, ID:  0, Sequence failures: 0, packets: 1, flows: 30
SysID: 3, IP:     2001:db8::1, version: 9, ID: 2177 - no flows sent
    Sampler: Generic Sampler: algorithm: 1, packet interval: 1, packet space: 99
SysID: 4, IP:        192.0.2.3, version: 9, ID:  0, Sequence failures: 0, packets: 1, flows: 7
    Sampler: 1, mode: 2, interval: 512
    Sampler: 2, mode: 2, interval: 64
SysID: 5, IP:          not one, version: 9
    Sampler: 1, mode: 2, interval: 7
"""


def test_exporters_and_their_coarsest_sampler() -> None:
    assert read_exporters(LISTING.splitlines()) == {
        "192.0.2.1": 1,
        "2001:db8::1": 100,
        "192.0.2.3": 512,
    }


def test_the_missing_program_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="Debian's package nfdump"):
        list(read_nfcapd(tmp_path / "nfcapd.1", "a"))


@pytest.mark.programs
@pytest.mark.skipif(not shutil.which("nfdump"), reason="needs nfdump")
@pytest.mark.parametrize("content", [b"", b"\x0c\xa5", b"\x0c\xa5\x02" + b"x" * 9000])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "-r nfcapd"
    path.write_bytes(content)
    (refused,) = read_nfcapd(path, "a")
    assert isinstance(refused, Refused)
    assert refused.position == "nfdump"
    assert refused.reason.startswith("nfdump complains: ")


def netflow5(sampling: int) -> bytes:
    head = pack("!HHIIIIBBH", 5, 1, 60_000, 1_714_564_800, 0, 0, 0, 0, sampling)
    ends = ip_address("192.0.2.1").packed + ip_address("198.51.100.1").packed
    counters = pack("!IHHIIIIHH", 0, 1, 2, 3, 180, 1000, 2500, 40_000, 25)
    return head + ends + counters + pack("!xBBBHHBBxx", 27, 6, 0, 64496, 64497, 0, 0)


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    """A file written by a real nfcapd from two exporters, one of them sampling."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["nfcapd", "-l", str(tmp_path), "-p", str(port), "-b", "127.0.0.1", "-t", "3600"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as nfcapd:
        wait_for(nfcapd, "Startup nfcapd")
        for src, packet in {
            "127.0.0.1": netflow5(0),
            "127.0.0.2": netflow5(0x4000 | 100),
        }.items():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind((src, 0))
                sender.sendto(packet, ("127.0.0.1", port))
            wait_for(nfcapd, f"IP: {src}")
        nfcapd.terminate()
    (path,) = tmp_path.glob("nfcapd.2*")
    return path


def wait_for(nfcapd: subprocess.Popen[bytes], text: str) -> None:
    assert nfcapd.stderr
    while text.encode() not in (line := nfcapd.stderr.readline()):
        assert line, f"nfcapd ended before it said {text!r}"


@pytest.mark.programs
@pytest.mark.skipif(not shutil.which("nfcapd"), reason="needs nfdump")
def test_exporters_and_sampling_of_a_file_with_several(collected: Path) -> None:
    found = list(read_nfcapd(collected, "a"))
    portions = [got for got in found if isinstance(got, Portion)]
    rows = [row for got in portions for row in got.flows.to_pylist()]
    assert len(found) == len(portions)
    assert all(got.scaled for got in portions)
    # nfcapd has multiplied the second exporter's counters itself.
    assert {(row["exporter"], row["sampling"], row["packets"]) for row in rows} == {
        ("127.0.0.1", 1, 3),
        ("127.0.0.2", 100, 300),
    }
    assert {(row["src"], row["dst_port"], row["tcp_flags"]) for row in rows} == {
        ("192.0.2.1", 25, 27)
    }
    assert {row["ended_at"] - row["started_at"] for row in rows} == {timedelta(seconds=1.5)}
