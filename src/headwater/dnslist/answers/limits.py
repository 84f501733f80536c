"""Who may ask, and how often: access lists and response rates, a batch of clients at a time.

Clients are columns of numbers: IPv4 addresses as (n) unsigned 32-bit, IPv6 addresses as
(n) of 16 bytes.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headwater.measures.prefixes import NO_PREFIX, PrefixTable
from headwater.records.errors import Misconfigured

Clients = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
COUNTERS: Final = 1 << 16
V4_SHIFT: Final = np.uint64(8)  # a network of 256 addresses is one client
V6_SHIFT: Final = np.uint64(8)  # a /56, of the upper 64 bits
NEVER: Final = np.iinfo(np.int64).max


class AccessList:
    """Who may ask: prefixes. An empty list lets nobody in."""

    __slots__ = ("_table",)

    def __init__(self, prefixes: Sequence[str]) -> None:
        try:
            self._table = PrefixTable(prefixes)
        except ValueError as fault:
            raise Misconfigured(f"not a prefix in the access list: {fault}") from None

    def allowed(self, clients: Clients) -> Mask:
        if clients.dtype == np.uint32:
            found: Any = self._table.match_v4(clients)
        else:
            found = self._table.match_v6(clients)
        allowed: Mask = found != NO_PREFIX
        return allowed


class ResponseRate:
    """At most ``per_second`` responses to a client network; 0 means no limit.

    Networks share 65536 counters under a secret hash: two of them may meet in one, which
    halves their allowance and no more. Every ``slip``-th response over the limit is to
    be sent truncated (so that real clients can come back over TCP), the others not at all.
    """

    __slots__ = ("_counts", "_factor", "_per_second", "_second", "_slip")

    def __init__(self, per_second: int, slip: int, factor: int) -> None:
        self._per_second = per_second
        self._slip = slip
        self._factor = np.uint64(factor | 1)
        self._counts = np.zeros(COUNTERS, np.int64)
        self._second = -1

    def over(self, clients: Clients, second: int) -> tuple[Mask, Mask] | None:
        """Which of (n) responses to drop, and which to truncate; None: neither."""
        if not self._per_second:
            return None
        if second != self._second:
            self._second = second
            self._counts[:] = 0
        places = self._places(clients)
        before = self._counts[places]
        np.add.at(self._counts, places, 1)
        if self._counts[places].max(initial=0) <= self._per_second:
            return None
        number = before + _ranks(places) + 1 - self._per_second
        slips = (
            (number > 0) & (number % self._slip == 0)
            if self._slip
            else np.zeros(len(places), np.bool_)
        )
        return (number > 0) & ~slips, slips

    def _places(self, clients: Clients) -> npt.NDArray[np.int64]:
        if clients.dtype == np.uint32:
            network = clients.astype(np.uint64) >> V4_SHIFT
        else:
            upper = np.ascontiguousarray(clients).view(">u8")[::2]
            network = upper.astype(np.uint64) >> V6_SHIFT
        places: npt.NDArray[np.int64] = (network * self._factor >> np.uint64(48)).astype(
            np.int64
        )
        return places


def _ranks(places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many earlier entries are equal to each entry."""
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    ranks = np.empty(len(places), np.int64)
    ranks[order] = np.arange(len(places)) - np.searchsorted(ordered, ordered)
    return ranks
