"""Which of today's groups continues which of yesterday's, though members come and go.

Groups have members of several sorts, some of which change faster than others: what two
groups have in common counts for each sort apart, and more where the sort lasts.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Members = Mapping[str, frozenset[str]]  # by sort

# A quarter: all that is left may be the hosts, when drivers rotate and the master moved, or
# half the hosts and nothing else that lasts.
LEAST_LIKENESS: Final = 0.25
# An elder that has but a little in common with a group does not take it over from the one
# that it plainly continues.
RIVAL: Final = 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """A group as it was; ``was``: names of others that became part of it or that it was of."""

    name: str
    born_us: int
    members: Members
    was: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Descent:
    """Of one of today's groups: whom it continues, and which others it comes from."""

    heir_of: Known | None
    was: tuple[str, ...]


def likeness(one: Members, other: Members, lasting: Mapping[str, float]) -> float:
    """0 to 1: the share of the smaller's members that the other has, over sorts both have."""
    shares = [
        (weight, len(one[sort] & other[sort]) / min(len(one[sort]), len(other[sort])))
        for sort, weight in lasting.items()
        if one.get(sort) and other.get(sort)
    ]
    whole = sum(weight for weight, _ in shares)
    return sum(weight * share for weight, share in shares) / whole if whole else 0.0


def descents(
    known: Sequence[Known], groups: Sequence[Members], lasting: Mapping[str, float]
) -> list[Descent]:
    """One for each of ``groups``, whatever the order of both.

    A group that was split goes on in its greater part. Of several that became one the
    eldest goes on. ``lasting``: the weight of each sort of members.
    """
    like = [[likeness(one.members, group, lasting) for group in groups] for one in known]
    heirs: defaultdict[int, list[int]] = defaultdict(list)
    for old, row in enumerate(like):
        if any(value >= LEAST_LIKENESS for value in row):
            heirs[_greater_part(known[old].members, groups, row, lasting)].append(old)
    found = []
    for new in range(len(groups)):
        claims = heirs[new]
        best = max((like[old][new] for old in claims), default=0.0)
        rivals = [known[old] for old in claims if like[old][new] >= RIVAL * best]
        if not rivals:
            parents = [one for one, row in zip(known, like, strict=True)
                       if row[new] >= LEAST_LIKENESS]  # fmt: skip
            found.append(Descent(heir_of=None, was=_names(parents)))
            continue
        eldest, *younger = sorted(rivals, key=lambda one: (one.born_us, one.name))
        found.append(Descent(heir_of=eldest, was=_names(younger)))
    return found


def _names(known: Sequence[Known]) -> tuple[str, ...]:
    return tuple(sorted(one.name for one in known))


def _greater_part(
    old: Members, groups: Sequence[Members], like: Sequence[float], lasting: Mapping[str, float]
) -> int:
    """The group that holds the most of the old one's members."""

    def held(new: int) -> tuple[float, float, list[list[str]]]:
        group = groups[new]
        kept = sum(
            weight * len(old[sort] & group.get(sort, frozenset())) / len(old[sort])
            for sort, weight in lasting.items()
            if old.get(sort)
        )
        return -kept, -like[new], [sorted(group.get(sort, ())) for sort in sorted(lasting)]

    return min((new for new in range(len(groups)) if like[new] >= LEAST_LIKENESS), key=held)
