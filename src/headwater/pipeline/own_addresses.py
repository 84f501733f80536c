"""Whether an address is in a list of prefixes, one address at a time."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address, collapse_addresses

from headwater.records.settings import Network
from headwater.wire.reports.claim import Own

_REMEMBERED = 65_536


def membership(prefixes: Sequence[Network], except_for: Sequence[Network] = ()) -> Own:
    """A function that says whether a canonical address is in ``prefixes``, and not spared."""
    inside, spared = _ranges(prefixes), _ranges(except_for)

    @lru_cache(maxsize=_REMEMBERED)
    def own(address: str) -> bool:
        return _in(inside, address) and not _in(spared, address)

    return own


_Ranges = tuple[dict[int, list[int]], dict[int, list[int]]]


def _ranges(prefixes: Sequence[Network]) -> _Ranges:
    starts: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for version in (4, 6):
        merged = sorted(collapse_addresses([p for p in prefixes if p.version == version]))  # type: ignore[type-var]
        starts[version] = [int(n[0]) for n in merged]
        ends[version] = [int(n[-1]) for n in merged]
    return starts, ends


def _in(ranges: _Ranges, address: str) -> bool:
    try:
        number = IPv6Address(address) if ":" in address else IPv4Address(address)
    except AddressValueError:
        return False
    starts, ends = ranges[0][number.version], ranges[1][number.version]
    place = bisect_right(starts, int(number)) - 1
    return place >= 0 and int(number) <= ends[place]
