"""What one hunt of one world got right and wrong, host by host; plain enough for JSON."""

from collections.abc import Mapping
from dataclasses import dataclass

LIKELY = 0.5  # what the answer names is likelier true than not
FAIR_PACKETS = 20  # of abuse to be expected in the records, from which a host can be found
SERVERS_ONLY = ("RITA-style beacons",)  # methods that say nothing of own hosts
FARM = 10  # hosts from which a driver or master is a big one


@dataclass(frozen=True, slots=True, kw_only=True)
class Hijacked:
    """One hijacked subscriber, and what was said of the surest of its addresses."""

    address: str
    kind: str
    manner: str
    abuse: str
    packets: float  # of abuse, to be expected in the records
    confidence: float = 0.0
    said: str = ""  # the kind given; empty where nothing was said
    reasons: tuple[tuple[float, str], ...] = ()
    claims: tuple[str, ...] = ()  # what each detector said by itself

    @property
    def found(self) -> bool:
        return self.confidence >= LIKELY

    @property
    def fair(self) -> bool:
        return self.packets >= FAIR_PACKETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Innocent:
    """An own host that was named and should not have been."""

    address: str
    roles: tuple[str, ...]  # empty: a household and nothing more
    confidence: float
    said: str
    reasons: tuple[tuple[float, str], ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsider:
    """A true driver or master: how many hosts it has, and its place in the answer."""

    address: str
    operation: str
    hosts: int
    rank: int | None  # 0 is first; None: not named
    wrong_above: int = 0  # how many names before it are no such thing

    @property
    def first(self) -> bool:
        """Named, and nobody innocent before it."""
        return self.rank is not None and self.wrong_above == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Misnamed:
    """An outsider named for what it is not."""

    address: str
    role: str  # what it is in truth
    confidence: float
    hosts: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsiders:
    """Drivers, or masters, of one world."""

    true: tuple[Outsider, ...] = ()
    wrong: tuple[Misnamed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One hunt of one world."""

    scenario: str
    method: str  # "headwater", an ablation or a baseline
    seed: int
    sampling: int
    subscribers: int
    hijacked: tuple[Hijacked, ...] = ()
    innocent: tuple[Innocent, ...] = ()
    population: Mapping[str, int]  # lawful role -> how many subscribers have it
    drivers: Outsiders = Outsiders()
    masters: Outsiders = Outsiders()
    testers: int = 0  # in the world
    oriented: Mapping[str, tuple[int, int]]  # oriented_by -> right, of how many
    seconds: Mapping[str, float]
