"""The import contracts hold, and each of them notices when it is broken."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINT = [
    sys.executable,
    "-c",
    "from importlinter.cli import lint_imports_command as run; run()",
    "--no-cache",
]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    return subprocess.run(
        LINT,
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(
        ROOT / "src",
        tmp_path / "src",
        ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "*.gz"),
    )
    return tmp_path


def test_the_contracts_are_kept(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout
    assert "4 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        ("Rooms", "records/window.py", "import headwater.wire.cursor"),
        ("Rooms", "lake/bad.py", "import headwater.sources.bad"),
        ("Judging is pure", "wire/cursor.py", "import socket"),
        ("Judging is pure", "detectors/bad.py", "import duckdb"),
        ("Detectors do not know", "detectors/bad.py", "import headwater.detectors.worse"),
        ("No circles", "wire/bad.py", "import headwater.wire.worse"),
    ],
)
def test_a_broken_contract_is_caught(copy: Path, contract: str, module: str, line: str) -> None:
    source = copy / "src" / "headwater"
    for room in ("sources", "wire", "detectors"):
        for name in ("bad", "worse"):
            (source / room / f"{name}.py").write_text('"""Broken on purpose."""\n')
    (source / "wire" / "worse.py").write_text("import headwater.wire.bad\n")
    path = source / module
    path.write_text((path.read_text() if path.exists() else "") + f"\n{line}\n")
    done = lint(copy)
    assert done.returncode != 0
    broken = [x for x in done.stdout.splitlines() if x.rstrip().endswith("BROKEN")]
    assert [x for x in broken if x.startswith(contract)]


def test_a_new_room_must_be_given_its_place(copy: Path) -> None:
    attic = copy / "src" / "headwater" / "attic"
    attic.mkdir()
    (attic / "__init__.py").write_text('"""No place for this was agreed."""\n')
    assert lint(copy).returncode != 0
