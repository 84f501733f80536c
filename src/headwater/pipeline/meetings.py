"""Flow records of one hour added up, for each pair of endpoints, in whole-array steps.

Sorting by a hash of the key and adding up runs costs a third of a hash table with as many
aggregates: most pairs have one record each way.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from headwater.pipeline.conversation_keys import Bools, Ints, mixed

NOTHING_SAID: Final = -1
NO_RUN: Final = -1

Order = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Runs:
    """Records put in order, those of one pair and one direction side by side."""

    order: Order
    starts: Order  # where each run begins in that order
    low: Bools  # of each run: sent by the lower endpoint
    pair: Order  # of each run: the number of its pair
    k1: Ints  # of each run
    k2: Ints

    def least(self, values: Ints) -> Ints:
        """Of each run, as ``most``, ``total`` and ``union``."""
        return np.minimum.reduceat(values[self.order], self.starts)

    def most(self, values: Ints) -> Ints:
        return np.maximum.reduceat(values[self.order], self.starts)

    def total(self, values: Ints) -> Ints:
        return np.add.reduceat(values[self.order], self.starts)

    def union(self, values: Ints) -> Ints:
        return np.bitwise_or.reduceat(values[self.order], self.starts)

    def sizes(self) -> Ints:
        return np.diff(self.starts, append=len(self.order)).astype(np.int64)

    def records(self, chosen: Bools) -> Bools:
        """Of each record, in the order in which they came: is its run among the chosen?"""
        found = np.empty(len(self.order), np.bool_)
        found[self.order] = np.repeat(chosen, self.sizes())
        return found


def runs_of(keyed: pa.Table) -> Runs:
    """``keyed`` as orient.sql describes it, one row at least."""
    k1, k2 = _column(keyed, "k1"), _column(keyed, "k2")
    low = keyed.column("low").to_numpy().astype(np.bool_)
    name = mixed(k1.view(np.uint64) ^ mixed(k2.view(np.uint64)))
    order = np.argsort(name & ~np.uint64(1) | low.astype(np.uint64))
    new_run, new_pair = _edges(k1[order], k2[order], low[order])
    if np.any(np.diff(name[order][new_pair] >> np.uint64(1)) == 0):
        # Two pairs of one name: rarer than a failing memory, but nothing may hang on it.
        order = np.lexsort((low, k2, k1))
        new_run, new_pair = _edges(k1[order], k2[order], low[order])
    starts = np.flatnonzero(new_run)
    first = order[starts]
    pair = np.cumsum(new_pair[starts]) - 1
    return Runs(order, starts, low[first], pair, k1[first], k2[first])


def _edges(k1: Ints, k2: Ints, low: Bools) -> tuple[Bools, Bools]:
    """Where in the ordered records a run begins, and where a pair does."""
    pair = np.ones(len(k1), np.bool_)
    pair[1:] = (k1[1:] != k1[:-1]) | (k2[1:] != k2[:-1])
    run = pair.copy()
    run[1:] |= low[1:] != low[:-1]
    return run, pair


def told_by_several(keyed: pa.Table, runs: Runs) -> Bools:
    """Which records are of a pair and direction that more than one exporter saw."""
    exporter = _column(keyed, "exporter")
    return runs.records(runs.least(exporter) != runs.most(exporter))


def meetings(keyed: pa.Table, runs: Runs) -> pa.Table:
    """One row for each pair: what each side sent, between when and when."""
    pairs = int(runs.pair[-1]) + 1
    sides = {"low": _places(runs, runs.low, pairs), "high": _places(runs, ~runs.low, pairs)}
    whole = {
        "started_at": np.minimum,
        "ended_at": np.maximum,
        "said": np.maximum,
        "sampling": np.maximum,
        "exporter": np.maximum,
    }
    started = runs.least(_column(keyed, "started_at"))
    most = {
        name: runs.most(_column(keyed, name, NOTHING_SAID))
        for name in ("ended_at", "said", "sampling", "exporter")
    }
    first = np.flatnonzero(np.diff(runs.pair, prepend=-1))
    columns = {"k1": pa.array(runs.k1[first]), "k2": pa.array(runs.k2[first])}
    for name, both in whole.items():
        columns[name] = pa.array(both.reduceat({"started_at": started, **most}[name], first))
    columns["said"] = _known(columns["said"])
    amounts = {name: runs.total(_column(keyed, name)) for name in ("packets", "bytes")}
    flags, flagged = _flags(keyed, runs)
    for side, place in sides.items():
        absent = place == NO_RUN
        columns[f"{side}_records"] = pa.array(np.where(absent, 0, runs.sizes()[place]))
        for name, values in amounts.items():
            columns[f"{side}_{name}"] = pa.array(np.where(absent, 0, values[place]))
        columns[f"{side}_start"] = pa.array(started[place], mask=absent)
        columns[f"{side}_end"] = pa.array(most["ended_at"][place], mask=absent)
        columns[f"{side}_flags"] = pa.array(
            flags[place].astype(np.int32), mask=absent | ~flagged[place]
        )
    return pa.table(columns)


def _places(runs: Runs, chosen: Bools, pairs: int) -> Order:
    """Of each pair the run of that side, or NO_RUN."""
    places = np.full(pairs, NO_RUN, np.intp)
    at = np.flatnonzero(chosen)
    places[runs.pair[at]] = at
    return places


def _flags(keyed: pa.Table, runs: Runs) -> tuple[Ints, Bools]:
    """All flags of each run together, and where any record of it had some."""
    known = pc.is_valid(keyed.column("tcp_flags")).to_numpy().astype(np.int64)
    return runs.union(_column(keyed, "tcp_flags")), runs.most(known) > 0


def _known(values: pa.Array) -> pa.Array:
    return pa.array(values.to_numpy().astype(np.int32), mask=values.to_numpy() == NOTHING_SAID)


def _column(keyed: pa.Table, name: str, nothing: int = 0) -> Ints:
    column = keyed.column(name)
    if column.null_count:
        column = pc.fill_null(column, nothing)
    values: Ints = column.to_numpy().astype(np.int64, copy=False)
    return values
