"""The real server in a process of its own, for tests that ask it over the network."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dns.message
import dns.query

LOCAL = "127.0.0.1"
PATIENCE = 20.0  # an answer that was lost never comes: waiting long hides nothing


class Running:
    """A server and the folder it works in."""

    def __init__(self, folder: Path, port: int, pid: int) -> None:
        self.folder, self.port, self.pid = folder, port, pid

    def ask(
        self, name: str, kind: str = "A", *, tcp: bool = False, **options: Any
    ) -> dns.message.Message:
        query = dns.message.make_query(name, kind, **options)
        where = dns.query.tcp if tcp else dns.query.udp
        return where(query, LOCAL, timeout=PATIENCE, port=self.port)

    def texts(self, name: str, kind: str = "A", **options: Any) -> list[str]:
        answer = self.ask(name, kind, **options).answer
        return [record.to_text() for rrset in answer for record in rrset]


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Running]:
    """Serve ``folder`` until the block ends."""
    have = {"listen": [LOCAL], "port": 0, **settings}
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in have.items()]
    (folder / "dns.toml").write_text("".join(lines))
    process = subprocess.Popen(
        [sys.executable, "-m", "headwater.dnslist.serve", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield Running(folder, port, process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        if process.stdout is not None:
            process.stdout.close()


def until(true: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Wait for something that other processes do."""
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind((LOCAL, 0))
        port: int = sock.getsockname()[1]
        return port
