"""The small internet: namespaces, links, addresses, routes; made here and removed here.

    homes, gate, caves --- bridge `lan` [ edge ] uplink ~ distance ~ uplink [ net ]
                                           |
                                         export link --- [ noc ]

Nothing here has a route out of the machine: no namespace is linked with the host.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from headwater.lab import addresses as world
from headwater.lab.cast import Cast, Stage
from headwater.lab.processes import ask, kill
from headwater.lab.tidiness import MARK, undisturbed
from headwater.records.errors import RemoteFault

NAMESPACES_DIR = Path("/run/netns")
ETC_NETNS = Path("/etc/netns")
EDGE, COLLECTING = "edge", "noc"
UPLINK = "uplink"


@dataclass(frozen=True, slots=True)
class Ground:
    """The namespaces of one run; their names carry the number of the process that made them."""

    owner: int
    parts: tuple[str, ...] = (EDGE, COLLECTING, *Stage)

    def name(self, part: str) -> str:
        """The kernel's name for one of our namespaces."""
        return f"{MARK}-{self.owner}-{part}"

    def within(self, part: str, *argv: str) -> tuple[str, ...]:
        """The command line that runs a program in one of them."""
        return ("ip", "netns", "exec", self.name(part), *argv)


@contextmanager
def ground(cast: Cast) -> Iterator[Ground]:
    """The namespaces and links inside the edge; gone at the end, however it ends."""
    place = Ground(os.getpid())
    try:
        remove(place)  # a killed lab may have had our number
        _namespaces(place)
        _inside_links(place)
        _addresses(place, cast)
        yield place
    finally:
        with undisturbed():
            remove(place)


def remove(place: Ground) -> None:
    """End every process in these namespaces, then the namespaces and their settings."""
    for part in place.parts:
        name = place.name(part)
        if (NAMESPACES_DIR / name).exists():
            _empty(name)
            with suppress(RemoteFault):
                ask("ip", "netns", "delete", name)
        resolver = ETC_NETNS / name / "resolv.conf"
        resolver.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            resolver.parent.rmdir()
    with suppress(OSError):
        ETC_NETNS.rmdir()  # only when it is empty


def _empty(name: str) -> None:
    for _ in range(50):
        try:
            pids = [int(pid) for pid in ask("ip", "netns", "pids", name).split()]
        except RemoteFault:
            return
        if not pids:
            return
        kill(pids)
        time.sleep(0.05)


def _namespaces(place: Ground) -> None:
    for part in place.parts:
        name = place.name(part)
        # `ip netns exec` puts this over /etc/resolv.conf: no question leaves the lab
        (ETC_NETNS / name).mkdir(parents=True)
        server = "127.0.0.1" if part in (EDGE, COLLECTING) else world.RESOLVER
        (ETC_NETNS / name / "resolv.conf").write_text(
            f"nameserver {server}\noptions timeout:1 attempts:1\n"
        )
        ask("ip", "netns", "add", name)
        ask("ip", "-n", name, "link", "set", "lo", "up")
        _sysctl(
            place, part, "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0"
        )
    _sysctl(place, EDGE, "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")


def _sysctl(place: Ground, part: str, *settings: str) -> None:
    ask(*place.within(part, "sysctl", "-q", "-w", *settings))


def _veth(place: Ground, part: str, device: str, peer_part: str, peer: str) -> None:
    ask("ip", "link", "add", device, "netns", place.name(part),
        "type", "veth", "peer", "name", peer, "netns", place.name(peer_part))  # fmt: skip
    for end, name in ((part, device), (peer_part, peer)):
        # without this one captured "packet" may be dozens: they are cut up by hardware only
        ask("ip", "-n", place.name(end), "link", "set", name, "gso_max_segs", "1", "up")


def _inside_links(place: Ground) -> None:
    edge = place.name(EDGE)
    ask("ip", "-n", edge, "link", "add", "lan", "type", "bridge")
    ask("ip", "-n", edge, "link", "set", "lan", "up")
    for stage in Stage:
        if stage is not Stage.NET:
            _veth(place, stage, "eth0", EDGE, f"to-{stage}")
            ask("ip", "-n", edge, "link", "set", f"to-{stage}", "master", "lan")
    _veth(place, EDGE, "export", COLLECTING, "eth0")
    _configure(place, EDGE, "lan", [f"{world.ROUTER_V4}/24", f"{world.ROUTER_V6}/48"])
    _configure(place, EDGE, "export", [f"{world.EXPORTER}/30"])
    _configure(place, COLLECTING, "eth0", [f"{world.COLLECTOR}/30"])


def _configure(place: Ground, part: str, device: str, addresses: list[str]) -> None:
    for address in addresses:
        nodad = ["nodad"] if ":" in address else []
        ask("ip", "-n", place.name(part), "addr", "add", address, "dev", device, *nodad)


def _addresses(place: Ground, cast: Cast) -> None:
    hijacked = [host.address for host in cast.hijacked if host.stage is Stage.HOMES]
    homes = [
        world.MAIL_SERVER, world.BULK_MAILER, world.WEB_SITE, world.STAFF, *hijacked,
        *cast.sleepers, *cast.subscribers, *world.V6_SUBSCRIBERS,
    ]  # fmt: skip
    tenants: dict[Stage, list[str]] = {Stage.HOMES: homes, Stage.GATE: [world.GATEWAY]}
    for host in cast.hijacked:
        if host.stage is not Stage.HOMES:
            tenants[host.stage] = [host.address]
    for stage, residents in tenants.items():
        _configure(place, stage, "eth0", [_with_length(address) for address in residents])
        _default_route(place, stage, world.ROUTER_V4, world.ROUTER_V6)


def _with_length(own: str) -> str:
    return f"{own}/{48 if ':' in own else 24}"


def _default_route(place: Ground, part: str, v4: str, v6: str) -> None:
    ask("ip", "-n", place.name(part), "route", "add", "default", "via", v4)
    with suppress(RemoteFault):  # a host without a v6 address has no use for this
        ask("ip", "-n", place.name(part), "-6", "route", "add", "default", "via", v6)


def connect_uplink(place: Ground) -> None:
    """Addresses and routes on both ends of the wire that the distance has made."""
    edge, net = place.name(EDGE), place.name(Stage.NET)
    for name in (edge, net):
        ask("ip", "-n", name, "link", "set", UPLINK, "up")
    _configure(
        place, EDGE, UPLINK, [f"{world.UPLINK_EDGE_V4}/30", f"{world.UPLINK_EDGE_V6}/64"]
    )
    _configure(place, Stage.NET, UPLINK,
               [f"{world.UPLINK_NET_V4}/30", f"{world.UPLINK_NET_V6}/64"])  # fmt: skip
    _default_route(place, EDGE, world.UPLINK_NET_V4, world.UPLINK_NET_V6)
    outside = [f"{address}/32" for address in world.OUTSIDE_ADDRESSES]
    _configure(place, Stage.NET, "lo",
               outside + [f"{address}/128" for address in world.WEB_SERVERS_V6])  # fmt: skip
    ask("ip", "-n", net, "route", "add", world.OWN_V4, "via", world.UPLINK_EDGE_V4)
    ask("ip", "-n", net, "-6", "route", "add", world.OWN_V6, "via", world.UPLINK_EDGE_V6)
