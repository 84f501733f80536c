"""Addresses as small numbers, for as long as rows are at hand.

Questions spend most of their time on comparing, grouping and copying addresses: as numbers
they cost half. A question cannot tell, for it never looks into an address.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from headwater.lake import layout
from headwater.records.errors import Misconfigured

Ints = NDArray[np.uint32]

NUMBER: Final = pa.uint32()  # no other column of a question is unsigned
# Columns that hold addresses, or names that stand for them, in whatever a question reads.
ADDRESSES: Final = frozenset(
    {"address", "called", "client", "dst", "gateway", "host", "server", "src", "subject"}
)


@dataclass(slots=True)
class Names:
    """Which number stands for which address: those met in the order of text, others after.

    Numbers never change, so that several threads may ask.
    """

    known: pa.StringArray
    asked: dict[str, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def coded(self, rows: pa.Table) -> pa.Table:
        """The rows with addresses as numbers. Those not met before get new ones."""
        for place, column in enumerate(rows.schema):
            if column.name in ADDRESSES and _is_text(column.type):
                numbers = self._numbers(rows.column(place))
                rows = rows.set_column(place, column.name, numbers)
        return rows

    def named(self, answer: pa.Table) -> pa.Table:
        """The answer with addresses as coded text, for numbers back to addresses.

        Raises Misconfigured where numbers were mixed with other text, and are lost.
        """
        for place, column in enumerate(answer.schema):
            if column.name in ADDRESSES and _is_text(column.type):
                raise Misconfigured(f"column {column.name!r} mixes addresses with other text")
            if column.type == NUMBER:
                names = self._named(answer.column(place))
                answer = answer.set_column(place, column.name, names)
        return answer

    def _numbers(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        if pa.types.is_dictionary(column.type):
            return pa.chunked_array([self._of_coded(part) for part in column.chunks], NUMBER)
        return pa.chunked_array([self._find(column.combine_chunks())], NUMBER)

    def _of_coded(self, part: pa.DictionaryArray) -> pa.Array:
        """Of what an answer brought nothing need be looked up."""
        told = part.dictionary
        if told.equals(self.known.slice(0, len(told))):
            return part.indices.cast(NUMBER)
        return self._find(told).take(part.indices)

    def _find(self, names: pa.Array) -> pa.Array:
        coded = names.cast(layout.TEXT).dictionary_encode()
        with self.lock:
            told = coded.dictionary.to_pylist()
            self._look_up([name for name in told if name not in self.asked])
            numbers = pa.array([self.asked[name] for name in told], NUMBER)
        return numbers.take(coded.indices)

    def _look_up(self, names: list[str]) -> None:
        """Remember their numbers: the same few are asked about again and again."""
        if not names:
            return
        found = _places(names, self.known)
        strangers = [name for name, number in zip(names, found, strict=True) if number is None]
        new = dict(zip(strangers, range(len(self.known), 1 << 32), strict=False))
        self.known = pa.concat_arrays([self.known, pa.array(strangers, layout.TEXT)])
        for name, number in zip(names, found, strict=True):
            self.asked[name] = new[name] if number is None else number

    def _named(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        known = self.known
        parts = [
            pa.DictionaryArray.from_arrays(part.cast(pa.int32()), known)
            for part in column.chunks
        ]
        return pa.chunked_array(parts, layout.CODED)


def _places(names: list[str], known: pa.StringArray) -> list[int | None]:
    """Where each of the names, all different, stands among many that are known.

    The few are put into a hash table and the many looked up there: the other way round costs
    ten times as much.
    """
    which = pc.fill_null(pc.index_in(known, value_set=pa.array(names, layout.TEXT)), -1)
    places = np.flatnonzero(which.to_numpy() >= 0)
    found: list[int | None] = [None] * len(names)
    for place, name in zip(places.tolist(), which.to_numpy()[places].tolist(), strict=True):
        found[name] = place
    return found


def numbered(rows: pa.Table) -> tuple[pa.Table, Names]:
    """The rows with coded addresses as numbers, and what these stand for."""
    columns = [f.name for f in rows.schema if f.name in ADDRESSES and f.type == layout.CODED]
    numbers = numbers_of(
        part.dictionary for name in columns for part in rows.column(name).chunks
    )
    return numbers.put(rows), numbers.names


@dataclass(frozen=True, slots=True)
class Numbers:
    """What number each entry of a dictionary has, by a digest of the dictionary."""

    names: Names
    known: Mapping[bytes, Ints]

    def put(self, rows: pa.Table) -> pa.Table:
        """The rows with coded addresses as numbers."""
        for place, column in enumerate(rows.schema):
            if column.name in ADDRESSES and column.type == layout.CODED:
                parts = [pa.array(self._of(part)) for part in rows.column(place).chunks]
                rows = rows.set_column(place, column.name, pa.chunked_array(parts, NUMBER))
        return rows

    def _of(self, part: pa.DictionaryArray) -> Ints:
        numbers = self.known.get(_digest(part.dictionary))
        if numbers is None:  # chunks were cut elsewhere
            found = pc.index_in(part.dictionary, value_set=self.names.known)
            numbers = found.to_numpy().astype(np.uint32)
        taken: Ints = numbers[part.indices.to_numpy()]
        return taken


def numbers_of(dictionaries: Iterable[pa.Array]) -> Numbers:
    """Numbers, in the order of text, for all that the dictionaries of some chunks hold."""
    met = {_digest(told): told.cast(layout.TEXT) for told in dictionaries}
    coded = pa.chunked_array(map(_whole, met.values()), layout.CODED).unify_dictionaries()
    names = coded.chunk(0).dictionary if coded.num_chunks else pa.array([], layout.TEXT)
    order = pc.sort_indices(names)
    rank = np.empty(len(names), np.uint32)
    rank[order.to_numpy()] = np.arange(len(names), dtype=np.uint32)
    known = {
        digest: rank[part.indices.to_numpy()]
        for digest, part in zip(met, coded.chunks, strict=True)
    }
    return Numbers(Names(names.take(order)), known)


def _whole(dictionary: pa.StringArray) -> pa.DictionaryArray:
    every = np.arange(len(dictionary), dtype=np.int32)
    return pa.DictionaryArray.from_arrays(every, dictionary)


def _digest(dictionary: pa.StringArray) -> bytes:
    """The same for the same texts in the same order."""
    _, places, letters = dictionary.buffers()
    first, count = dictionary.offset, len(dictionary) + 1
    ends = np.frombuffer(places, np.int32, count, first * 4) if count > 1 else np.zeros(1, int)
    said = blake2b(ends - ends[0], digest_size=16)
    said.update(letters[int(ends[0]) : int(ends[-1])] if letters else b"")
    return said.digest()


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == layout.CODED
