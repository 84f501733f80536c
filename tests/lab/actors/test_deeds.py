"""Deeds against real programs on loopback."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from headwater.lab import configs
from headwater.lab.actors.player import perform
from headwater.lab.acts import Act, Deed, Hop
from headwater.lab.cast import Hijacked
from headwater.lab.programs import find

HERE = "127.0.0.1"


def _free_port() -> int:
    with socket.socket() as door:
        door.bind((HERE, 0))
        return int(door.getsockname()[1])


@contextmanager
def _program(port: int, *argv: str) -> Iterator[int]:
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as door:
                if door.connect_ex((HERE, port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[int]:
    port = _free_port()
    parts = tmp_path / "parts.json"
    parts.write_text(f'[["web", "{HERE}", {port}]]')
    with _program(port, sys.executable, "-m", "headwater.lab.actors.servers", str(parts)):
        yield port


def _fetch(port: int, hop: Hop | None = None) -> Act:
    return Act(at=0, stage="net", do=Deed.FETCH, src=HERE, dst=HERE, port=port, label="x",
               size=300, reply=5000, hop=hop)  # fmt: skip


def _outcome(act: Act) -> str:
    return asyncio.run(perform(act))


def test_a_page_is_fetched(web: int) -> None:
    assert _outcome(_fetch(web)) == "done"


def test_no_service_is_an_outcome() -> None:
    assert _outcome(_fetch(_free_port())) == "no service"


@pytest.mark.programs
@pytest.mark.skipif(find("microsocks") is None, reason="microsocks is not installed")
def test_an_open_socks_proxy_serves_and_a_locked_one_wants_its_password(web: int) -> None:
    program = find("microsocks") or ""
    port = _free_port()
    hop = Hop(kind="socks5", address=HERE, port=port)
    with _program(port, program, "-i", HERE, "-p", str(port)):
        assert _outcome(_fetch(web, hop)) == "done"
    port = _free_port()
    hop = Hop(kind="socks5", address=HERE, port=port)
    with _program(port, program, "-i", HERE, "-p", str(port), "-u", "me", "-P", "secret"):
        assert _outcome(_fetch(web, hop)) == "turned away"
        assert _outcome(_fetch(web, replace(hop, user="me", password="wrong"))) != "done"
        assert _outcome(_fetch(web, replace(hop, user="me", password="secret"))) == "done"


@pytest.mark.programs
@pytest.mark.skipif(find("tinyproxy") is None, reason="tinyproxy is not installed")
def test_a_web_proxy_connects(web: int, tmp_path: Path) -> None:
    port = _free_port()
    host = Hijacked(address=HERE, kind="natural-open", program="tinyproxy", port=port,
                    starts_at=0, master=None, drivers=())  # fmt: skip
    (tmp_path / "conf").write_text(configs.tinyproxy(host))
    with _program(port, find("tinyproxy") or "", "-d", "-c", str(tmp_path / "conf")):
        assert _outcome(_fetch(web, Hop(kind="connect", address=HERE, port=port))) == "done"


def _mail(port: int) -> Act:
    return replace(_fetch(port), do=Deed.MAIL, size=20_000, sender="a@home.example",
                   recipients=("b@corp.example",))  # fmt: skip


def _sink(port: int, *options: str) -> tuple[str, ...]:
    user = ("-u", "nobody")
    return (find("smtp-sink") or "", *user, *options, f"{HERE}:{port}", "10")


@pytest.mark.programs
@pytest.mark.root
@pytest.mark.skipif(find("smtp-sink") is None, reason="Postfix is not installed")
@pytest.mark.parametrize(
    ("options", "outcome"),
    [((), "done"), (("-f", "CONNECT"), "refused"), (("-f", "RCPT"), "refused")],
)
def test_mail_is_taken_or_refused(options: tuple[str, ...], outcome: str) -> None:
    port = _free_port()
    with _program(port, *_sink(port, *options)):
        assert _outcome(_mail(port)) == outcome
