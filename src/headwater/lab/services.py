"""The programs of a run besides the players: servers, mail exchangers, gateways, proxies."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from headwater.lab import addresses as world
from headwater.lab import configs
from headwater.lab.cast import MASTER_PORTS, TUNNEL_PORT, Cast, Hijacked, Stage
from headwater.lab.processes import ask
from headwater.lab.script.companies import FIRST_EMPLOYEE_PORT
from headwater.lab.script.subscribers import peer_port

# sshd wants /run/sshd, which the machine may not have. `ip netns exec` has already given the
# program mounts of its own, so an empty /run of its own leaves no trace outside.
PRIVATE_RUN = (
    "sh", "-c", 'mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec "$0" "$@"',
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A program that runs from a moment of the play on; before 0: before it begins."""

    name: str
    stage: Stage
    argv: tuple[str, ...]
    at: float = -2.5


def prepare(cast: Cast, directory: Path) -> list[Service]:
    """Write all configurations below the directory; return what to start and when."""
    keys = _keys(directory)
    return [
        *_small_servers(directory),
        *_exchangers(),
        *_ssh_servers(directory, keys),
        _postfix(directory, world.MAIL_SERVER, (world.OWN_V4,), configs.forwards()),
        *_employees(keys),
        *(_proxy(host, directory, keys) for host in cast.hijacked if host.program != "actor"),
    ]


def actor(name: str, *arguments: str) -> tuple[str, ...]:
    """The command line of one of our own programs."""
    return (sys.executable, "-m", f"headwater.lab.actors.{name}", *arguments)


def _small_servers(directory: Path) -> list[Service]:
    outside = [
        *(("web", site, port) for site in (*world.WEB_SERVERS, *world.WEB_SERVERS_V6)
          for port in (80, 443)),
        *(("push", server, world.PUSH_PORT) for server in world.PUSH_SERVERS),
        *(("time", server, 123) for server in world.TIME_SERVERS),
        ("names", world.RESOLVER, 53),
        ("web", world.TELEMETRY, 8080),
        ("web", world.TEST_PAGE, 80),
        *(("web", master, port) for master, port in MASTER_PORTS.items()),
        *(("peer", peer, peer_port(peer)) for peer in world.PEERS_OUTSIDE),
    ]  # fmt: skip
    inside = [
        ("web", world.WEB_SITE, 80),
        *(("peer", peer, peer_port(peer)) for peer in world.PEERS_INSIDE),
    ]
    return [
        _serve(directory, "servers-outside", Stage.NET, outside),
        _serve(directory, "servers-inside", Stage.HOMES, inside),
    ]


def _serve(
    directory: Path, name: str, stage: Stage, parts: Iterable[tuple[str, str, int]]
) -> Service:
    file = directory / f"{name}.json"
    file.write_text(json.dumps(list(parts)))
    return Service(name=name, stage=stage, argv=actor("servers", str(file)))


def _exchangers() -> list[Service]:
    """Some refuse a whole session, some a sender, some a recipient."""
    stern = ("CONNECT", "MAIL", "RCPT")
    takers = [(mx, ()) for mx in (*world.EXCHANGERS, world.PROVIDER_MAIL)]
    refusers = [(mx, ("-f", stern[n % 3])) for n, mx in enumerate(world.STERN_EXCHANGERS)]
    services = [_sink(Stage.NET, mx, 25, refusals) for mx, refusals in (*takers, *refusers)]
    return [
        *services,
        _sink(Stage.NET, world.PROVIDER_MAIL, 587, ()),
        _sink(Stage.HOMES, world.BULK_MAILER, 25, ()),
    ]


def _sink(stage: Stage, address: str, port: int, refusals: tuple[str, ...]) -> Service:
    return Service(
        name=f"sink-{address}-{port}",
        stage=stage,
        argv=("smtp-sink", "-u", "nobody", *refusals, f"{address}:{port}", "100"),
    )


