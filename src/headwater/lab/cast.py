"""The cast: which own host is hijacked how, who drives it, where it calls home."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from headwater.lab import addresses
from headwater.lab.scenario import Scenario

TUNNEL_PORT = 2222
MASTER_PORTS = {addresses.MASTER_A: 8080, addresses.MASTER_B: 80}


class Stage(StrEnum):
    """The namespaces people live in. Back-connect hosts dial with the kernel's own choice
    of source address, so each has a namespace to itself; so has the gateway.
    """

    NET = "net"
    HOMES = "homes"
    GATE = "gate"
    CAVE_1 = "cave1"
    CAVE_2 = "cave2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hijacked:
    """An own host that works for outsiders, and the real program that makes it so."""

    address: str
    kind: str  # as in the project's list of proxy kinds
    program: str
    port: int | None  # where its clients come in; None: nobody comes in
    starts_at: float  # seconds into the play; 0: before it began
    master: str | None
    drivers: tuple[str, ...]
    user: str = ""
    password: str = ""
    stage: Stage = Stage.HOMES
    tunnel_exit: int | None = None  # loopback port at the master that leads into the tunnel


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody whose part depends on the scenario."""

    hijacked: tuple[Hijacked, ...]
    subscribers: tuple[str, ...]
    sleepers: tuple[str, ...]

    def clients_of(self, master: str) -> tuple[str, ...]:
        """Own hosts that call home to this master."""
        hosts = [host.address for host in self.hijacked if host.master == master]
        return tuple(hosts + ([*self.sleepers] if master == addresses.MASTER_A else []))

    def stage_of(self, own_address: str) -> Stage:
        """The namespace an own host lives in."""
        for host in self.hijacked:
            if host.address == own_address:
                return host.stage
        return Stage.GATE if own_address == addresses.GATEWAY else Stage.HOMES


def assemble(scenario: Scenario) -> Cast:
    """The cast of this scenario; the seed decides odd ports, passwords and starting times."""
    dice = Random(f"{scenario.seed}:cast")
    last = addresses.FIRST_SUBSCRIBER + scenario.subscribers
    return Cast(
        hijacked=(
            *_with_door(scenario, dice),
            *_back_connect(scenario, dice),
            *_bots(scenario, dice),
        ),
        subscribers=tuple(f"192.0.2.{n}" for n in range(addresses.FIRST_SUBSCRIBER, last)),
        sleepers=(addresses.SLEEPER,),
    )


def _appearance(scenario: Scenario, dice: Random) -> float:
    return round(dice.uniform(scenario.hijacked_from_s, scenario.hijacked_until_s), 1)


def _with_door(scenario: Scenario, dice: Random) -> list[Hijacked]:
    """Hosts whose drivers come in through a port of their own."""
    first, second, third = addresses.DRIVERS
    a, b = addresses.MASTER_A, addresses.MASTER_B
    malware = [
        (60, "synthetic-open", "microsocks", a, (first, second)),
        (61, "synthetic-open", "danted", b, (first, second)),
        (62, "synthetic-protected", "microsocks", a, (first, third)),
        (63, "synthetic-protected", "danted", b, (second, third)),
        (70, "synthetic-open", "microsocks", a, (first, second)),
        (71, "synthetic-protected", "microsocks", a, (second, third)),
    ]
    ports = dice.sample(range(20_000, 60_000), len(malware))
    hosts = []
    for (last, kind, program, master, drivers), port in zip(malware, ports, strict=True):
        locked = kind == "synthetic-protected" and program == "microsocks"
        hosts.append(
            Hijacked(
                address=f"192.0.2.{last}",
                kind=kind,
                program=program,
                port=port,
                starts_at=_appearance(scenario, dice),
                master=master,
                drivers=drivers,
                user="keeper" if locked else "",
                password=f"{dice.getrandbits(48):012x}" if locked else "",
            )
        )
    owners = [
        ("192.0.2.64", "natural-open", "tinyproxy", 3128),
        ("192.0.2.67", "open-relay", "postfix", 25),
    ]
    for address, kind, program, port in owners:
        hosts.append(
            Hijacked(
                address=address,
                kind=kind,
                program=program,
                port=port,
                starts_at=0.0,
                master=None,
                drivers=(first, third),
            )
        )
    return hosts


def _back_connect(scenario: Scenario, dice: Random) -> list[Hijacked]:
    return [
        Hijacked(
            address=address,
            kind="backconnect",
            program="ssh",
            port=None,
            starts_at=_appearance(scenario, dice),
            master=addresses.MASTER_B,
            drivers=(),
            stage=stage,
            tunnel_exit=tunnel_exit,
        )
        for address, stage, tunnel_exit in (
            ("192.0.2.65", Stage.CAVE_1, 9065),
            ("192.0.2.66", Stage.CAVE_2, 9066),
        )
    ]


def _bots(scenario: Scenario, dice: Random) -> list[Hijacked]:
    return [
        Hijacked(
            address=address,
            kind="direct-sender",
            program="actor",
            port=None,
            starts_at=_appearance(scenario, dice),
            master=master,
            drivers=(),
        )
        for address, master in (
            ("192.0.2.68", addresses.MASTER_A),
            ("192.0.2.69", addresses.MASTER_B),
        )
    ]
