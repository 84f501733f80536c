"""What hosts opened to others, added up over spans of time."""

from dataclasses import dataclass

import numpy as np

from headwater.measures.alike import likely_among
from headwater.measures.columns import Bools, Ints
from headwater.measures.order import order
from headwater.measures.parting import edges
from headwater.measures.running import Running, running


@dataclass(frozen=True, slots=True, kw_only=True)
class Errands:
    """Sessions (n) that own hosts opened, by code, and what is to be added up of each."""

    host: Ints
    peer: Ints
    began_us: Ints
    amounts: tuple[Ints, ...]

    def meanwhile(self, host: Ints, peer: Ints, start_us: Ints, end_us: Ints) -> list[Ints]:
        """Of spans (m), each amount over the host's errands in [start, end), but for those
        to the peer itself."""
        # In order of host and time what is looked up stands near what was looked up before.
        turn = order(start_us, host)
        host, peer, start_us, end_us = (each[turn] for each in (host, peer, start_us, end_us))
        latest = max(int(at.max(initial=0)) for at in (self.began_us, start_us, end_us))
        to_all = running(self.host, self.began_us, self.amounts, latest)
        to_peer, span = self._to(host, peer, latest)
        both = zip(
            to_all.between(host, start_us, end_us),
            to_peer.between(span, start_us, end_us),
            strict=True,
        )
        back = np.empty_like(turn)
        back[turn] = np.arange(len(turn))
        return [(every - to_itself)[back] for every, to_itself in both]

    def _to(self, host: Ints, peer: Ints, latest: int) -> tuple[Running, Ints]:
        """The errands to those peers, and of each (host, peer) its group among them."""
        peers = int(max(peer.max(initial=0), self.peer.max(initial=0))) + 1
        asked, keys = host * peers + peer, self.host * peers + self.peer
        likely = np.flatnonzero(likely_among(keys, asked))
        distinct = np.sort(asked)
        distinct = distinct[edges(distinct)]
        place, known = _places(keys[likely], distinct)
        rows = likely[known]
        amounts = tuple(amount[rows] for amount in self.amounts)
        to_peer = running(place[known], self.began_us[rows], amounts, latest)
        return to_peer, _places(asked, distinct)[0]


def _places(keys: Ints, distinct: Ints) -> tuple[Ints, Bools]:
    """Small codes for those keys that are among the distinct ones, and which are."""
    if not len(distinct):
        return np.zeros(len(keys), np.int64), np.zeros(len(keys), bool)
    place = np.minimum(np.searchsorted(distinct, keys), len(distinct) - 1)
    return place, distinct[place] == keys
