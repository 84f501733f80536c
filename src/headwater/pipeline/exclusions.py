"""A list's own exclusions: the most specific entry wins, as in rbldnsd."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.sighting import Excluded, Sighting, SubjectKind

MOST_EXCLUSIONS: Final = 1_000_000
Network = IPv4Network | IPv6Network


class Exclusions:
    """What a list takes out of its own entries. Raises MalformedInput for too many."""

    __slots__ = ("_networks", "_starts", "_subjects")

    def __init__(self, excluded: Iterable[Excluded]) -> None:
        self._subjects: set[str] = set()
        for entry in excluded:
            self._subjects.add(entry.subject)
            if len(self._subjects) > MOST_EXCLUSIONS:
                raise MalformedInput(f"more than {MOST_EXCLUSIONS} exclusions")
        networks = sorted(map(ip_network, self._subjects), key=_place)
        self._networks: list[Network] = networks
        self._starts = [_place(network) for network in networks]

    def applied_to(self, listed: Sighting) -> Iterator[Sighting]:
        """What is left of one entry: itself, smaller prefixes, or nothing."""
        if not self._subjects:
            yield listed
        elif listed.subject in self._subjects:
            return
        elif listed.subject_kind is not SubjectKind.NETWORK:
            yield listed
        else:
            yield from self._without(listed)

    def _without(self, listed: Sighting) -> Iterator[Sighting]:
        whole = ip_network(listed.subject)
        first = bisect_left(self._starts, _place(whole))
        last = bisect_right(self._starts, (whole.version, int(whole[-1]), 128))
        inside = [n for n in self._networks[first:last] if n.prefixlen > whole.prefixlen]
        if not inside:
            yield listed
            return
        for left in _gaps(whole, inside):
            single = left.prefixlen == left.max_prefixlen
            yield listed._replace(
                subject=str(left.network_address) if single else str(left),
                subject_kind=SubjectKind.ADDRESS if single else SubjectKind.NETWORK,
            )


def _place(network: Network) -> tuple[int, int, int]:
    return network.version, int(network[0]), network.prefixlen


def _gaps(whole: Network, holes: Iterable[Network]) -> Iterator[Network]:
    """The prefixes that cover ``whole`` but none of the sorted ``holes``."""
    bits = whole.max_prefixlen
    at, end = int(whole[0]), int(whole[-1]) + 1
    for hole in holes:
        yield from _cover(at, max(at, int(hole[0])), bits)
        at = max(at, int(hole[-1]) + 1)
    yield from _cover(at, end, bits)


def _cover(start: int, end: int, bits: int) -> Iterator[Network]:
    kind = IPv4Network if bits == 32 else IPv6Network
    while start < end:
        aligned = (start & -start).bit_length() - 1 if start else bits
        size = min(aligned, (end - start).bit_length() - 1)
        yield kind((start, bits - size))
        start += 1 << size
