"""nfcapd files through the real nfdump; its complaints are heard."""

import shutil
from pathlib import Path

import pytest

from headwater.records.errors import MissingProgram
from headwater.records.intake import Refused
from headwater.sources.nfcapd_files import read_exporters, read_nfcapd

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
