"""What hosts exchange, piece by piece: sessions, the long ones cut where they were exported."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Bools, Floats, Ints, codes, floats, ints, is_text
from headwater.measures.order import order
from headwater.measures.series import Grid
from headwater.records.window import Window

# One bin a minute sees a session's two legs together; three minutes to a bin see those of
# whom each message waits for a time of its own. Of sampled packets most pieces are short, and
# tell their moment: what goes on at once does so within seconds, and little else does.
BINS_US: Final = (180_000_000, 60_000_000)
SHORT_BIN_US: Final = 10_000_000
FEWEST_BINS: Final = 60  # fewer turns make no background
LASTING: Final = 0.5  # of the octets, in sessions of minutes
LONG_US: Final = 300_000_000
UDP: Final = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Sessions, long ones cut where they were exported, sorted by host; one element each."""

    host: Ints
    peer: Ints
    port: Ints
    client_port: Ints
    protocol: Ints
    conversation: Ints
    inward: Bools
    asked: Bools
    outside: Bools
    lasted_us: Ints
    began_us: Ints
    ended_us: Ints
    sent: Floats  # octets by the host, as they were exported: of the sampled packets alone
    got: Floats
    sent_packets: Floats
    got_packets: Floats

    def only(self, rows: Ints | slice) -> "Pieces":
        """Some of the pieces."""
        return Pieces(**{name: getattr(self, name)[rows] for name in self.__slots__})

    def in_order(self) -> "Pieces":
        """By host, then by time."""
        return self.only(order(self.conversation, self.began_us, self.host))

    def group(self) -> Ints:
        """One number for each (host, leg, outsider or port)."""
        key = np.where(self.inward, self.port, self.peer)
        place = (self.host * 2 + self.inward) * (max(int(key.max(initial=0)), 0) + 1) + key
        return np.unique(place, return_inverse=True)[1].reshape(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is asked about, and how it was seen."""

    window: Window
    sampling: int
    hosts: list[str]
    peers: list[str]


def grids(window: Window, *, fine: bool = False) -> list[Grid]:
    """The bins, coarse ones first, of which a window has enough."""
    lasts_us = window.end_us - window.start_us
    bins_us = (*BINS_US, SHORT_BIN_US) if fine else BINS_US
    each = (
        Grid(start_us=window.start_us, bin_us=bin_us, bins=int(lasts_us // bin_us))
        for bin_us in bins_us
    )
    return [grid for grid in each if grid.bins >= FEWEST_BINS]


def scene_in(answer: pa.Table, window: Window) -> tuple[Scene, Pieces]:
    """An answer's pieces in order, with the names behind their codes.

    Octets and packets are those of the sampled packets alone.
    """
    host, hosts = codes(answer, "host")
    peer, peers = codes(answer, "peer")
    sampling = np.maximum(ints(answer, "sampling"), 1).astype(np.float64)
    pieces = Pieces(
        host=host,
        peer=peer,
        port=ints(answer, "port"),
        client_port=ints(answer, "client_port"),
        protocol=ints(answer, "protocol"),
        conversation=ints(answer, "conversation"),
        inward=is_text(answer, "leg", "in"),
        asked=ints(answer, "asked") > 0,
        outside=ints(answer, "outside") > 0,
        lasted_us=ints(answer, "lasted"),
        began_us=ints(answer, "began_at"),
        ended_us=ints(answer, "ended_at"),
        sent=floats(answer, "sent") / sampling,
        got=floats(answer, "got") / sampling,
        sent_packets=floats(answer, "sent_packets") / sampling,
        got_packets=floats(answer, "got_packets") / sampling,
    )
    scene = Scene(window=window, sampling=int(sampling.max()), hosts=hosts, peers=peers)
    return scene, pieces.in_order()


def lasting(inner: Pieces) -> bool:
    """Whether half of the octets came and went in sessions of minutes or more.

    Datagrams between the same two ports are one session, however long the pauses. Of how long
    one lasts a single sampled datagram tells nothing: the others tell.
    """
    key = inner.peer * 65536 + inner.client_port
    session = np.unique(key, return_inverse=True)[1]
    began = np.full(len(key), np.iinfo(np.int64).max)
    ended = np.zeros(len(key), np.int64)
    np.minimum.at(began, session, inner.began_us)
    np.maximum.at(ended, session, inner.ended_us)
    datagrams = inner.protocol == UDP
    between_us = np.where(datagrams, (ended - began)[session], inner.lasted_us)
    octets = (inner.sent + inner.got) * ~(datagrams & (between_us == 0))
    return float(octets[between_us >= LONG_US].sum()) >= LASTING * max(float(octets.sum()), 1.0)
