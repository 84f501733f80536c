"""How long subscribers keep an address, pool by pool."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.tables import Lake
from headwater.measures.columns import Bools, Ints
from headwater.measures.intervals import Statements, settle, stretches
from headwater.measures.prefixes import NO_PREFIX, PrefixTable
from headwater.measures.survival import Curve, survival
from headwater.pipeline.who import Margin, statements_of
from headwater.records.settings import Network

OTHER = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolChurn:
    """The survival curve of a pool's tenures; durations in microseconds."""

    pool: str
    curve: Curve


def churn(lake: Lake, pools: Sequence[Network], margin: Margin) -> list[PoolChurn]:
    """A curve for each pool that has leases; those in no pool come last.

    A tenure is one subscriber's unbroken time on one address or prefix. Tenures that run
    on when the last statement was made, or whose stop was lost and whose address nobody
    took since, count as lasting longer than they were watched.
    """
    rows = lake.read("leases")
    if not rows.num_rows:
        return []
    said, _, _ = statements_of(rows, margin)
    pool_of = _pools(rows, said, pools)
    holding, durations, ended = _tenures(said)
    pool = pool_of[holding]
    names = [str(network) for network in pools]
    found = [*range(len(names)), NO_PREFIX]
    return [
        PoolChurn(
            pool=names[number] if number != NO_PREFIX else OTHER,
            curve=survival(durations[pool == number], ended[pool == number]),
        )
        for number in found
        if (pool == number).any()
    ]


def _tenures(said: Statements) -> tuple[Ints, Ints, Bools]:
    """Holding, duration and whether its end was seen, of each tenure."""
    horizon = int(said.told.max())
    one = settle(said)
    until = np.minimum(one.ends, horizon + 1)  # beyond it nothing was seen
    held = stretches(replace(one, sure=until, ends=until))
    ended = held.ends <= horizon
    return held.holding, np.minimum(held.ends, horizon) - held.starts, ended


def _pools(rows: pa.Table, said: Statements, pools: Sequence[Network]) -> Ints:
    """The pool of each number of a holding."""
    held = rows["held"].combine_chunks()
    address = pc.list_element(pc.split_pattern(held, "/"), 0)
    pool = PrefixTable(pools).match_text(address)
    of = np.full(int(said.holding.max()) + 1, NO_PREFIX, np.int64)
    of[said.holding] = pool
    return of
