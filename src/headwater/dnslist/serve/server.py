"""The whole server: sockets, one process per UDP worker and one for TCP, metrics."""

import asyncio
import multiprocessing
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from prometheus_client import start_http_server

from headwater.dnslist.answers.limits import AccessList, ResponseRate
from headwater.dnslist.serve.counters import Row, registry, shared_counters
from headwater.dnslist.serve.datagrams import DatagramBatch
from headwater.dnslist.serve.query_log import QueryLog
from headwater.dnslist.serve.tcp import TcpServer
from headwater.dnslist.serve.udp import UdpServer
from headwater.dnslist.serve.unknown_names import UnknownNames
from headwater.dnslist.serve.zones import ZoneKeeper
from headwater.dnslist.settings import DnsSettings
from headwater.records.errors import Misconfigured

RECEIVE_BUFFER: Final = 4 << 20
BACKLOG: Final = 512
TRIES: Final = 20  # for a port that is free for UDP and TCP on every address
PATIENCE: Final = 5.0


@dataclass(frozen=True, slots=True)
class Doors:
    """Open sockets: UDP for each worker, TCP for all. ``port`` is the real one."""

    port: int
    udp: Sequence[Sequence[socket.socket]]
    tcp: Sequence[socket.socket]

    def close(self) -> None:
        for sock in [*self.tcp, *(s for worker in self.udp for s in worker)]:
            sock.close()


def open_doors(settings: DnsSettings) -> Doors:
    """Bind everything. Raises Misconfigured where an address or port cannot be had."""
    for _ in range(TRIES if settings.port == 0 else 1):
        opened: list[socket.socket] = []
        try:
            return _bind(settings, opened)
        except OSError as fault:
            reason = fault
            for sock in opened:
                sock.close()
    raise Misconfigured(f"cannot listen on port {settings.port}: {reason}")


def _bind(settings: DnsSettings, opened: list[socket.socket]) -> Doors:
    port = settings.port
    udp: list[list[socket.socket]] = []
    for _ in range(settings.workers):
        udp.append([])
        for address in settings.listen:
            sock = _socket(address, socket.SOCK_DGRAM, opened)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            sock.setblocking(False)
            sock.bind((address, port))
            port = sock.getsockname()[1]
            udp[-1].append(sock)
    tcp = []
    for address in settings.listen:
        sock = _socket(address, socket.SOCK_STREAM, opened)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)
        tcp.append(sock)
    return Doors(port, udp, tcp)


def _socket(address: str, kind: int, opened: list[socket.socket]) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, kind)
    opened.append(sock)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if kind == socket.SOCK_DGRAM:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return sock


class DnsServer:
    """Starts the processes, starts them again if they die, and ends them."""

    def __init__(self, settings: DnsSettings, workspace: Path) -> None:
        self._settings, self._workspace = settings, workspace
        ZoneKeeper(settings, workspace)  # so that what is wrong is said before anything starts
        AccessList(settings.allow)
        self.doors = open_doors(settings)
        self._counts = shared_counters(settings.workers + 1)
        self._tasks: list[Callable[[], None]] = [
            partial(self._udp, number) for number in range(settings.workers)
        ]
        self._tasks.append(self._tcp)
        self._processes: list[BaseProcess] = []
        self._stop = threading.Event()

    def start(self) -> None:
        self._processes = [self._spawn(task) for task in self._tasks]
        have = self._settings
        if have.metrics_port is None:
            return
        try:
            start_http_server(have.metrics_port, have.metrics_listen, registry(self._counts))
        except OSError as fault:
            self.stop()
            raise Misconfigured(
                f"cannot serve metrics on port {have.metrics_port}: {fault}"
            ) from None

    def run(self, started: Callable[[int], None]) -> None:
        """Serve until SIGTERM or SIGINT. ``started`` gets the port."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        self.start()
        started(self.doors.port)
        try:
            while not self._stop.wait(1.0):
                self.mend()
        finally:
            self.stop()

    def mend(self) -> None:
        """A process that died is started anew."""
        for place, process in enumerate(self._processes):
            if not process.is_alive():
                self._processes[place] = self._spawn(self._tasks[place])

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(PATIENCE)
            if process.is_alive():
                process.kill()
                process.join()
        self.doors.close()

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes if process.pid]

    def _spawn(self, task: Callable[[], None]) -> BaseProcess:
        # Forked: sockets and the counters' memory are shared with the parent.
        process = multiprocessing.get_context("fork").Process(target=task, daemon=True)
        process.start()
        return process

    def _udp(self, number: int) -> None:
        have = self._settings
        factor = secrets.randbits(64)
        UdpServer(
            self.doors.udp[number],
            ZoneKeeper(have, self._workspace),
            batch=DatagramBatch(have.batch),
            access=AccessList(have.allow),
            rate=ResponseRate(have.responses_per_second, have.slip, factor),
            names=self._names(),
            log=self._log(),
            counts=self._counts[number],
            clock=time.time,
        ).run()

    def _tcp(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        counts: Row = self._counts[-1]
        server = TcpServer(
            ZoneKeeper(self._settings, self._workspace),
            self._settings,
            access=AccessList(self._settings.allow),
            names=self._names(),
            log=self._log(),
            counts=counts,
            clock=time.time,
        )
        asyncio.run(server.serve(self.doors.tcp))

    def _names(self) -> UnknownNames:
        return UnknownNames(self._workspace / self._settings.unknown_names)

    def _log(self) -> QueryLog:
        have = self._settings
        return QueryLog(
            self._workspace / have.query_log if have.query_log else None,
            sample=have.query_log_sample,
            most=have.query_log_bytes,
            addresses=have.query_log_addresses,
        )
