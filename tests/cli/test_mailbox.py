import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import pytest
from tests.sources.imap_server import PASSWORD, USER, Server, is_there, running
from tests.wire.reports.cases import raw_mail

from headwater.cli.init import make_workspace
from headwater.cli.main import run
from headwater.lake.tables import Lake

pytestmark = [
    pytest.mark.programs,
    pytest.mark.skipif(not is_there(), reason="needs dovecot (Debian: dovecot-imapd)"),
]
DEADLINE_S = 60.0


def scan(last: int) -> bytes:
    text = f"Source IP: 192.0.2.{last}\nTime: 2019-03-12 08:15:27 UTC\n"
    return raw_mail("Port scan", text).replace(b"\n", b"\r\n")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short: a socket's path must fit into 100 characters."""
    with TemporaryDirectory(prefix="hw-imap-") as folder:
        yield Path(folder)


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with running(folder) as server:
        yield server


@pytest.fixture
def workspace(server: Server, folder: Path) -> Path:
    place = folder / "ws"
    make_workspace(place)
    (place / "password").write_text(PASSWORD)
    (place / "mailboxes.toml").write_text(
        f'[mailboxes.abuse]\nhost = "127.0.0.1"\nport = {server.port}\nuser = "{USER}"\n'
        f'password_file = "{place / "password"}"\ntls = false\n'
    )
    return place


def subjects(workspace: Path) -> list[str]:
    return sorted(Lake(workspace / "lake").read("sightings")["subject"].to_pylist())


def test_what_is_unread_now(
    server: Server, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.deliver(scan(7), scan(8))
    words = ["mailbox", "follow", "--once", "--json", "--workspace", str(workspace)]
    assert run(words) == 0
    assert json.loads(capsys.readouterr().out)["sightings"] == 2
    assert subjects(workspace) == ["192.0.2.7", "192.0.2.8"]
    assert server.unseen() == 0


def test_mails_become_sightings_as_they_arrive(server: Server, workspace: Path) -> None:
    following = subprocess.Popen(
        [sys.executable, "-m", "headwater.cli.main", "mailbox", "follow", "-w", str(workspace)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ},
    )  # fmt: skip
    try:
        for last in (7, 8):
            server.deliver(scan(last))
            _await(lambda count=last - 6: len(subjects(workspace)) == count)
    finally:
        following.send_signal(signal.SIGTERM)
        _, told = following.communicate(timeout=DEADLINE_S)
    assert following.returncode == 0, told
    assert server.unseen() == 0


def _await(condition: object) -> None:
    deadline = monotonic() + DEADLINE_S
    assert callable(condition)
    while not condition():
        assert monotonic() < deadline
        sleep(0.2)
