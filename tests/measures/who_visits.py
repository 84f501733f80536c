"""Visits to own hosts, for tests: who came to which of them, and when."""

from collections.abc import Collection, Sequence

import numpy as np

from headwater.measures.visits import Visits

HOSTS = 2_000  # own hosts in all
OF_ALL = 4_000  # pairs that met, strangers included
Pair = tuple[str, int]  # source, and number of the host


def who_visits(
    pairs: Sequence[Pair], *, sick: set[int], met: Sequence[bool] | None = None,
    when: Sequence[tuple[int, int]] | None = None, elsewhere: int = 0,
    mailed: Collection[Pair] = (), sure: float = 0.95,
) -> Visits:  # fmt: skip
    """Each pair is some sessions; ``when``: the first and last instant of each.

    ``mailed``: the pairs for whom mail goes on; ``sure``: that their hosts are sick.
    """
    order = sorted(range(len(pairs)), key=lambda at: pairs[at])
    sources = sorted({source for source, _ in pairs})
    numbers = sorted({host for _, host in pairs})
    count = len(pairs)
    ill = np.array([pairs[at][1] in sick for at in order])
    span = np.array(when if when else [(0, 10)] * count, np.int64).reshape(count, 2)[order]
    some = np.full(count, 10, np.int64)
    return Visits(
        party=np.array([sources.index(pairs[at][0]) for at in order]),
        host=np.array([numbers.index(pairs[at][1]) for at in order]),
        parties=sources,
        hosts=[f"192.0.2.{number}" for number in numbers],
        confidence=np.where(ill, 0.95, 0.0),
        suspect=ill,
        faint=ill,
        met=np.ones(count, bool) if met is None else np.array(met)[order],
        on_purpose=np.ones(count, bool),
        fellow=np.zeros(count),
        mailed=np.array([float(pairs[at] in mailed) * sure for at in order]),
        columns={
            "reached": some, "bytes": 100 * some, "up_bytes": 50 * some, "held_us": some,
            "first_seen": span[:, 0], "last_seen": span[:, 1], "on_relay_port": 0 * some,
            "received": 10_000 * some, "sampling": some // 10,
            "elsewhere": np.full(count, elsewhere),
        },
        all_hosts=HOSTS,
        all_suspects=len(sick),
        all_visits=OF_ALL,
        all_sources=len(sources),
    )  # fmt: skip
