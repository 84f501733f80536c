"""From rows of sessions on two legs to sorted legs per group, ready to be coupled."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headwater.measures.columns import ints, picked
from headwater.measures.coupling import Legs
from headwater.measures.order import order
from headwater.measures.parting import edges

Ints = NDArray[np.int64]

# Conversations may have opened before the window: keeps relative times positive.
LEAD_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Sessions as columns, one element a row of the answer."""

    host: Ints  # code of the own host
    far: Ints  # code of the outsider
    opened_us: Ints
    up_bytes: Ints
    up_packets: Ints
    down_bytes: Ints
    down_packets: Ints

    @classmethod
    def of(cls, answer: pa.Table, host: Ints, far: Ints) -> Self:
        """An answer's rows."""
        return cls(
            host=host,
            far=far,
            opened_us=ints(answer, "opened_at"),
            up_bytes=ints(answer, "up_bytes"),
            up_packets=ints(answer, "up_packets"),
            down_bytes=ints(answer, "down_bytes"),
            down_packets=ints(answer, "down_packets"),
        )

    def turned(self, rows: NDArray[np.bool_]) -> "Sessions":
        """The same; of the chosen rows, up is down and down is up."""
        return replace(
            self,
            up_bytes=np.where(rows, self.down_bytes, self.up_bytes),
            up_packets=np.where(rows, self.down_packets, self.up_packets),
            down_bytes=np.where(rows, self.up_bytes, self.down_bytes),
            down_packets=np.where(rows, self.up_packets, self.down_packets),
        )

    def __len__(self) -> int:
        return len(self.host)


@dataclass(frozen=True, slots=True)
class Side:
    """One leg of all hosts, in the order of (group, start), and the answer's row of each."""

    legs: Legs
    row: Ints


@dataclass(frozen=True, slots=True)
class Pairing:
    """Inbound sessions by group, beside every outbound session of their hosts."""

    keys: Ints  # one column for each group, ascending; its first row is the host
    of: Ints  # of each inbound session: its group
    inbound: Side
    outbound: Side

    @property
    def groups(self) -> int:
        return int(self.keys.shape[1])

    def visits(self) -> list[slice]:
        """For each group, which inbound sessions are its own."""
        begin = np.searchsorted(self.of, np.arange(self.groups + 1))
        return [slice(int(a), int(b)) for a, b in pairwise(begin)]


def pair(
    sessions: Sessions, inward: NDArray[np.bool_], keys: Ints, window_start_us: int
) -> Pairing:
    """Group the inward rows by ``keys`` (one row of it a part of the key, the host first).

    The other rows of the same hosts are the outbound leg, of every group of their host.
    """
    groups, group = groups_of(keys[:, inward])
    start = sessions.opened_us - window_start_us + LEAD_US
    came = np.flatnonzero(inward)
    came_order = order(start[came], group)
    went = np.flatnonzero(~inward)
    went = went[_among(sessions.host[went], groups[0])]
    return Pairing(
        keys=groups,
        of=group[came_order],
        inbound=_side(sessions, start, came[came_order]),
        outbound=_side(sessions, start, went[order(start[went], sessions.host[went])]),
    )


def groups_of(keys: Ints) -> tuple[Ints, Ints]:
    """The distinct columns in ascending order, and the place of each column among them."""
    by_key = order(*keys[::-1])
    ordered = keys[:, by_key]
    new = edges(*ordered)
    place = np.empty(len(by_key), np.int64)
    place[by_key] = np.cumsum(new) - 1
    return ordered[:, new], place


def _among(codes: Ints, chosen: Ints) -> NDArray[np.bool_]:
    """Which codes are among the chosen; codes are small."""
    known = np.zeros(int(max(codes.max(initial=0), chosen.max(initial=0))) + 1, np.bool_)
    known[chosen] = True
    return known[codes]


def _side(sessions: Sessions, start: Ints, rows: Ints) -> Side:
    legs = Legs(
        group=picked(sessions.host, rows),
        start_us=picked(start, rows),
        far=picked(sessions.far, rows),
        up_bytes=picked(sessions.up_bytes, rows),
        up_packets=picked(sessions.up_packets, rows),
        down_bytes=picked(sessions.down_bytes, rows),
        down_packets=picked(sessions.down_packets, rows),
    )
    return Side(legs=legs, row=rows)
