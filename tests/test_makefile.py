"""The Makefile says in words what a machine lacks."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make")
    if program is None:
        pytest.skip("make is not installed")
    return subprocess.run(
        [program, *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def python(folder: Path, *, version_check: int, venv: int) -> str:
    """A python that only answers the two questions that the Makefile asks."""
    path = folder / "python"
    path.write_text(
        "#!/bin/sh\n"
        f'case "$1" in -c) exit {version_check};; -m) mkdir -p "$3"; exit {venv};; esac\n'
    )
    path.chmod(0o755)
    return f"PYTHON={path}"


def test_an_old_python_is_named(fresh: Path) -> None:
    done = make(fresh, "setup", python(fresh, version_check=1, venv=0))
    assert done.returncode != 0
    assert "Headwater needs Python 3.11 or later" in done.stderr


def test_a_missing_venv_is_named_and_leaves_no_half_environment(fresh: Path) -> None:
    done = make(fresh, "setup", python(fresh, version_check=0, venv=1))
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr
    assert not (fresh / ".venv").exists()


def test_help_is_the_default_and_lists_every_target(fresh: Path) -> None:
    shown = make(fresh).stdout
    text = (ROOT / "Makefile").read_text()
    targets = next(x.split()[1:] for x in text.splitlines() if x.startswith(".PHONY:"))
    assert [t for t in targets if not shown.count(f"{t} ")] == []


@pytest.mark.parametrize("target", ["demo", "test", "check"])
def test_everything_sets_up_by_itself_and_only_once(target: str, fresh: Path) -> None:
    planned = make(fresh, "-n", target).stdout
    assert planned.count("-m venv") == 1
    for stamp in (".base", ".dev"):
        (fresh / ".venv").mkdir(exist_ok=True)
        (fresh / ".venv" / stamp).touch()
    assert "pip install" not in make(fresh, "-n", target).stdout


def test_the_demo_needs_no_test_tools(fresh: Path) -> None:
    assert "[dev]" not in make(fresh, "-n", "demo").stdout
