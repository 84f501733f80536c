"""Four servers with the same names: ours, rbldnsd, NSD, PowerDNS. All on loopback."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path

from benchmarks.dns_world.measure import family
from benchmarks.dns_world.names import RULES, ZONE, Names
from headwater.dnslist.answers.age_rows import build_snapshot
from headwater.dnslist.answers.keyed_hash import KEY_BYTES
from headwater.dnslist.answers.snapshot import snapshot_pieces
from headwater.outputs.files import deliver
from headwater.outputs.list_zone import ListZone
from headwater.outputs.rbldnsd.render import render_dnset
from headwater.outputs.zonefile.render import render_zonefile

PATIENCE = 300.0  # NSD and PowerDNS take their time to load a million names
LIST = ListZone(
    origin=ZONE, servers=("ns.example.org",), mailbox="host@example.org", serial=1, ttl=60
)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Server(ABC):
    """A program that serves the zone from files it wants to have prepared."""

    name = ""
    program = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def installed(cls) -> bool:
        return shutil.which(cls.program, path=f"{os.environ['PATH']}:/usr/sbin") is not None

    @abstractmethod
    def prepare(self, names: Names) -> None:
        """Write what the program reads."""

    @abstractmethod
    def command(self) -> list[str]:
        """Run in the foreground, one thread or process that answers."""

    def start(self) -> float:
        """Start and wait until it answers; seconds that took."""
        began = time.monotonic()
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        while not answers(self.port):
            if self._process.poll() is not None or time.monotonic() - began > PATIENCE:
                said = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.name} does not answer: {said}")
            time.sleep(0.05)
        return time.monotonic() - began

    @property
    def pids(self) -> list[int]:
        assert self._process is not None
        return family(self._process.pid)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def answers(port: int) -> bool:
    """Whether somebody answers for the zone on this port."""
    labels = b"".join(bytes([len(x)]) + x.encode() for x in ZONE.split("."))
    query = b"\x12\x34\0\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\x06\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.5)
        sock.connect(("127.0.0.1", port))
        try:
            sock.send(query)
            answer = sock.recv(4096)
        except OSError:
            return False
    return len(answer) > 12 and answer[3] & 15 == 0


class Headwater(Server):
    """EDNS, access list and response-rate limiting on, one worker."""

    name, program = "Headwater", "python3"

    def prepare(self, names: Names) -> None:
        snapshot, _ = build_snapshot(
            names.batches(), rules=RULES, secret=secrets.token_bytes(KEY_BYTES), made_at=1
        )
        deliver(snapshot_pieces(snapshot), self.folder / "dns" / "ages.snapshot")
        (self.folder / "dns.toml").write_text(
            f'listen = ["127.0.0.1"]\nport = {self.port}\ndal = "{ZONE}"\n'
            'allow = ["127.0.0.0/8", "192.0.2.0/24", "2001:db8::/32"]\n'
            "responses_per_second = 10000000\n"
        )

    def command(self) -> list[str]:
        return [sys.executable, "-m", "headwater.dnslist.serve", str(self.folder)]


class Rbldnsd(Server):
    """A dnset; hosts below a name are listed by a second entry, as usual there."""

    name, program = "rbldnsd", "rbldnsd"

    def prepare(self, names: Names) -> None:
        deliver(render_dnset(LIST, names.listed()), self.folder / "zone")

    def command(self) -> list[str]:
        return ["rbldnsd", "-n", "-f", "-b", f"127.0.0.1/{self.port}", "-u", "nobody",
                "-w", str(self.folder), f"{ZONE}:dnset:zone"]  # fmt: skip


class Nsd(Server):
    """One server process; no reading of the zone is timed."""

    name, program = "NSD", "nsd"

    def prepare(self, names: Names) -> None:
        deliver(render_zonefile(LIST, names.listed()), self.folder / "zone")
        (self.folder / "nsd.conf").write_text(
            f"server:\n ip-address: 127.0.0.1@{self.port}\n server-count: 1\n username: root\n"
            f' zonesdir: "{self.folder}"\n database: ""\n pidfile: "{self.folder}/pid"\n'
            f' xfrdfile: "{self.folder}/xfrd"\n xfrdir: "{self.folder}"\n'
            f' zonelistfile: "{self.folder}/list"\n'
            " rrl-ratelimit: 0\nremote-control:\n control-enable: no\n"
            f"zone:\n name: {ZONE}\n zonefile: zone\n"
        )

    def command(self) -> list[str]:
        return ["/usr/sbin/nsd", "-d", "-c", str(self.folder / "nsd.conf")]


class PowerDns(Server):
    """The BIND backend, one receiving thread, its caches as they come."""

    name, program = "PowerDNS", "pdns_server"

    def prepare(self, names: Names) -> None:
        deliver(render_zonefile(LIST, names.listed()), self.folder / "zone")
        (self.folder / "named.conf").write_text(
            f'zone "{ZONE}" {{ type master; file "{self.folder}/zone"; }};\n'
        )

    def command(self) -> list[str]:
        return ["/usr/sbin/pdns_server", "--no-config", "--daemon=no", "--guardian=no",
                "--local-address=127.0.0.1", f"--local-port={self.port}", "--launch=bind",
                f"--bind-config={self.folder}/named.conf", "--receiver-threads=1",
                "--distributor-threads=1", f"--socket-dir={self.folder}",
                "--security-poll-suffix=", "--zone-cache-refresh-interval=0"]  # fmt: skip


SERVERS: tuple[type[Server], ...] = (Headwater, Rbldnsd, Nsd, PowerDns)
