"""Whole-column arithmetic that gives every conversation its key and its lasting name.

Within one hour addresses are small codes, so that grouping works on integers alone; the
lasting name is made from the addresses' text, so that it is the same in every hour.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

PROTOCOL_BITS = 8
PORT_BITS = 16
CODE_BITS = 32


@dataclass(frozen=True, slots=True)
class Directory:
    """The addresses of one hour: text by code."""

    names: pa.StringArray

    def codes(self, column: pa.ChunkedArray | pa.Array) -> Ints:
        """The code of each address of ``column``, -1 where this hour never saw it."""
        if isinstance(column, pa.ChunkedArray):
            column = column.unify_dictionaries().combine_chunks()
        if not isinstance(column, pa.DictionaryArray):
            column = column.cast(pa.string()).dictionary_encode()
        found = pc.fill_null(pc.index_in(column.dictionary, value_set=self.names), -1)
        codes: Ints = found.to_numpy().astype(np.int64)[column.indices.to_numpy()]
        return codes

    def column(self, codes: Ints) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), self.names)

    def digests(self) -> NDArray[np.uint64]:
        """A 64-bit name for each address, the same on every machine and in every version."""
        raw = b"".join(
            blake2b(name.encode(), digest_size=8).digest() for name in self.names.to_pylist()
        )
        return np.frombuffer(raw, dtype="<u8").astype(np.uint64)


def code_addresses(flows: pa.Table) -> tuple[Directory, Ints, Ints]:
    """One directory for both address columns, and each column as codes."""
    both = pa.chunked_array(
        [*flows.column("src").chunks, *flows.column("dst").chunks],
        type=pa.dictionary(pa.int32(), pa.string()),
    ).unify_dictionaries()
    names = both.chunk(0).dictionary if both.num_chunks else pa.array([], pa.string())
    codes = np.concatenate(
        [chunk.indices.to_numpy(zero_copy_only=False) for chunk in both.chunks]
        or [np.empty(0, np.int32)]
    ).astype(np.int64)
    return Directory(names), codes[: flows.num_rows], codes[flows.num_rows :]


def pair_keys(
    source: Ints, target: Ints, source_port: Ints, target_port: Ints, protocol: Ints
) -> tuple[Ints, Ints, Bools]:
    """(k1, k2, low) of each record.

    The key is that of the unordered pair of endpoints: k1 holds the two address codes, k2
    the two ports and the protocol. ``low`` says the record was sent by the lower endpoint.
    """
    low = (source < target) | ((source == target) & (source_port <= target_port))
    first, second = np.where(low, source, target), np.where(low, target, source)
    port, other = (
        np.where(low, source_port, target_port),
        np.where(low, target_port, source_port),
    )
    k1 = (first << CODE_BITS) | second
    k2 = (((port << PORT_BITS) | other) << PROTOCOL_BITS) | protocol
    return k1, k2, low


def lasting_names(
    digests: NDArray[np.uint64],
    client: Ints,
    server: Ints,
    client_port: Ints,
    port: Ints,
    protocol: Ints,
    opened_us: Ints,
) -> Ints:
    """A 63-bit name for each conversation, from who, where and when it was opened."""
    ends = mixed(digests[client] + client_port.astype(np.uint64)) ^ mixed(
        mixed(digests[server] + port.astype(np.uint64)) + np.uint64(1)
    )
    moment = (opened_us.astype(np.uint64) << np.uint64(PROTOCOL_BITS)) ^ protocol.astype(
        np.uint64
    )
    return (mixed(ends ^ mixed(moment)) >> np.uint64(1)).astype(np.int64)


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit moves every bit."""
    mixed = values ^ (values >> np.uint64(30))
    mixed = mixed * np.uint64(0xBF58476D1CE4E5B9)
    mixed = mixed ^ (mixed >> np.uint64(27))
    mixed = mixed * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
