"""Addresses as small numbers, for as long as rows are at hand.

Questions spend most of their time on comparing, grouping and copying addresses: as numbers
they cost half. A question cannot tell, for it never looks into an address.
"""

from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake import layout
from headwater.records.errors import Misconfigured

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
        found = pc.index_in(pa.array(names, layout.TEXT), value_set=self.known).to_pylist()
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


def numbered(rows: pa.Table) -> tuple[pa.Table, Names]:
    """The rows with coded addresses as numbers, and what these stand for."""
    columns = [f.name for f in rows.schema if f.name in ADDRESSES and f.type == layout.CODED]
    parts = [part for name in columns for part in rows.column(name).chunks]
    coded = pa.chunked_array(parts, layout.CODED).unify_dictionaries()
    names = coded.chunk(0).dictionary if coded.num_chunks else pa.array([], layout.TEXT)
    order = pc.sort_indices(names)
    rank = np.empty(len(names), np.uint32)
    rank[order.to_numpy()] = np.arange(len(names), dtype=np.uint32)
    numbers = iter([pa.array(rank[part.indices.to_numpy()]) for part in coded.chunks])
    for name in columns:
        place, column = rows.schema.get_field_index(name), rows.column(name)
        mine = pa.chunked_array([next(numbers) for _ in column.chunks], NUMBER)
        rows = rows.set_column(place, name, mine)
    return rows, Names(names.take(order))


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == layout.CODED
