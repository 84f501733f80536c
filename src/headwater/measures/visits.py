"""Who visited whom: pairs of an outside party and an own host, added up by party."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints

ADDED: Final = ("reached", "bytes", "up_bytes", "on_relay_port")  # the rest is not additive


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Pairs (party, own host) as columns, sorted by party.

    A party is an outside source, or the network within which one changes its address.
    """

    party: Ints
    host: Ints
    parties: Sequence[str]
    hosts: Sequence[str]
    confidence: Floats  # that the host is sick
    suspect: Bools
    faint: Bools  # suspects, and hosts of whom little is said
    on_purpose: Bools  # to where the host relays, or nobody knows where that is
    columns: Mapping[str, Ints]
    all_hosts: int
    all_suspects: int
    all_visits: int  # pairs that met, those of strangers included
    all_sources: int

    def __getitem__(self, name: str) -> Ints:
        return self.columns[name]

    @property
    def met(self) -> Bools:
        """Pairs in which the host answered."""
        return self["reached"] > 0

    def per_party(self, chosen: Bools) -> Ints:
        """How many chosen pairs each party has."""
        counts = np.bincount(self.party[chosen], minlength=len(self.parties))
        return counts.astype(np.int64)


def joined(visits: Visits, party: Ints, parties: Sequence[str]) -> Visits:
    """The same visits by party; ``party``: of each source, an index of ``parties``."""
    key = party[visits.party] * len(visits.hosts) + visits.host
    pairs, first, pair = np.unique(key, return_index=True, return_inverse=True)
    columns = {
        name: np.bincount(pair, visits[name], minlength=len(pairs)).astype(np.int64)
        for name in ADDED
    }
    columns["received"] = visits["received"][first]
    columns["first_seen"] = visits["first_seen"][first]
    columns["last_seen"] = visits["last_seen"][first]
    np.minimum.at(columns["first_seen"], pair, visits["first_seen"])
    np.maximum.at(columns["last_seen"], pair, visits["last_seen"])
    return replace(
        visits,
        party=pairs // len(visits.hosts),
        host=pairs % len(visits.hosts),
        parties=parties,
        confidence=visits.confidence[first],
        suspect=visits.suspect[first],
        faint=visits.faint[first],
        on_purpose=visits.on_purpose[first],
        columns=columns,
    )
