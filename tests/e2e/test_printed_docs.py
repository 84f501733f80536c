"""What the documentation says is printed, is printed.

Blocks marked ``console`` are run from top to bottom, in the shell, where /srv/headwater is a
new folder. In what a command prints, ``...`` stands for anything.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path

import pytest
from tests.dnslist.running import free_port

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/learn/first-hunt.md")
WALK = "docs/do/first-domain-list.md"  # with a server that runs, and programs that ask it
WALKERS = ("dig", "kdig", "awk")
WALK_PORT = "5300"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACE = "/srv/headwater"
ANYTHING = "..."
NOTHING_FOUND = 1
DAY = 86400
QUIET = 120  # seconds a walk may take


def steps(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a page's console blocks, and the lines it should print."""
    for block in BLOCK.findall(text):
        command = ""
        for is_command, lines in groupby(block.splitlines(), lambda one: one.startswith("$ ")):
            if is_command:
                *quiet, command = (line.removeprefix("$ ") for line in lines)
                yield from ((each, []) for each in quiet)
            else:
                yield command, list(lines)
                command = ""
        if command:
            yield command, []


def pattern(expected: list[str]) -> re.Pattern[str]:
    """Matches the lines; a line of ``...`` any lines, ``...`` in a line any rest of it."""
    parts = [
        r"(?:.*\n)*?" if line == ANYTHING else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"
        for line in expected
    ]
    return re.compile("".join(parts))


def printed(command: str, place: Path, where: Path = ROOT) -> str:
    """What the command prints on both streams, without blanks at the ends of lines."""
    own = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {
        **os.environ, "PATH": own, "COLUMNS": "80", "HEADWATER_WORKSPACE": str(place),
    }  # fmt: skip
    shell = command.replace(PLACE, str(place)).replace("make demo", "headwater demo")
    done = subprocess.run(
        ["bash", "-c", shell], cwd=where, env=environment, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode in (0, NOTHING_FOUND), done.stderr
    lines = (done.stdout + done.stderr).replace(str(place), PLACE).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_pages_print_what_they_say(page: str, tmp_path: Path) -> None:
    told = list(steps((ROOT / page).read_text(encoding="utf-8")))
    assert told
    for command, expected in told:
        text = printed(command, tmp_path / "place")
        assert pattern(expected).fullmatch(text), f"$ {command}\n{text}"


@pytest.fixture
def walk_place(tmp_path: Path) -> Iterator[Path]:
    """The workspace of a walk; the server it starts is stopped where a step fails."""
    yield tmp_path / "place"
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((tmp_path / "place" / "serve.pid").read_text()), signal.SIGTERM)


@pytest.mark.slow
@pytest.mark.programs
def test_a_stranger_can_serve_a_feed(walk_place: Path) -> None:
    if missing := [program for program in WALKERS if not shutil.which(program)]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    left = DAY - time.time() % DAY
    if left < QUIET:  # ages change at midnight, TTLs end there
        time.sleep(left)
    port = str(free_port())
    for command, expected in steps((ROOT / WALK).read_text(encoding="utf-8")):
        where = walk_place if walk_place.exists() else ROOT
        text = printed(command.replace(WALK_PORT, port), walk_place, where)
        wanted = [line.replace(WALK_PORT, port) for line in expected]
        assert pattern(wanted).fullmatch(text), f"$ {command}\n{text}"


@pytest.mark.parametrize(
    ("expected", "text", "fits"),
    [
        (["a", "b"], "a\nb\n", True),
        (["a", "...", "d"], "a\nb\nc\nd\n", True),
        (["a", "...", "d"], "a\nd\n", True),
        (["a 1/2 ..."], "a 1/2 and so on\n", True),
        (["a", "...", "d"], "a\nb\nc\n", False),
        (["a"], "a\nb\n", False),
        ([], "", True),
    ],
)
def test_dots_stand_for_anything(expected: list[str], text: str, *, fits: bool) -> None:
    assert bool(pattern(expected).fullmatch(text)) == fits
