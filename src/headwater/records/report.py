"""What a report shows: the answer of a hunt, and the numbers its pictures are drawn from.

``headwater.records.answer.to_json`` gives the form for programs. Times in plain numbers are
microseconds since 1970-01-01 UTC where their name ends in ``_us``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from headwater.records.answer import Answer
from headwater.records.window import Window

HOURS: Final = 24
LAG_STEP_US: Final = 250_000  # of the histogram of waits
PIECES: Final = "piece by piece"
LAG_STEPS: Final = 20  # each side of the inbound start


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """What one upstream pushed through one proxy, both directions together."""

    upstream: str
    proxy: str
    sessions: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A proxy's mail sessions with the servers of one network (an AS, or a /24 or /48)."""

    proxy: str
    network: str
    servers: int
    sessions: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Sessions of a proxy in each bin of the report's ``bin_us``, from the window's start."""

    proxy: str
    driven: tuple[int, ...]  # with its upstreams
    mail: tuple[int, ...]  # to mail servers
    other: tuple[int, ...]  # whatever else it opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Sessions of an upstream with its proxies by hour of day, in UTC and in the zone."""

    upstream: str
    utc: tuple[int, ...]  # 24
    local: tuple[int, ...]  # 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """When an own host called a master."""

    address: str
    suspect: bool  # it shows nothing else yet
    called_us: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """A stretch of time with the calls of some clients to one master."""

    master: str
    window: Window
    callers: tuple[Caller, ...]
    clients: int  # how many there are; only some are here


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupling:
    """Inbound sessions against outbound ones, in the hour that has most of them.

    ``lags[i]`` counts the pairs of which the outbound one starts between
    ``(i - LAG_STEPS) * LAG_STEP_US`` and one step later after the inbound one.
    ``by_chance`` is the same with the inbound starts shifted in time.
    """

    inward: str  # in words: what the inbound sessions are
    window: Window
    inbound: int
    lags: tuple[int, ...]
    by_chance: tuple[float, ...]
    strip: Window  # a stretch that shows single sessions
    in_us: tuple[int, ...]
    out_us: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]  # of instants in the strip: in, out
    balance: tuple[tuple[int, int], ...]  # payload of pairs, estimated: came in, went out


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One exported piece of a long session: its bytes, and the host's with others meanwhile."""

    at_us: int
    came_in: int  # from the outsider
    sent_on: int  # to others
    fetched: int  # from others
    went_back: int  # to the outsider


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    """A long session with one outsider, or all that came in at a port, in pieces."""

    peer: str  # or, in words, all who came in
    port: int
    pieces: tuple[Piece, ...]
    step: str = PIECES  # or by which steps of time, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason in words; the weight is natural log-odds, None where nobody weighed it."""

    text: str
    weight: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Somebody else's word on a subject."""

    kind: str
    source: str
    means: str
    seen_at: datetime
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a subject is in the report. The plots are there where their mechanism was found."""

    address: str
    role: str  # proxy | outsider
    reasons: tuple[Reason, ...]
    mentions: tuple[Mention, ...]
    coupling: Coupling | None = None
    tunnel: Tunnel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """How long addresses of a pool are kept: the share lasting longer than some seconds."""

    pool: str
    tenures: int
    ended: int
    points: tuple[tuple[float, float, float, float], ...]  # seconds, share, 95 % bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A proxy that now looks like another kind."""

    address: str
    before: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is new against an earlier hunt, and what is no longer found."""

    before: Window | None  # of the earlier hunt; None: there was none
    proxies: tuple[str, ...]
    upstreams: tuple[str, ...]
    masters: tuple[str, ...]
    next_suspects: tuple[str, ...]
    gone_proxies: tuple[str, ...]
    gone_upstreams: tuple[str, ...]
    gone_masters: tuple[str, ...]
    moved: tuple[Moved, ...]

    @property
    def any_new(self) -> bool:
        """Whether there is anything to tell but what went away."""
        return bool(
            self.proxies or self.upstreams or self.masters or self.next_suspects or self.moved
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a report tells of one window."""

    answer: Answer
    written_at: datetime
    zone: str  # in which times are told
    bin_us: int
    covered: tuple[float, ...]  # hours of the window by hour of day, UTC
    covered_local: tuple[float, ...]  # the same in the zone
    ties: tuple[Tie, ...]
    deliveries: tuple[Delivery, ...]
    activity: tuple[Activity, ...]
    clocks: tuple[Clock, ...]
    calls: tuple[Calls, ...]
    evidence: tuple[Evidence, ...]
    survival: tuple[Survival, ...]
    places: Mapping[str, str]  # of outsiders: AS, its name, country, as far as known
    changes: Changes | None
