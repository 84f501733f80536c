"""Who calls which outside places, when, and how sick the callers are."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures import votes
from headwater.measures.columns import Bools, Floats, Ints, codes, floats, ints
from headwater.measures.fed_callers import Fed, fed
from headwater.measures.fetching import Packets, packets_of
from headwater.measures.own_calls import own_calls
from headwater.measures.pairing import groups_of
from headwater.measures.ports import WEB_PORTS
from headwater.measures.regularity import log_tail, series_of

SUSPECT: Final = 0.3  # confidence from which a host is named and asked about as a suspect
WHOLE, PORT, POLL = PARTS = ("whole", "port", "poll")  # of a server, master.sql


@dataclass(frozen=True, slots=True)
class Fellows:
    """For each caller of a place who else calls there."""

    callers: Ints
    same: Floats  # how surely it is there for what the sick others are
    sick: Floats  # how many others are, by the sum of how likely each is
    share: Floats  # of the callers, how many are, as the others tell
    unshown: Floats  # and of those who show nothing


@dataclass(frozen=True, slots=True)
class Calls:
    """Every call to the places in question, as columns sorted by place.

    A place is a server, a port of it, or what is there for those that poll it.
    """

    place: Ints
    server: Ints
    part: Ints
    host: Ints
    port: Ints
    opened_us: Ints
    bytes: Ints
    down_bytes: Ints  # of these, from the place
    down_packets: Ints
    sampling: Ints
    mailed: Ints  # what the host mails in all, in octets
    calls_in_all: Ints  # of the host, to whatever place
    sick_at: Ints  # (calls, 2): suspects at the server's ports 80 and 443
    well_at: Ints  # and others
    followed: Bools
    covered_us: Ints
    opened: Ints  # by the suspect, to whatever place; and how much of it followed visits
    carried: Ints
    apart: Floats  # how likely the host is sick without what was said of its calling here
    suspect: Bools
    since_us: Ints  # first evidence about the host; 0: none is known
    tunnel: Bools
    relays: Bools  # by a port of its own it does what visitors want
    sampled: Bools
    gateway: Bools
    indicated: Ints
    vote: Floats  # of the host for the place: measures/votes.py
    servers: list[str]
    parts: list[str]
    hosts: list[str]
    all_hosts: int
    all_mailing: int
    all_suspects: int
    all_sick: float  # by the sum of confidences
    all_places: int

    def sick(self, rows: slice) -> Ints:
        """The suspects among those who made these calls."""
        return np.unique(self.host[rows][self.suspect[rows]])

    def fed(self, rows: slice) -> Fed:
        """What the place sends those of its callers who mail, or most likely would.

        What relays mail was brought by those who visit them.
        """
        chosen = self.suspect[rows] | (self.mailed[rows] > 0)
        columns = (self.host, self.down_bytes, np.where(self.relays, 0, self.mailed))
        callers = len(np.unique(self.host[rows]))
        return fed(callers, *(column[rows][chosen] for column in columns))

    def mails_too(self, rows: slice) -> Floats:
        """What it says of each caller that it mails as the suspects do: natural log-odds.

        So much more of these mail than of all hosts; itself is left out.
        """
        _, first = np.unique(self.host[rows], return_index=True)
        mails, sick = self.mailed[rows][first] > 0, self.suspect[rows][first]
        other, mailing = (each.sum() - each for each in (sick, sick & mails))
        usual = max(self.all_mailing, 1) / max(self.all_hosts, 1)
        told = np.log((mailing + 1) / (other + 2) / usual)  # P. S. de Laplace
        return np.where(mails, np.maximum(told, 0.0), 0.0).round(2)

    def answered(self, rows: slice, sick: bool) -> Packets:
        """What the records hold of that the place sent to the suspects, or to the others."""
        chosen = self.suspect[rows] == sick
        each = self.sampling[rows][chosen]
        octets, packets = (
            column[rows][chosen] / each for column in (self.down_bytes, self.down_packets)
        )
        return packets_of(self.host[rows][chosen], octets, packets)

    def relayed_excess(self, rows: slice, length_us: int) -> tuple[float, float]:
        """How much oftener than usual the suspects' calls follow visits; the chance of so many.

        The mean over those whose visits show, however often each calls: of the rest no call
        can follow. These are to be half of the suspects, or are spread over as many.
        ``length_us``: of the window.
        """
        sick = self.suspect[rows]
        if not sick.any():
            return 0.0, 1.0
        followed = self.followed[rows][sick]
        usual = np.minimum(self.covered_us[rows][sick] / length_us, 1.0)
        _, host = np.unique(self.host[rows][sick], return_inverse=True)
        calls = np.bincount(host)
        beyond = np.bincount(host, followed - usual) / calls
        shows = np.bincount(host, (usual > 0.0) & ~self.tunnel[rows][sick]) > 0
        voices = max(np.count_nonzero(shows), len(calls) / 2)
        by_chance = math.exp(log_tail(int(followed.sum()), len(followed), float(usual.mean())))
        return float(beyond[shows].sum() / voices), by_chance

    def own(self, rows: slice, length_us: int) -> float:
        """Whether the suspects make these calls of their own accord: own_calls.py.

        It is told of sampled records, which show but some of the visits.
        """
        # What comes by a tunnel no visit announces.
        sick = self.suspect[rows] & ~self.gateway[rows] & ~self.tunnel[rows]
        if not self.sampled[rows].any() or not sick.any():
            return 0.0
        by_chance = self.covered_us[rows][sick] / max(length_us, 1)
        every = self.carried[rows][sick], self.opened[rows][sick]
        return own_calls(self.host[rows][sick], self.followed[rows][sick], by_chance, *every)

    def errands(self, rows: slice, least: int) -> tuple[Ints, Floats]:
        """Who made these calls; the octets each exchanged in those of more than ``least``."""
        callers, caller = np.unique(self.host[rows], return_inverse=True)
        octets = np.where(self.bytes[rows] > least, self.bytes[rows], 0)
        return callers, np.asarray(np.bincount(caller, octets), np.float64)

    def unannounced(self, rows: slice) -> float:
        """The share of the sick clients that pass on what no visit announces."""
        unseen = self.tunnel[rows] & ~self.gateway[rows] & self.suspect[rows]
        return len(np.unique(self.host[rows][unseen])) / max(len(self.sick(rows)), 1)

    def at_one_port(self, rows: slice) -> float:
        """The share of the callers who go to the port that most go to; the web's are one."""
        most = int(np.unique(self._doors(rows)[0], return_counts=True)[1].max())
        return most / len(np.unique(self.host[rows]))

    def shown(self, rows: slice) -> tuple[int, int]:
        """How many callers are suspects for what they show elsewhere, and of how many."""
        first = np.unique(self.host[rows], return_index=True)[1]
        return int(np.count_nonzero(self.apart[rows][first] >= SUSPECT)), len(first)

    def fellows(self, rows: slice, *, feeds: bool = False, hidden: float = 1.0) -> Fellows:
        """For each caller the others, and how surely it is there for what these are.

        Of who shares a door with strangers, as surely as the others there are sick. Elsewhere
        by the share of these who come to its own door; but known masters serve nobody else,
        nor does who feeds its callers: such a gateway may give each a port of its own.
        """
        port, host = self._doors(rows)
        callers, first = np.unique(self.host[rows], return_index=True)
        sick = self.apart[rows][first]
        caller = np.searchsorted(callers, host)
        others: Floats = sick.sum() - sick
        if self.parts[int(self.part[rows][0])] != WHOLE:
            same: Floats = others / max(len(callers) - 1, 1)
        elif feeds or self.indicated[rows][0]:
            same = np.ones(len(callers))
        else:
            doors, door = np.unique(port, return_inverse=True)
            beside = np.bincount(door, sick[caller], len(doors))[door] - sick[caller]
            most = np.zeros(len(callers))
            np.maximum.at(most, caller, beside)
            same = most / np.maximum(others, 1e-9)
        share, unshown = votes.others_share(self.vote[rows][first], sick, hidden)
        return Fellows(callers, same, others, share, unshown)

    def _doors(self, rows: slice) -> Ints:
        """Each port with each of its callers; those of the web are one."""
        web = np.isin(self.port[rows], WEB_PORTS)
        port = np.where(web, WEB_PORTS[0], self.port[rows])
        return groups_of(np.stack([port, self.host[rows]]))[0]

    def series(self, rows: slice, sick: bool = True) -> list[Ints]:
        """When each suspect called, one series a host; or each that is none."""
        chosen = self.suspect[rows] == sick
        return series_of(self.host[rows][chosen], self.opened_us[rows][chosen])


