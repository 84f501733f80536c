"""What belongs together: outsiders and the hosts they have in common.

Outsiders that share hosts are one community, however many steps apart. Two kinds of tie
must not join what is apart: weak ones (a server that the well call too, a door that is open
to all), and stray hosts, which two communities got hold of independently. Weak ties only
find a place for who has no other; parts that only strays hold together are cut apart, along
the sparsest cut that the second eigenvector of the graph's Laplacian finds (M. Fiedler 1973;
J. Shi and J. Malik 2000).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # SciPy is slow to load: what needs it loads it, while the engine works
    from scipy.sparse import csr_array

# More likely than not that the tie is one of command, and not one that anybody may have.
STRONG: Final = 0.5
# Hosts that belong to two communities at once: one by accident, or one in ten. A host is
# easily hijacked twice, so that a few are; of one farm its outsiders share most.
STRAY_SHARE: Final = 0.1
# Below four hosts one that is shared is a good part of them, and no stray.
FEWEST_TO_STRAY: Final = 4
FEWEST_APART: Final = 2  # hosts that a part has to itself, to be one
MOST_CELLS: Final = 10_000_000  # outsiders times hosts: larger parts are left whole
MOST_OUTSIDERS: Final = 600  # the eigenvectors of more take seconds

Counts = NDArray[np.float64]
Hosts = Mapping[str, frozenset[str]]  # of each outsider


@dataclass(frozen=True, slots=True)
class Tie:
    """How surely an outsider and a host belong to one community, 0 to 1."""

    outsider: str
    host: str
    weight: float


@dataclass(frozen=True, slots=True)
class Community:
    """``core``: the outsiders that tell it from others; ``shared``: those that do not."""

    core: frozenset[str]
    shared: frozenset[str]
    hosts: frozenset[str]


def communities(ties: Iterable[Tie]) -> list[Community]:
    """Every host with a tie is in one community; the largest first, whatever the order."""
    given = [tie for tie in ties if tie.weight > 0]
    strong = _by_outsider(tie for tie in given if tie.weight >= STRONG)
    weak = _by_outsider(tie for tie in given if tie.weight < STRONG)
    parts = [part for whole in _joined(strong) for part in _apart(whole)]
    found = _homes(parts)
    found = _adopted(found, weak)
    placed = {host for community in found for host in community.hosts}
    rest = {outsider: hosts - placed for outsider, hosts in weak.items() if hosts - placed}
    found += _homes(_joined(rest))
    return sorted((_with_shared(one, weak) for one in found), key=_rank)


def _rank(community: Community) -> tuple[int, list[str], list[str]]:
    return -len(community.hosts), sorted(community.core), sorted(community.hosts)


def _by_outsider(ties: Iterable[Tie]) -> dict[str, frozenset[str]]:
    hosts: defaultdict[str, set[str]] = defaultdict(set)
    for tie in ties:
        hosts[tie.outsider].add(tie.host)
    return {outsider: frozenset(hosts[outsider]) for outsider in sorted(hosts)}


def _joined(hosts: Hosts) -> list[Hosts]:
    """Connected components."""
    from scipy.sparse import csr_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    if not hosts:
        return []
    met = _matrix(hosts)
    row, column = met.nonzero()
    nodes = sum(met.shape)
    steps = csr_array((np.ones(len(row)), (row, len(hosts) + column)), shape=(nodes, nodes))
    _, labels = connected_components(steps, directed=False)
    parts: defaultdict[int, dict[str, frozenset[str]]] = defaultdict(dict)
    for outsider, label in zip(hosts, labels[: len(hosts)], strict=True):
        parts[int(label)][outsider] = hosts[outsider]
    return list(parts.values())


def _matrix(hosts: Hosts) -> "csr_array":
    """Outsiders by hosts, 1 where they meet; both in the order of their names."""
    from scipy.sparse import csr_array  # noqa: PLC0415

    columns = {host: at for at, host in enumerate(sorted(frozenset().union(*hosts.values())))}
    rows = [(row, columns[host]) for row, met in enumerate(hosts.values()) for host in met]
    row, column = np.array(sorted(rows)).T
    return csr_array((np.ones(len(row)), (row, column)), shape=(len(hosts), len(columns)))


def _apart(whole: Hosts) -> Iterator[Hosts]:
    """The component in parts that more than strays hold together."""
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        halves = _cut(part)
        if halves is None:
            yield part
        else:
            waiting += halves


def _cut(part: Hosts) -> tuple[Hosts, Hosts] | None:
    """Two parts with hosts of their own, where next to nothing is shared; else None."""
    met = _matrix(part)
    if min(met.shape) < 2 or met.shape[0] * met.shape[1] > MOST_CELLS:
        return None
    order = _along(met)
    place = _thinnest(np.asarray(met.toarray()[order]))
    if place is None:
        return None
    names = list(part)
    left = {names[row] for row in order[:place]}
    return (
        {name: hosts for name, hosts in part.items() if name in left},
        {name: hosts for name, hosts in part.items() if name not in left},
    )


def _along(met: "csr_array") -> NDArray[np.int64]:
    """The outsiders in the order in which the graph is stretched out longest."""
    stretched = _by_outsiders(met) if met.shape[0] <= MOST_OUTSIDERS else _by_hosts(met)
    # Rounded: where two places are as good as equal the order of names decides.
    place = np.round(stretched, 9)
    first = place[np.flatnonzero(place)[:1]]
    return np.argsort(-place if len(first) and first[0] < 0 else place, kind="stable")


def _by_outsiders(met: "csr_array") -> Counts:
    from scipy.linalg import eigh  # noqa: PLC0415

    common = np.asarray((met @ met.T).toarray())
    np.fill_diagonal(common, 0.0)
    root = np.sqrt(np.maximum(common.sum(axis=1), 1e-12))
    laplacian = np.eye(len(root)) - common / np.outer(root, root)
    _, vectors = eigh(laplacian, subset_by_index=[1, 1])
    return np.asarray(vectors[:, 0] / root)


def _by_hosts(met: "csr_array") -> Counts:
    """Thousands of outsiders have far fewer hosts: the same question asked from that side.

    I. S. Dhillon 2001, bipartite spectral graph partitioning.
    """
    from scipy.linalg import eigh  # noqa: PLC0415
    from scipy.sparse import csr_array, diags_array  # noqa: PLC0415

    here, there = (np.sqrt(np.asarray(met.sum(axis=axis)).ravel()) for axis in (1, 0))
    scaled = csr_array(diags_array(1 / here) @ met @ diags_array(1 / there))
    gram = np.asarray((scaled.T @ scaled).toarray())
    last = len(gram) - 2  # the largest belongs to the graph as a whole
    _, vectors = eigh(gram, subset_by_index=[last, last])
    return np.asarray((scaled @ vectors[:, 0]) / here)


def _thinnest(met: Counts) -> int | None:
    """After how many outsiders to cut so that the least share of hosts is on both sides."""
    left = np.cumsum(met, axis=0)[:-1]
    degree = met.sum(axis=0)
    only_left = (left == degree).sum(axis=1)
    only_right = (left == 0).sum(axis=1)
    strays = len(degree) - only_left - only_right
    smaller = np.minimum(only_left, only_right)
    allowed = np.maximum(smaller >= FEWEST_TO_STRAY - 1, STRAY_SHARE * (smaller + strays))
    thin = (strays <= allowed) & (smaller >= FEWEST_APART)
    if not thin.any():
        return None
    return int(np.argmin(np.where(thin, strays / (smaller + strays), np.inf))) + 1


def _homes(parts: Iterable[Hosts]) -> list[Community]:
    """Each host in the part where most outsiders know it, or in the larger, or the first."""
    sized = sorted(parts, key=lambda part: (-len(frozenset().union(*part.values())), min(part)))
    known: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for at, part in enumerate(sized):
        for host, times in _times(part).items():
            known[host].append((-times, at))
    homes: defaultdict[int, set[str]] = defaultdict(set)
    for host, places in known.items():
        homes[min(places)[1]].add(host)
    return [
        Community(core=frozenset(part), shared=frozenset(), hosts=frozenset(homes[at]))
        for at, part in enumerate(sized)
    ]


def _times(part: Hosts) -> dict[str, int]:
    times: defaultdict[str, int] = defaultdict(int)
    for hosts in part.values():
        for host in hosts:
            times[host] += 1
    return times


def _adopted(found: list[Community], weak: Hosts) -> list[Community]:
    """Whom only a weak tie knows goes where the tie's other hosts are, if that is one place."""
    place = {host: at for at, community in enumerate(found) for host in community.hosts}
    claims: defaultdict[str, set[int]] = defaultdict(set)
    for hosts in weak.values():
        places = {place[host] for host in hosts if host in place}
        if len(places) == 1:
            for host in hosts - place.keys():
                claims[host] |= places
    adopted: defaultdict[int, set[str]] = defaultdict(set)
    for host, places in claims.items():
        if len(places) == 1:
            adopted[min(places)].add(host)
    return [
        Community(core=one.core, shared=one.shared, hosts=one.hosts | adopted[at])
        for at, one in enumerate(found)
    ]


def _with_shared(community: Community, weak: Hosts) -> Community:
    """With the outsiders that hold two of its hosts or more by weak ties, or have no others."""
    shared = frozenset(
        outsider
        for outsider, hosts in weak.items()
        if len(hosts & community.hosts) >= min(2, len(hosts)) and outsider not in community.core
    )
    return Community(core=community.core, shared=shared, hosts=community.hosts)
