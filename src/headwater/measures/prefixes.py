"""Which prefix holds an address: longest match, many addresses at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Union

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.wire.address_text import PACKED, Addresses, read_addresses

NO_PREFIX = -1
Network = IPv4Network | IPv6Network
Texts = Union[
    pa.StringArray, "pa.DictionaryArray[Any, Any]", "pa.ChunkedArray[Any]", Sequence[str]
]
Values = npt.NDArray[np.int64]


def network_of(address: str) -> str:
    """The /24 or /48 that a party who rotates its addresses mostly stays within."""
    if ":" not in address and address.count(".") == 3:
        return f"{address.rpartition('.')[0]}.0/24"  # addresses are canonical: no need to parse
    told = address.partition("::")[0].split(":")[:3]
    if len(told) == 3:  # zeros after these are cut off with the rest (RFC 5952 section 4.2)
        while told and told[-1] == "0":
            told.pop()
        return f"{':'.join(told)}::/48"
    return str(ip_network(f"{address}/48", strict=False))


def networks_of(addresses: Sequence[str]) -> Values:
    """The network of each, as a number from 0, in the order of their texts."""
    names = [network_of(address) for address in addresses]
    number = {name: at for at, name in enumerate(sorted(set(names)))}
    return np.array([number[name] for name in names], np.int64)


@dataclass(frozen=True, slots=True)
class _Segments:
    """An address space cut where the answer changes: ``values[i]`` from ``starts[i]`` on."""

    starts: npt.NDArray[Any]
    values: Values

    def at(self, addresses: npt.NDArray[Any]) -> Values:
        place = np.searchsorted(self.starts, addresses, side="right") - 1
        return self.values[place]


class PrefixTable:
    """Longest-prefix match for IPv4 and IPv6.

    Made from prefixes (text or networks) and one value for each, by default its position
    in the list. Of the same prefix given twice the later one counts. A value of NO_PREFIX
    cuts its prefix out of a wider one. Raises ValueError for text that is no prefix.
    """

    __slots__ = ("_v4", "_v6")

    def __init__(
        self, prefixes: Sequence[str | Network], values: Sequence[int] | Values | None = None
    ) -> None:
        numbers = np.arange(len(prefixes)) if values is None else np.asarray(values, np.int64)
        if len(numbers) != len(prefixes):
            raise ValueError(f"{len(prefixes)} prefixes but {len(numbers)} values")
        networks = [_network(p) for p in prefixes]
        self._v4 = _segments(networks, numbers, 4)
        self._v6 = _segments(networks, numbers, 6)

    def match_v4(self, numbers: npt.NDArray[np.uint32]) -> Values:
        """The value for each IPv4 address, given as its number; NO_PREFIX where none fits."""
        return self._v4.at(numbers)

    def match_v6(self, packed: npt.NDArray[np.bytes_]) -> Values:
        """The value for each IPv6 address, given as 16 bytes (dtype ``S16``)."""
        return self._v6.at(packed)

    def match(self, addresses: Addresses) -> Values:
        """The value for each address; NO_PREFIX also for what was no address."""
        found = np.full(len(addresses.family), NO_PREFIX, np.int64)
        for family, numbers, segments in (
            (4, addresses.v4, self._v4),
            (6, addresses.v6, self._v6),
        ):
            here = addresses.family == family
            found[here] = segments.at(numbers[here])
        return found

    def match_text(self, texts: Texts) -> Values:
        """The value for each address in text; a dictionary's texts are read once each."""
        array = _one_array(texts)
        if not isinstance(array, pa.DictionaryArray):
            return self.match(read_addresses(array))
        distinct: Any = array.dictionary
        known = np.append(self.match(read_addresses(distinct)), np.int64(NO_PREFIX))
        codes: npt.NDArray[np.int32] = array.indices.fill_null(len(known) - 1).to_numpy()
        found: Values = known[codes]
        return found

    def holds_text(self, texts: Texts) -> npt.NDArray[np.bool_]:
        """Whether any prefix of the table holds each address."""
        held: npt.NDArray[np.bool_] = self.match_text(texts) != NO_PREFIX
        return held


def _network(prefix: str | Network) -> Network:
    return ip_network(prefix, strict=False) if isinstance(prefix, str) else prefix


def _one_array(texts: Texts) -> Any:
    if isinstance(texts, pa.ChunkedArray):
        return texts.unify_dictionaries().combine_chunks()
    return texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())


def _segments(networks: Sequence[Network], values: Values, family: int) -> _Segments:
    """Cut the space at every prefix's ends, then paint from the widest to the narrowest."""
    chosen = {
        (n.prefixlen, int(n[0])): v
        for n, v in zip(networks, values, strict=True)
        if n.version == family
    }
    bits = 32 if family == 4 else 128
    starts = [start for _, start in chosen]
    ends = [start + (1 << (bits - length)) for length, start in chosen]
    cuts = sorted({0, *starts, *ends} - {1 << bits})
    place = {cut: at for at, cut in enumerate(cuts)} | {1 << bits: len(cuts)}
    painted = np.full(len(cuts), NO_PREFIX, np.int64)
    spans = zip(chosen.items(), starts, ends, strict=True)
    for (_, value), start, end in sorted(spans, key=lambda span: span[0][0]):
        painted[place[start] : place[end]] = value
    return _Segments(_keys(cuts, family), painted)


def _keys(cuts: list[int], family: int) -> npt.NDArray[Any]:
    if family == 4:
        return np.array(cuts, np.uint32)
    return np.array([cut.to_bytes(16) for cut in cuts], PACKED)
