"""Conversations of the hour before that may go on in this one."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.layout import HOUR_US
from headwater.measures.endpoints import endpoints
from headwater.measures.openers import HOW, TCP
from headwater.measures.parting import SILENCE_US
from headwater.pipeline.conversation_keys import (
    UNKNOWN,
    Bools,
    Codes,
    Directory,
    Ints,
    codes_among,
)

CARRIED_COLUMNS: Final = [
    "started_at", "conversation", "opened_at", "closed_at", "client", "server", "port",
    "client_port", "protocol", "client_flags", "server_flags", "oriented_by", "sampling",
]  # fmt: skip

# A TCP conversation that said goodbye, and any other, is joined again only within this.
LINGERS_US: Final = 120_000_000
FIN_OR_RST: Final = 0x05


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One row each, both endpoints of which this hour saw."""

    low_end: Ints  # as of this hour's records
    high_end: Ints
    client_is_low: Bools
    opened: Ints
    closed: Ints
    conversation: Ints
    how: Codes
    sampling: Codes

    def take(self, chosen: Bools) -> "Carried":
        """The chosen ones."""
        names = (column.name for column in fields(Carried))
        return Carried(**{name: getattr(self, name)[chosen] for name in names})


def begun_us(hours_before: int, first_us: int, before: Carried) -> int:
    """When the records began, or an instant long past: after the second hour none asks.

    ``hours_before``: with records, without a gap; ``first_us``: the first of this hour's own.
    """
    if hours_before > 1:
        return 0
    # Of the hour before it is known when what goes on was opened: soon after they began.
    return int(before.opened.min(initial=first_us))


def carried(parts: Iterable[pa.Table], hour: int, directory: Directory) -> Carried:
    """``parts``: CARRIED_COLUMNS of the hour before; ``directory``: of this ``hour``."""
    each = [_carried(rows, hour, directory) for rows in parts]
    names = [column.name for column in fields(Carried)]
    return Carried(**{name: np.concatenate([getattr(c, name) for c in each]) for name in names})


def _carried(rows: pa.Table, hour: int, directory: Directory) -> Carried:
    chosen = np.flatnonzero(_may_go_on(rows, hour))
    client, server = directory.codes(rows.column("client"), rows.column("server"))
    chosen = chosen[(client[chosen] != UNKNOWN) & (server[chosen] != UNKNOWN)]
    protocol = _taken(rows, "protocol", chosen)
    ours = endpoints(protocol, client[chosen], _taken(rows, "client_port", chosen))
    theirs = endpoints(protocol, server[chosen], _taken(rows, "port", chosen))
    # A record may claim to end in a year; past the next hour that makes no difference.
    latest = (hour + 1) * HOUR_US + 2 * SILENCE_US
    return Carried(
        low_end=np.minimum(ours, theirs),
        high_end=np.maximum(ours, theirs),
        client_is_low=ours <= theirs,
        opened=_taken(rows, "opened_at", chosen),
        closed=np.minimum(_taken(rows, "closed_at", chosen), latest),
        conversation=_taken(rows, "conversation", chosen),
        how=codes_among(rows.column("oriented_by"), pa.array(HOW))[chosen],
        sampling=_taken(rows, "sampling", chosen).astype(np.int32),
    )


def _may_go_on(rows: pa.Table, hour: int) -> Bools:
    flags = _column(rows, "client_flags") | _column(rows, "server_flags")
    lingers = _column(rows, "closed_at") > hour * HOUR_US - LINGERS_US
    # What talks by datagrams may resume after any silence, and its client stays the client.
    by_datagrams = _column(rows, "protocol") != TCP
    found: Bools = by_datagrams | lingers | (flags & FIN_OR_RST == 0)
    return found


def _column(rows: pa.Table, name: str) -> Ints:
    column = rows.column(name)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    found: Ints = pc.fill_null(column, 0).to_numpy()
    return found


def _taken(rows: pa.Table, name: str, chosen: Ints) -> Ints:
    return _column(rows, name)[chosen]
