"""Tenures: from when until when an address can be named for one subscriber, exactly.

The same answer as ``who`` gives at each instant, for whole stretches of time at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headwater.measures.columns import Ints
from headwater.measures.holders import NOBODY
from headwater.pipeline.who import LeaseBook, as_questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """An address that was one subscriber's, beyond doubt, from one instant to another."""

    address: str
    since_us: int
    until_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Whose tenure it was; ``prefix`` is the length of what was leased."""

    subscriber: str
    tenure: Tenure
    prefix: int


def tenures(book: LeaseBook, addresses: Sequence[str]) -> list[Held]:
    """The tenures of each address (canonical), in the order of the addresses, then of time.

    Times within the margin of a start or an end, and those that several claim, are in none.
    """
    asked, stretch = book.ever(addresses)
    held = book.held
    margins = (-held.margin, held.margin)
    edges = [side + far for side in (held.starts, held.ends) for far in margins]
    at = np.concatenate([edge[stretch] for edge in edges])
    # Between two of these instants nothing changes, and at each the answer is that of what
    # follows: every bound is half-open.
    of, at = np.unique(np.stack([np.tile(asked, len(edges)), at]), axis=1)
    known = book.holders.answer(as_questions([addresses[n] for n in of], at)).subscriber
    length = np.zeros(len(addresses), np.int64)
    np.maximum.at(length, asked, book.keys.length[held.holding[stretch]])
    return [
        Held(
            subscriber=book.names[known[first]],
            tenure=Tenure(
                address=addresses[of[first]], since_us=int(at[first]), until_us=int(at[after])
            ),
            prefix=int(length[of[first]]),
        )
        for first, after in _runs(of, known)
        if known[first] != NOBODY
    ]


def _runs(of: Ints, known: Ints) -> list[tuple[int, int]]:
    """First and after-last place of each run of one address and one answer.

    The last instant of an address is after all its stretches: there nobody is known, and a
    run before it always has a place that ends it.
    """
    if not len(of):
        return []
    new = np.append(True, (of[1:] != of[:-1]) | (known[1:] != known[:-1]))
    firsts = np.flatnonzero(new)
    return list(zip(firsts.tolist(), [*firsts[1:].tolist(), len(of)], strict=True))
