import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from headwater import __version__
from headwater.cli import commands, main
from headwater.cli.commands import COMMANDS, IMPORTS, Place
from headwater.records.errors import MalformedInput, Misconfigured

HEAVY = {"pyarrow", "duckdb", "scipy", "pydantic", "numpy", "pyspark"}


def summary(documented: object) -> str:
    return (documented.__doc__ or "").splitlines()[0]


def every_command() -> list[tuple[str, ...]]:
    """Each command and subcommand, as one would type it."""
    found: list[tuple[str, ...]] = []
    for name, place in COMMANDS.items():
        found += [(name, below) for below in nested(place)] or [(name,)]
    return found


def nested(place: Place) -> list[str]:
    if place.below:
        return list(place.below)
    group: typer.Typer | None = getattr(import_module(place.module), "app", None)
    return list(getattr(get_command(group), "commands", {})) if group else []


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_teaches_with_an_example(words: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(main.compose(words), [*words, "--help"])
    assert shown.exit_code == 0
    lines = [line.strip() for line in shown.stdout.splitlines()]
    assert any(line.startswith("Example") for line in lines)
    assert any(line.startswith(f"headwater {' '.join(words)}") for line in lines)


LISTED = {name: place for name, place in COMMANDS.items() if not place.below} | IMPORTS


@pytest.mark.parametrize("name", LISTED)
def test_the_list_and_the_command_say_the_same(name: str) -> None:
    module = import_module(LISTED[name].module)
    command = getattr(module, LISTED[name].function, None)
    if command is not None:
        assert summary(command) == LISTED[name].summary


def test_a_door_is_opened_without_the_others() -> None:
    code = (
        "import sys; from headwater.cli.main import run; run(['import', 'flows', '--help']);"
        "print([name for name in sys.modules if name.startswith('headwater.cli.import_')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "['headwater.cli.import_flows']"


def test_a_group_without_a_command_names_all_its_doors() -> None:
    shown = CliRunner().invoke(main.compose(["import"]), ["import", "--help"])
    assert [name for name in IMPORTS if f"\n  {name} " not in shown.stdout] == []


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from headwater.cli.main import run; run(['--help']);"
        f"print(sorted({HEAVY!r} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert [name for name in COMMANDS if f"\n  {name} " not in done.stdout] == []
    assert done.stdout.splitlines()[-1] == "[]"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["version"]) == 0
    assert capsys.readouterr().out == f"headwater {__version__}\n"


@pytest.mark.parametrize("words", [["no-such-command"], ["version", "--no-such-option"]])
def test_wrong_use_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(words) == 2
    assert "--help" in capsys.readouterr().err


def fail(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (Misconfigured("own_networks = 7: expected a list"), 2, "own_networks = 7"),
        (MalformedInput("cut short"), 3, "cut short"),
        (OSError(28, "No space left on device", "/lake/x"), 3, "/lake/x: No space left"),
        (KeyboardInterrupt(), 130, "stopped"),
        (RuntimeError("Query interrupted"), 130, "stopped"),
        (typer.Exit(1), 1, ""),
    ],
)
def test_errors_are_one_clear_line(
    error: BaseException,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    module: Any = SimpleNamespace(command=fail(error))
    monkeypatch.setitem(sys.modules, "headwater.cli.failing", module)
    monkeypatch.setitem(commands.COMMANDS, "failing", Place("headwater.cli.failing", "Fail."))
    assert main.run(["failing"]) == code
    err = capsys.readouterr().err
    assert told in err
    assert "Traceback" not in err
    assert len(err.splitlines()) == (1 if told else 0)


def test_what_nobody_foresaw_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = SimpleNamespace(command=fail(RuntimeError("another")))
    monkeypatch.setitem(sys.modules, "headwater.cli.failing", module)
    monkeypatch.setitem(commands.COMMANDS, "failing", Place("headwater.cli.failing", "Fail."))
    with pytest.raises(RuntimeError, match="another"):
        main.run(["failing"])
