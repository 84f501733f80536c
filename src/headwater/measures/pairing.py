"""From rows of sessions on two legs to sorted legs per group, ready to be coupled."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headwater.measures.columns import ints
from headwater.measures.coupling import Legs

Ints = NDArray[np.int64]

# Conversations may have opened before the window: keeps relative times positive.
LEAD_US = 86_400_000_000
DIRECTIONS = ("up_bytes", "up_packets", "down_bytes", "down_packets")


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
    def of(
        cls, answer: pa.Table, host: Ints, far: Ints, *, turned: NDArray[np.bool_] | None = None
    ) -> Self:
        """An answer's rows; of those ``turned``, up is down and down is up."""
        opened, *columns = (ints(answer, name) for name in ("opened_at", *DIRECTIONS))
        if turned is not None:
            columns = [
                np.where(turned, other, one)
                for one, other in zip(columns, columns[2:] + columns[:2], strict=True)
            ]
        up_bytes, up_packets, down_bytes, down_packets = columns
        return cls(
            host=host,
            far=far,
            opened_us=opened,
            up_bytes=up_bytes,
            up_packets=up_packets,
            down_bytes=down_bytes,
            down_packets=down_packets,
        )


@dataclass(frozen=True, slots=True)
class Side:
    """One leg of all groups, sorted by (group, start), and the answer's row of each."""

    legs: Legs
    row: Ints


@dataclass(frozen=True, slots=True)
class Pairing:
    """Inbound sessions by group, beside every outbound session of the group's host."""

    keys: Ints  # one column for each group; its first row is the host
    inbound: Side
    outbound: Side

    @property
    def groups(self) -> int:
        return int(self.keys.shape[1])

    def visits(self) -> list[slice]:
        """For each group, which inbound sessions are its own."""
        edges = np.searchsorted(self.inbound.legs.group, np.arange(self.groups + 1))
        return [slice(int(a), int(b)) for a, b in pairwise(edges)]


def pair(
    sessions: Sessions, inward: NDArray[np.bool_], keys: Ints, window_start_us: int
) -> Pairing:
    """Group the inward rows by ``keys`` (one row of it a part of the key, the host first).

    The other rows are the outbound leg of every group of their host.
    """
    groups, group = np.unique(keys[:, inward], axis=1, return_inverse=True)
    came = np.flatnonzero(inward)
    went, went_group = _for_each_group(sessions.host, np.flatnonzero(~inward), groups[0])
    start = sessions.opened_us - window_start_us + LEAD_US
    return Pairing(
        keys=groups,
        inbound=_side(sessions, start, came, group.reshape(-1)),
        outbound=_side(sessions, start, went, went_group),
    )


def _for_each_group(host: Ints, rows: Ints, group_host: Ints) -> tuple[Ints, Ints]:
    """The rows of a host once for each of its groups: (rows, groups)."""
    rows = rows[np.argsort(host[rows], kind="stable")]
    begin = np.searchsorted(host[rows], group_host, side="left")
    count = np.searchsorted(host[rows], group_host, side="right") - begin
    group = np.repeat(np.arange(len(group_host)), count)
    within = np.arange(len(group)) - np.repeat(np.cumsum(count) - count, count)
    return rows[np.repeat(begin, count) + within], group


def _side(sessions: Sessions, start: Ints, rows: Ints, group: Ints) -> Side:
    order = np.lexsort((start[rows], group))
    rows = rows[order]
    legs = Legs(
        group=group[order].astype(np.int64),
        start_us=start[rows],
        far=sessions.far[rows],
        up_bytes=sessions.up_bytes[rows],
        up_packets=sessions.up_packets[rows],
        down_bytes=sessions.down_bytes[rows],
        down_packets=sessions.down_packets[rows],
    )
    return Side(legs=legs, row=rows)
