"""Registries of our own on loopback: WHOIS and RDAP servers with the manners of real ones.

For tests and trials: they answer from a table, refuse after so many questions, are slow,
break off, refer elsewhere, and speak in any charset. Nothing leaves this machine.
"""

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Final

LOOPBACK: Final = "127.0.0.1"
LONGEST_QUESTION: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How one question is answered."""

    body: bytes = b""
    code: int = 200  # RDAP only
    headers: Mapping[str, str] = field(default_factory=dict)  # RDAP only
    pause_s: float = 0.0  # before the answer and between its halves
    cut_after: int | None = None  # bytes, then the connection is reset


@dataclass(slots=True)
class Registry:
    """One server: its answers, and what it was asked."""

    answers: dict[str, Manner] = field(default_factory=dict)
    otherwise: Manner = field(default_factory=Manner)
    limit: int | None = None  # questions answered before it refuses
    refusal: Manner = field(default_factory=Manner)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def answer(self, question: str) -> Manner:
        self.asked.append(question)
        if self.limit is not None and len(self.asked) > self.limit:
            return self.refusal
        return self.answers.get(question, self.otherwise)


@contextmanager
def whois_servers(registries: Mapping[str, Registry]) -> Iterator[Callable[..., socket.socket]]:
    """Serve each host's registry on a port of its own; yields how to connect to them.

    What is yielded is a ``Connect`` of the WHOIS client; hosts that are not served refuse.
    """
    servers = {host: _Serving(registry, _WhoisTalk) for host, registry in registries.items()}
    with _running(list(servers.values())):

        def connect(host: str, port: int, seconds: float) -> socket.socket:
            if host not in servers:
                raise ConnectionRefusedError(f"{host} port {port}: nobody there")
            place = (LOOPBACK, servers[host].server_address[1])
            return socket.create_connection(place, timeout=seconds)

        yield connect


@contextmanager
def rdap_server(registry: Registry) -> Iterator[str]:
    """Serve a registry over HTTP, asked by path; yields its base address."""
    server = _Serving(registry, _RdapTalk)
    registry.port = server.server_address[1]
    with _running([server]):
        yield f"http://{LOOPBACK}:{registry.port}/"


@contextmanager
def _running(servers: "list[_Serving]") -> Iterator[None]:
    threads = [
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        for server in servers
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


class _Serving(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, registry: Registry, talk: type[StreamRequestHandler]) -> None:
        super().__init__((LOOPBACK, 0), talk)
        self.registry = registry
        self.stopping = threading.Event()

    def shutdown(self) -> None:
        self.stopping.set()
        super().shutdown()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that left is no fault of ours."""


class _WhoisTalk(StreamRequestHandler):
    server: _Serving

    def handle(self) -> None:
        question = self.rfile.readline(LONGEST_QUESTION).decode("ascii", "replace").strip()
        manner = self.server.registry.answer(question)
        body = manner.body[: manner.cut_after]
        half = len(body) // 2
        for piece in (body[:half], body[half:]):
            if manner.pause_s:
                self.server.stopping.wait(manner.pause_s)
            self.wfile.write(piece)
        if manner.cut_after is not None:
            _reset(self.connection)


class _RdapTalk(BaseHTTPRequestHandler):
    server: _Serving

    def do_GET(self) -> None:
        manner = self.server.registry.answer(self.path.lstrip("/"))
        if manner.pause_s:
            self.server.stopping.wait(manner.pause_s)
        self.send_response(manner.code)
        self.send_header("Content-Type", "application/rdap+json")
        self.send_header("Content-Length", str(len(manner.body)))
        for name, value in manner.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(manner.body[: manner.cut_after])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Nothing is printed."""


def _reset(connection: socket.socket) -> None:
    """Close with a reset instead of the usual goodbye."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
