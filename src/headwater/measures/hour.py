"""One hour's sessions and slices as columns, hosts by code: what is counted once and kept."""

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints, picked
from headwater.measures.pairing import Sessions
from headwater.measures.ports import MOST_TOLD, NAME_AND_TIME_PORTS

INSIDE: Final = ("neither", "client", "server", "both")  # of whom is ours; by code
NEITHER, CLIENT, SERVER, BOTH = range(4)
NOBODY: Final = -1
# Hours apart show a little less than the whole: hosts ten times less likely are looked at.
WORTH_A_LOOK: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversations:
    """Sessions (n), one element a row; ``client`` and ``server`` are codes of one list."""

    conversation: Ints
    client: Ints
    server: Ints
    inside: Ints  # place in INSIDE
    port: Ints
    protocol: Ints
    opened_us: Ints
    started_us: Ints
    closed_us: Ints
    client_bytes: Ints
    client_packets: Ints
    server_bytes: Ints
    server_packets: Ints
    client_flags: Ints  # 0 where none were exported
    server_flags: Ints
    established: Bools
    sampling: Ints

    def __len__(self) -> int:
        return len(self.client)

    @property
    def asking(self) -> Bools:
        """Which ask for names or the time: at a port of these, and told in few octets."""
        of_these = np.isin(self.port, NAME_AND_TIME_PORTS)
        up = self.client_bytes <= MOST_TOLD * self.client_packets
        return of_these & up & (self.server_bytes <= MOST_TOLD * self.server_packets)

    def take(self, chosen: Bools | Ints) -> "Conversations":
        """The chosen ones."""
        parts = (part.name for part in fields(Conversations))
        return Conversations(**{name: getattr(self, name)[chosen] for name in parts})

    def legs(self, rows: Ints, inward: Bools) -> Sessions:
        """The rows as the own host sees them: visits where ``inward``, else what it opened."""
        client, server = picked(self.client, rows), picked(self.server, rows)
        return Sessions(
            host=np.where(inward, server, client),
            far=np.where(inward, client, server),
            opened_us=picked(self.opened_us, rows),
            up_bytes=picked(self.client_bytes, rows),
            up_packets=picked(self.client_packets, rows),
            down_bytes=picked(self.server_bytes, rows),
            down_packets=picked(self.server_packets, rows),
        )

    @property
    def begun(self) -> Bools:
        """Which were opened in this hour, not carried over from the one before."""
        return self.opened_us == self.started_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """Pieces (n) of long sessions."""

    conversation: Ints
    sliced_us: Ints
    ended_us: Ints
    client_bytes: Ints
    server_bytes: Ints

    def __len__(self) -> int:
        return len(self.conversation)

    def take(self, chosen: Bools) -> "Slices":
        """The chosen ones."""
        parts = (part.name for part in fields(Slices))
        return Slices(**{name: getattr(self, name)[chosen] for name in parts})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """Everything of one hour. ``hosts``: how many codes there are."""

    start_us: int
    hosts: int
    sessions: Conversations
    slices: Slices


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What one detector counted: rows (n) of one kind, which add up over hours.

    ``hits`` of ``tries``, of which chance gives ``by_chance``. ``peer``: code, or NOBODY.
    """

    kind: str
    host: Ints
    peer: Ints
    port: Ints
    protocol: Ints
    tries: Ints
    hits: Ints
    by_chance: Floats

    def where(self, chosen: Bools) -> "Counts":
        """The chosen rows."""
        columns = [part.name for part in fields(Counts) if part.name != "kind"]
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})
