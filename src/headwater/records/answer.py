"""What a hunt answers: proxies, upstreams, masters, operations, each with its numbers.

``to_json`` gives the published form (docs/look-up/answer.md); its names are a promise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from headwater.records.window import Window

DIGITS = 4  # of a probability: more would pretend


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAddress:
    """An address that a subscriber held within the window, and for how long."""

    address: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """An own host that is hijacked or misused."""

    address: str  # the one it held last
    kind: str
    kinds: Mapping[str, float]
    port: int | None
    confidence: float
    first_seen: datetime
    last_seen: datetime
    mail_sessions: int
    reasons: tuple[str, ...]
    subscriber: str | None = None  # who held the address at last_seen; None: cannot be said
    # Where it changed address, or others held the same: all it held, in the order of time.
    addresses: tuple[HeldAddress, ...] = ()
    watch: str | None = None  # where a report put it on watch: since when, and what is new


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """An outside address that drives proxies, or only tests them."""

    address: str
    role: str  # driver | tester
    confidence: float
    proxies: tuple[str, ...]
    sessions: int
    bytes: int
    first_seen: datetime
    last_seen: datetime
    as_number: int | None
    country: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextSuspect:
    """An own host that talks to a master and shows nothing else yet."""

    address: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """An outside server that hijacked hosts call home to."""

    address: str
    ports: tuple[int, ...]
    confidence: float
    proxies: tuple[str, ...]
    clean_clients: int
    period_s: float | None
    next_suspects: tuple[NextSuspect, ...]
    goes_dark: int = 0  # of the proxies, those that call no other master of the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Proxies, upstreams and masters that belong together."""

    name: str  # the same from run to run, as long as enough of it stays
    proxies: tuple[str, ...]
    upstreams: tuple[str, ...]
    masters: tuple[str, ...]
    since: datetime | None = None  # when the first of its members was first seen
    was: tuple[str, ...] = ()  # operations that became part of it, or that it was part of


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanning:
    """An own host that tries many doors: infected, whether it relays or not."""

    address: str  # the one it held last
    confidence: float
    port: int | None  # None: many ports of ``server``
    server: str | None  # None: many servers
    protocol: int
    targets: int  # doors tried, as far as the records show
    opened: int
    per_hour: float  # sampling reckoned in
    first_seen: datetime
    last_seen: datetime
    subscriber: str | None = None  # who held the address then; None: cannot be said


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an own host began to do after it had opened to a scanner."""

    address: str
    what: str  # service | mail | master
    port: int
    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """An outside address that knocks on own doors without knowing which are open."""

    address: str
    confidence: float
    ports: tuple[int, ...]  # the most tried first, not all
    doors: int
    opened: int
    hosts: int
    dark: int  # of those hosts
    answered_by: tuple[str, ...]  # not all, where they are many
    changed: tuple[Change, ...]
    first_seen: datetime
    last_seen: datetime
    as_number: int | None
    country: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the hunt had to look at."""

    flows: int
    sessions: int
    own_hosts: int
    both_directions: float  # share of sessions seen in both directions


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The whole answer for one window, each list best first."""

    window: Window
    proxies: tuple[Proxy, ...]
    upstreams: tuple[Upstream, ...]
    masters: tuple[Master, ...]
    operations: tuple[Operation, ...]
    counts: Counts
    scanning: tuple[Scanning, ...] = ()
    scanners: tuple[Scanner, ...] = ()


# Python's names where the published ones are its keywords.
PUBLISHED = {"as_number": "as"}


def to_json(value: Any) -> Any:
    """The published form of an answer or any part of it: plain lists, dicts and texts."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, Mapping):
        return {str(key): to_json(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {
            PUBLISHED.get(field.name, field.name): to_json(getattr(value, field.name))
            for field in fields(value)
        }
    return value
