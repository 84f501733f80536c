"""Killed, interrupted or out of disk: the lake stays whole, the import can be run again."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from headwater.lake.tables import Lake
from headwater.pipeline.ingest import ImportOptions, import_flows

NOON_S = 1_714_564_800
FILES, ROWS = 6, 1500
NOW = datetime(2024, 6, 1, tzinfo=UTC)

CHILD = """
import resource, sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from headwater.lake.partition import Bounds
from headwater.lake.tables import Lake
from headwater.pipeline import ingest

root, limit = Path(sys.argv[1]), int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
ingest.FILES_A_COMMIT = 2
lake = Lake(root / "lake", Bounds(flush_rows=1000, direct_hours=4, open_files=3))
print("begins", flush=True)
ingest.import_flows(
    [root / "files"], lake, ingest.ImportOptions(), datetime(2024, 6, 1, tzinfo=UTC),
    spool=root / "spool", stdin=BytesIO(),
)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of CSVs whose flows spread over hours, each file with ports of its own."""
    folder = tmp_path_factory.mktemp("files")
    chance = random.Random(7)
    for number in range(FILES):
        lines = ["started_at,src,dst,src_port,dst_port,protocol,packets,bytes"]
        for _ in range(ROWS):
            at = NOON_S + chance.randrange(8 * 3600)
            lines.append(
                f"{at},192.0.2.{chance.randrange(256)},198.51.100.1,{number},25,6,1,60"
            )
        (folder / f"{number:02}.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def root(tmp_path: Path, files: Path) -> Path:
    (tmp_path / "files").symlink_to(files, target_is_directory=True)
    return tmp_path


def start(root: Path, limit: int = 0) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(root), str(limit)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    assert child.stdout.readline() == "begins\n"
    return child


def check_whole(root: Path) -> int:
    """Every file is in the table whole or not at all; returns how many are."""
    lake = Lake(root / "lake")
    assert lake.damage("flows") == []
    ports = Counter(lake.read("flows").column("src_port").to_pylist())
    assert set(ports.values()) <= {ROWS}
    assert len(ports) == len(lake.manifest("flows").imports)
    return len(ports)


def check_again(root: Path) -> None:
    """The same import does the rest, and leaves nothing but the table behind."""
    lake = Lake(root / "lake")
    import_flows(
        [root / "files"], lake, ImportOptions(), NOW, spool=root / "spool", stdin=BytesIO()
    )
    assert check_whole(root) == FILES
    named = set(lake.files("flows"))
    assert set(lake.folder("flows").rglob("*.parquet")) == named
    assert list(lake.folder("flows").glob(".staging*")) == []


def kill_at(root: Path, seconds: float, how: signal.Signals) -> None:
    child = start(root)
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(how)
    child.communicate(timeout=30)


def kill_many_times(root: Path, times: int, seed: int) -> None:
    chance = random.Random(seed)
    before = 0
    for _ in range(times):
        how = chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
        kill_at(root, chance.uniform(0, 0.7), how)
        whole = check_whole(root)
        assert whole >= before  # what was committed stays
        before = 0 if whole == FILES else whole
        if whole == FILES:
            remove_table(root)
    check_again(root)


def remove_table(root: Path) -> None:
    subprocess.run(["rm", "-r", str(root / "lake")], check=True)


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_instants(root: Path, seed: int) -> None:
    kill_many_times(root, 5, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 105))
def test_killed_at_very_many_random_instants(root: Path, seed: int) -> None:
    kill_many_times(root, 40, seed)


@pytest.mark.parametrize("limit", [1000, 20_000, 60_000])
def test_a_file_that_may_not_grow(root: Path, limit: int) -> None:
    child = start(root, limit)
    _, errors = child.communicate(timeout=60)
    if limit < 60_000:
        assert child.returncode
        assert "OSError" in errors
    check_whole(root)
    check_again(root)


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small disk")
@pytest.mark.parametrize("kilobytes", [64, 150, 300])
def test_a_full_disk(root: Path, kilobytes: int) -> None:
    disk = root / "disk"
    disk.mkdir()
    size = f"size={kilobytes}k"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("may not mount a tmpfs here")
    try:
        (root / "lake").symlink_to(disk, target_is_directory=True)
        child = start(root)
        _, errors = child.communicate(timeout=60)
        assert child.returncode
        assert "No space left" in errors
        assert check_whole(root) < FILES
        subprocess.run(["mount", "-o", "remount,size=100m", str(disk)], check=True)
        check_again(root)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