def _keys(directory: Path) -> Path:
    """One key pair for hosts, one for users; both live as long as the run."""
    for name in ("host_key", "user_key"):
        ask("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name))
    return directory / "user_key"


def _ssh_servers(directory: Path, keys: Path) -> list[Service]:
    servers = []
    for name, stage, doors in (
        ("gateway", Stage.GATE, configs.gateway_doors()),
        ("tunnel-end", Stage.NET, configs.tunnel_doors()),
    ):
        file = directory / f"{name}.sshd"
        pid_file = str(directory / f"{name}.pid")
        text = configs.sshd(str(directory / "host_key"), f"{keys}.pub", pid_file, *doors)
        file.write_text(text)
        # sshd insists on an absolute path: it starts itself again for every client
        argv = (*PRIVATE_RUN, "/usr/sbin/sshd", "-D", "-e", "-f", str(file))
        servers.append(Service(name=name, stage=stage, argv=argv))
    return servers


def _ssh(keys: Path, *arguments: str) -> tuple[str, ...]:
    return (
        "ssh", "-F", "none", "-N", "-i", str(keys), "-o", "BatchMode=yes",
        "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
        "-o", "ExitOnForwardFailure=yes", "-o", "LogLevel=ERROR", *arguments,
    )  # fmt: skip


def _employees(keys: Path) -> list[Service]:
    return [
        Service(
            name=f"employee-{number}",
            stage=Stage.NET,
            argv=_ssh(keys, "-b", address, "-D", f"127.0.0.1:{FIRST_EMPLOYEE_PORT + number}",
                      f"root@{world.GATEWAY}"),
            at=0.5 + number / 3,
        )
        for number, address in enumerate(world.EMPLOYEES)
    ]  # fmt: skip


def _proxy(host: Hijacked, directory: Path, keys: Path) -> Service:
    at = host.starts_at or -2.5
    if host.program == "postfix":
        return _postfix(directory, host.address, ("0.0.0.0/0",), "")
    name = f"{host.program}-{host.address}"
    argv = _proxy_command(host, directory, keys)
    return Service(name=name, stage=host.stage, argv=argv, at=at)


def _proxy_command(host: Hijacked, directory: Path, keys: Path) -> tuple[str, ...]:
    if host.program == "danted":
        return ("danted", "-N", "1", "-f", _write(directory, host, configs.danted(host)))
    if host.program == "tinyproxy":
        return ("tinyproxy", "-d", "-c", _write(directory, host, configs.tinyproxy(host)))
    if host.program == "ssh":
        tunnel = ("-R", f"127.0.0.1:{host.tunnel_exit}", "-p", str(TUNNEL_PORT))
        return _ssh(keys, *tunnel, f"root@{host.master}")
    return _microsocks(host)


def _write(directory: Path, host: Hijacked, text: str) -> str:
    file = directory / f"{host.program}-{host.address}.conf"
    file.write_text(text)
    return str(file)


def _microsocks(host: Hijacked) -> tuple[str, ...]:
    lock = ("-u", host.user, "-P", host.password) if host.user else ()
    return ("microsocks", "-i", host.address, "-p", str(host.port), "-b", host.address, *lock)


def _postfix(directory: Path, address: str, trusted: tuple[str, ...], forwards: str) -> Service:
    home = directory / f"postfix-{address}"
    for part in (home, home / "spool", home / "data"):
        part.mkdir(mode=0o755)
    (home / "main.cf").write_text(configs.postfix_main(address, str(home), trusted))
    (home / "master.cf").write_text(configs.postfix_master())
    (home / "transport").write_text(configs.transport_map())
    (home / "virtual").write_text(forwards)
    ask("chown", "postfix", str(home / "data"))
    argv = ("postfix", "-c", str(home), "start-fg")
    return Service(name=home.name, stage=Stage.HOMES, argv=argv, at=-4.0)
