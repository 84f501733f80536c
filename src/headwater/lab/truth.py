"""What was really planted: the file that stands beside every recording."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from headwater.lab import addresses as world
from headwater.lab.cast import MASTER_PORTS, TUNNEL_PORT, Cast
from headwater.lab.exporters import Exporter
from headwater.lab.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """ISO 8601, UTC."""

    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A hijacked own host; `relayed` counts the mails that passed through it."""

    address: str
    kind: str
    port: int | None
    started_at: str
    program: str
    drivers: list[str]
    masters: list[str]
    relayed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """An outside server that hijacked hosts call home to.

    `tunnels` are back-connect hosts that it drives through their own connection.
    """

    address: str
    ports: list[int]
    clients: list[str]
    period_s: float
    tunnels: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lawful:
    """A look-alike that must not be accused."""

    address: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Everything a judge of a detector needs to know of one run."""

    own_networks: list[str]
    window: Span
    proxies: list[Proxy]
    drivers: list[str]
    masters: list[Master]
    testers: list[str]
    scanners: list[str]
    strangers: list[str]
    sleepers: list[str]
    lawful: list[Lawful]
    mail_servers_lawful: list[str]
    dark: list[str]
    exporter: str
    seed: int
    scenario: str

    def to_json(self) -> str:
        """Text for the truth file."""
        return json.dumps(asdict(self), indent=1) + "\n"


Outcomes = Mapping[str, Mapping[str, int]]


def tell(
    scenario: Scenario, cast: Cast, exporter: Exporter, start: float, end: float,
    outcomes: Outcomes,
) -> Truth:  # fmt: skip
    """The truth of a run that lasted from start to end (epoch seconds)."""
    return Truth(
        own_networks=list(world.OWN_NETWORKS),
        window=Span(start=_iso(start), end=_iso(end)),
        proxies=_proxies(cast, start, outcomes),
        drivers=list(world.DRIVERS),
        masters=[_master(address, cast, scenario) for address in MASTER_PORTS],
        testers=list(world.TESTERS),
        scanners=[world.SCANNER],
        strangers=list(world.STRANGERS),
        sleepers=list(cast.sleepers),
        lawful=_lawful(cast),
        mail_servers_lawful=[world.MAIL_SERVER, world.BULK_MAILER],
        dark=list(world.DARK),
        exporter=exporter.description,
        seed=scenario.seed,
        scenario=scenario.name,
    )


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


def _proxies(cast: Cast, start: float, outcomes: Outcomes) -> list[Proxy]:
    return [
        Proxy(
            address=host.address,
            kind=host.kind,
            port=host.port,
            started_at=_iso(start + host.starts_at),
            program=host.program,
            drivers=list(host.drivers),
            masters=[host.master] if host.master else [],
            relayed=sum(
                outcomes.get(f"spam {host.address}", {}).get(word, 0)
                for word in ("done", "refused")
            ),
        )
        for host in cast.hijacked
    ]


def _master(address: str, cast: Cast, scenario: Scenario) -> Master:
    tunnels = [h.address for h in cast.hijacked if h.tunnel_exit and h.master == address]
    return Master(
        address=address,
        ports=[MASTER_PORTS[address], *([TUNNEL_PORT] if tunnels else [])],
        clients=list(cast.clients_of(address)),
        period_s=scenario.poll_period_s,
        tunnels=tunnels,
    )


def _lawful(cast: Cast) -> list[Lawful]:
    special = {
        world.MAIL_SERVER: "mail server that forwards",
        world.GATEWAY: "ssh gateway",
        world.BULK_MAILER: "bulk mailer",
        world.WEB_SITE: "web site",
        **dict.fromkeys(world.PEERS_INSIDE, "file sharing"),
        **dict.fromkeys(world.MAIL_USERS, "mails by way of the provider"),
        **dict.fromkeys(world.TELEMETRY_USERS, "regular telemetry"),
    }
    everyone = dict.fromkeys((*special, *cast.subscribers, *world.V6_SUBSCRIBERS))
    return [Lawful(address=a, role=special.get(a, "subscriber")) for a in everyone]


def from_json(text: str) -> Truth:
    """What `to_json` wrote. Raises KeyError, TypeError or ValueError on anything else."""
    values: dict[str, Any] = json.loads(text)
    values["window"] = Span(**values["window"])
    for key, kind in (("proxies", Proxy), ("masters", Master), ("lawful", Lawful)):
        values[key] = [kind(**entry) for entry in values[key]]
    return Truth(**values)
