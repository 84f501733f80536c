"""The real doors to registries, built once from the workspace: clocks, sockets, the queue."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from headwater import __version__
from headwater.cli.workspace import Workspace
from headwater.pipeline.look_up_domain import Doors
from headwater.records.errors import MalformedInput
from headwater.sources.rdap_client import Bounds, Reply, ask_rdap, make_client
from headwater.sources.registry_guard import outside_only
from headwater.sources.registry_queue import Pace, RegistryQueue
from headwater.sources.whois_client import Patience, ask_whois, connect
from headwater.wire.rdap_bootstrap import Bootstrap, read_bootstrap, shipped

BOOTSTRAP_FILE: Final = "rdap_bootstrap.json"  # in the workspace: newer than the shipped one
QUEUE_FILE: Final = "registries.sqlite"
DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Registries:
    """How registries are asked from this workspace."""

    doors: Doors
    queue: RegistryQueue


def now() -> datetime:
    """The instant, UTC."""
    return datetime.now(UTC)


def user_agent(place: Workspace) -> str:
    """Who asks, as registries are told."""
    contact = place.settings.domains.contact
    return f"headwater/{__version__}" + (f" ({contact})" if contact else "")


def bootstrap_of(root: Path) -> Bootstrap:
    """The register fetched last, or the shipped one."""
    kept = root / BOOTSTRAP_FILE
    try:
        return read_bootstrap(kept.read_bytes())
    except FileNotFoundError:
        return shipped()
    except MalformedInput as why:
        raise MalformedInput(f"{kept}: {why}; remove it to use the shipped one") from why


def queue_of(place: Workspace) -> RegistryQueue:
    """The names that wait, at the pace the operator set."""
    told = place.settings.domains
    pace = Pace(
        between=float(told.seconds_between),
        again_known=told.ask_again_days * DAY_S,
        again_free=told.ask_again_free_days * DAY_S,
    )
    return RegistryQueue(place.root / QUEUE_FILE, pace)


@contextmanager
def open_registries(place: Workspace) -> Iterator[Registries]:
    """Doors that ask real registries, and the queue."""
    with make_client(user_agent(place)) as client:

        def rdap(url: str) -> Reply:
            return ask_rdap(url, client, outside_only, time.monotonic, Bounds())

        def whois(server: str, line: bytes) -> bytes:
            return ask_whois(server, line, connect, time.monotonic, Patience())

        doors = Doors(
            rdap=rdap,
            whois=whois,
            bootstrap=bootstrap_of(place.root),
            may_ask_whois=outside_only,
        )
        yield Registries(doors=doors, queue=queue_of(place))
