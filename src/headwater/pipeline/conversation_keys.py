"""Addresses as small codes within one hour, and the names of conversations.

Grouping works on codes alone, which mean nothing in another hour. A conversation keeps in
later hours the name that it got in its first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.int32]
Bools: TypeAlias = NDArray[np.bool_]
Own: TypeAlias = Callable[[pa.StringArray], Bools]  # which addresses are own

NAME_BITS: Final = 32  # no hour has as many conversations
UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True)
class Directory:
    """The addresses of one hour: by code their text."""

    names: pa.StringArray

    def codes(self, one: pa.ChunkedArray, other: pa.ChunkedArray) -> tuple[Codes, Codes]:
        """The code of each address of two coded columns, UNKNOWN where this hour saw it never.

        Columns of sessions just made share their addresses: each is looked up once.
        """
        names, left, right = code_together(one, other)
        place = pc.fill_null(pc.index_in(names, value_set=self.names), UNKNOWN).to_numpy()
        place = np.append(place, np.int32(UNKNOWN))  # for what has no name
        return place[left], place[right]

    def column(self, codes: Codes) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes), self.names)


def code_addresses(flows: pa.Table) -> tuple[Directory, Codes, Codes]:
    """One directory for both address columns, and each column as codes."""
    names, source, target = code_together(flows.column("src"), flows.column("dst"))
    return Directory(names), source, target


def code_together(
    one: pa.ChunkedArray, other: pa.ChunkedArray
) -> tuple[pa.StringArray, Codes, Codes]:
    """The texts of two coded columns, and each column as places among them."""
    chunks = [*one.chunks, *other.chunks]
    if len(one.chunks) == len(other.chunks) == 1 and _of_one_directory(*chunks):
        names = chunks[0].dictionary.cast(pa.string())
        return names, *(chunk.indices.to_numpy() for chunk in chunks)
    met = _dictionaries(chunks).dictionary_encode()
    codes = _renumbered(chunks, met.indices.to_numpy())
    return met.dictionary, codes[: len(one)], codes[len(one) :]


def _of_one_directory(one: pa.DictionaryArray, other: pa.DictionaryArray) -> bool:
    """Whether the codes of both mean the same, as those of sessions just made."""
    whole = not one.null_count and not other.null_count
    return whole and bool(one.dictionary.equals(other.dictionary))


def code_exporters(column: pa.ChunkedArray) -> tuple[pa.StringArray, Codes]:
    """The exporters' names by code, null for one without a name, and the column as codes.

    Codes are in the order in which exporters first appear, whatever the dictionaries say.
    """
    met = _dictionaries(column.chunks).dictionary_encode()
    codes = _renumbered(column.chunks, met.indices.to_numpy())
    # Of all that is put into one place the last stays: from behind, that is the first.
    first = np.full(len(met.dictionary) + 1, len(codes))
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    order = np.argsort(first, kind="stable")[: np.count_nonzero(first < len(codes))]
    number = np.empty(len(first), np.int32)
    number[order] = np.arange(len(order))
    order[order == len(met.dictionary)] = UNKNOWN
    names = met.dictionary.take(pa.array(order, mask=order == UNKNOWN))
    return names, number[codes]


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


def fresh_names(hour: int, first: int, count: int) -> Ints:
    """Names for ``count`` conversations first seen in ``hour`` (since 1970 UTC).

    ``first``: how many of that hour have names. They stand in their order, so that they take
    next to no room; each is another's nowhere.
    """
    return np.arange(first, first + count, dtype=np.int64) + (hour << NAME_BITS)
