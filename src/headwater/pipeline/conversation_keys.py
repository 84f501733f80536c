"""Addresses as small codes within one hour, and the lasting names of conversations.

Grouping works on codes alone; a lasting name is made from the addresses' text, so that it
is the same in every hour.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.int32]
Bools: TypeAlias = NDArray[np.bool_]
Digests: TypeAlias = NDArray[np.uint64]

PROTOCOL_BITS = 8
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Directory:
    """The addresses of one hour: by code their text and a 64-bit name.

    That name is the same on every machine and in every version.
    """

    names: pa.StringArray
    digests: Digests

    def codes(self, column: pa.ChunkedArray) -> Codes:
        """The code of each address of a coded column, UNKNOWN where this hour never saw it."""
        return codes_among(column, self.names)

    def column(self, codes: Codes) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes), self.names)


def directory_of(names: pa.StringArray, before: Directory | None = None) -> Directory:
    """``before``: a directory whose digests need not be made again."""
    digests = np.empty(len(names), np.uint64)
    if before:
        found = pc.fill_null(pc.index_in(names, value_set=before.names), UNKNOWN).to_numpy()
        known = found != UNKNOWN
        digests[known] = before.digests[found[known]]
    else:
        known = np.zeros(len(names), np.bool_)
    digests[~known] = _digests(names.filter(pa.array(~known)))
    return Directory(names, digests)


def _digests(names: pa.StringArray) -> Digests:
    raw = b"".join(blake2b(name.encode(), digest_size=8).digest() for name in names.to_pylist())
    return np.frombuffer(raw, dtype="<u8").astype(np.uint64)


def code_addresses(
    flows: pa.Table, before: Directory | None = None
) -> tuple[Directory, Codes, Codes]:
    """One directory for both address columns, and each column as codes."""
    names, source, target = code_together(flows.column("src"), flows.column("dst"))
    return directory_of(names, before), source, target


def code_together(
    one: pa.ChunkedArray, other: pa.ChunkedArray
) -> tuple[pa.StringArray, Codes, Codes]:
    """The texts of two coded columns, and each column as places among them."""
    chunks = [*one.chunks, *other.chunks]
    met = _dictionaries(chunks).dictionary_encode()
    codes = _renumbered(chunks, met.indices.to_numpy())
    return met.dictionary, codes[: len(one)], codes[len(one) :]


def code_exporters(column: pa.ChunkedArray) -> tuple[pa.StringArray, Codes]:
    """The exporters' names by code, null for one without a name, and the column as codes.

    Codes are in the order in which exporters first appear, whatever the dictionaries say.
    """
    met = _dictionaries(column.chunks).dictionary_encode()
    codes = _renumbered(column.chunks, met.indices.to_numpy())
    seen = pa.array(codes).dictionary_encode()
    order = seen.dictionary.to_numpy()
    names = met.dictionary.take(pa.array(order, mask=order == UNKNOWN))
    return names, seen.indices.to_numpy()


def codes_among(column: pa.ChunkedArray, names: pa.StringArray) -> Codes:
    """The place of each text of a coded column in ``names``; UNKNOWN where it has none."""
    met = pc.index_in(_dictionaries(column.chunks), value_set=names)
    return _renumbered(column.chunks, pc.fill_null(met, UNKNOWN).to_numpy())


def _dictionaries(chunks: list[pa.DictionaryArray]) -> pa.StringArray:
    """The chunks' dictionaries one after the other; each text stands there a few times."""
    each = [chunk.dictionary.cast(pa.string()) for chunk in chunks]
    return pa.concat_arrays([pa.array([], pa.string()), *each])


def _renumbered(chunks: list[pa.DictionaryArray], number: Codes) -> Codes:
    """The chunks' codes, each through its part of ``number``; UNKNOWN for nulls."""
    found, begin = [np.empty(0, np.int32)], 0
    for chunk in chunks:
        end = begin + len(chunk.dictionary)
        mapped = number[begin:end]
        if chunk.null_count:
            mapped = np.append(mapped, np.int32(UNKNOWN))
        found.append(mapped[pc.fill_null(chunk.indices, end - begin).to_numpy()])
        begin = end
    return np.concatenate(found)


def lasting_names(
    digests: Digests,
    client: Codes,
    server: Codes,
    client_port: Codes,
    port: Codes,
    protocol: Codes,
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


def mixed(values: Digests) -> Digests:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit moves every bit."""
    mixed = values ^ (values >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