def _votes(answer: pa.Table) -> Floats:
    """What each caller says of whom it calls."""
    return votes.ratios(
        np.nan_to_num(floats(answer, "apart")),
        floats(answer, "met"),
        hosts=int(ints(answer, "hosts").max()),
        sick=float(floats(answer, "expected").max()),
        met_in_all=float(floats(answer, "met_in_all").max()),
    )


def calls_in(answer: pa.Table) -> Calls:
    """The calls of the master question's answer."""
    server, servers = codes(answer, "server")
    part, parts = codes(answer, "part")
    place = _places(answer, server, np.array([PARTS.index(name) for name in parts])[part])
    order = np.argsort(place, kind="stable")
    host, hosts = codes(answer, "host")

    def column(name: str) -> Ints:
        return ints(answer, name)[order]

    confidence = np.nan_to_num(floats(answer, "confidence")[order])
    return Calls(
        place=place[order],
        server=server[order],
        part=part[order],
        host=host[order],
        port=column("port"),
        opened_us=column("opened_at"),
        bytes=column("bytes"),
        down_bytes=column("down_bytes"),
        down_packets=column("down_packets"),
        sampling=column("sampling"),
        mailed=column("mailed"),
        calls_in_all=column("calls_in_all"),
        sick_at=np.stack([column(f"sick_at_{port}") for port in WEB_PORTS], axis=1),
        well_at=np.stack([column(f"well_at_{port}") for port in WEB_PORTS], axis=1),
        followed=column("followed").astype(bool),
        covered_us=column("covered_us"),
        opened=column("opened"),
        carried=column("carried"),
        apart=np.nan_to_num(floats(answer, "apart")[order]),
        suspect=confidence >= SUSPECT,
        since_us=column("since_us"),
        tunnel=column("tunnel").astype(bool),
        relays=column("relays").astype(bool),
        sampled=column("sampling") > 1,
        gateway=column("gateway").astype(bool),
        indicated=column("indicated"),
        vote=_votes(answer)[order],
        servers=servers,
        parts=parts,
        hosts=hosts,
        all_hosts=int(ints(answer, "hosts").max()),
        all_mailing=int(ints(answer, "mailers").max()),
        all_suspects=int(ints(answer, "suspects").max()),
        all_sick=float(floats(answer, "expected").max()),
        all_places=int(ints(answer, "places").max()),
    )


def _places(answer: pa.Table, server: Ints, part: Ints) -> Ints:
    """Each row's place: a server as a whole first; ports, where they are asked about apart."""
    port = np.where(part == PARTS.index(WHOLE), 0, ints(answer, "port"))
    return groups_of(np.stack([server, part, port]))[1]
