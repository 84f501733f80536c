"""Who visited whom: pairs of an outside party and an own host, added up by party."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Bools, Floats, Ints, bools, codes, floats, ints
from headwater.measures.order import order

# The rest is not additive.
ADDED: Final = ("reached", "bytes", "up_bytes", "held_us", "on_relay_port")


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
    met: Bools  # pairs in which the host answered, as far as can be told
    on_purpose: Bools  # to where the host relays, or nobody knows where that is
    # That a host is sick, as it serves its visitor where several suspects do: at their port.
    fellow: Floats
    mailed: Floats  # how sure it is that the host is sick, which mails for its visitor: else 0
    columns: Mapping[str, Ints]
    all_hosts: int
    all_suspects: int
    all_visits: int  # pairs that met, those of strangers included
    all_sources: int

    def __getitem__(self, name: str) -> Ints:
        return self.columns[name]

    def per_party(self, chosen: Bools) -> Ints:
        """How many chosen pairs each party has."""
        counts = np.bincount(self.party[chosen], minlength=len(self.parties))
        return counts.astype(np.int64)


def joined(visits: Visits, party: Ints, parties: Sequence[str]) -> Visits:
    """The same visits by party; ``party``: of each source, an index of ``parties``."""
    whose = party[visits.party]
    rows = order(visits.host, whose)
    new = (np.diff(whose[rows], prepend=-1) != 0) | (
        np.diff(visits.host[rows], prepend=-1) != 0
    )
    first = rows[new]
    pair = np.empty(len(rows), np.int64)
    pair[rows] = np.cumsum(new) - 1
    columns = {
        name: np.bincount(pair, visits[name], minlength=len(first)).astype(np.int64)
        for name in ADDED
    }
    columns["received"] = visits["received"][first]
    columns["elsewhere"] = visits["elsewhere"][first]
    columns["sampling"] = visits["sampling"][first]
    columns["first_seen"] = visits["first_seen"][first]
    columns["last_seen"] = visits["last_seen"][first]
    np.minimum.at(columns["first_seen"], pair, visits["first_seen"])
    np.maximum.at(columns["last_seen"], pair, visits["last_seen"])
    return replace(
        visits,
        party=whose[first],
        host=visits.host[first],
        parties=parties,
        confidence=visits.confidence[first],
        suspect=visits.suspect[first],
        faint=visits.faint[first],
        met=np.bincount(pair, visits.met, minlength=len(first)) > 0,
        on_purpose=visits.on_purpose[first],
        fellow=_most(pair, visits.fellow, len(first)),
        mailed=_most(pair, visits.mailed, len(first)),
        columns=columns,
    )


def _most(group: Ints, values: Floats, groups: int) -> Floats:
    most = np.zeros(groups)
    np.maximum.at(most, group, values)
    return most


def visits_in(answer: pa.Table, suspect: float, faint: float, relays: float) -> Visits:
    """The upstream question's answer, which is in order of the sources.

    From which confidence a host is a suspect, or faintly one; and how likely one is sick
    whose relaying was seen.
    """
    source, sources = codes(answer, "source")
    host, hosts = codes(answer, "host")
    names = (
        "reached", "bytes", "up_bytes", "held_us", "first_seen", "last_seen", "on_relay_port",
        "received", "sampling",
    )  # fmt: skip
    columns = {name: ints(answer, name) for name in names}
    confidence = np.nan_to_num(floats(answer, "confidence"))
    seen = bools(answer, "relays")
    met = ints(answer, "met") > 0
    # Of a host that is no suspect, those are not told of who visit no suspect either.
    here = np.bincount(host[met], minlength=len(hosts))
    columns["elsewhere"] = np.maximum(ints(answer, "visitors") - here[host], 0)
    on_purpose = (columns["on_relay_port"] > 0) | ~np.isfinite(floats(answer, "port"))
    all_hosts, all_suspects, all_visits, all_sources = (
        int(ints(answer, name).max(initial=0))
        for name in ("hosts", "suspects", "visits", "sources")
    )
    return Visits(
        party=source,
        host=host,
        parties=sources,
        hosts=hosts,
        confidence=np.where(seen, np.maximum(confidence, relays), confidence),
        suspect=(confidence >= suspect) | seen,
        faint=(confidence >= faint) | seen,
        met=met,
        on_purpose=on_purpose,
        fellow=floats(answer, "fellow"),
        mailed=np.where(ints(answer, "mailed") > 0, confidence, 0.0),
        columns=columns,
        all_hosts=all_hosts,
        all_suspects=all_suspects,
        all_visits=all_visits,
        all_sources=all_sources,
    )
