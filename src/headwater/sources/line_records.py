"""Blocks of lines through a parser and a reader, bad lines counted on the way."""

from collections.abc import Callable, Iterator

import pyarrow as pa

from headwater.records.intake import Refused
from headwater.sources.tally import Tally
from headwater.wire.flow_rows import Places, Portion
from headwater.wire.lines import BadLine, Block, Parser, records

Reading = Portion | Refused
Read = Callable[[pa.RecordBatch, Places], Iterator[Reading]]


def read_records(
    pieces: Iterator[Block | BadLine], parse: Parser, read: Read, tally: Tally, unit: str
) -> Iterator[Reading]:
    """What ``read`` makes of the lines; those that do not parse go to the tally."""
    for piece in pieces:
        for got in [piece] if isinstance(piece, BadLine) else records(piece, parse):
            if isinstance(got, BadLine):
                tally.add(f"{unit} {got.number}", got.reason)
                continue
            (rows,) = got.rows.combine_chunks().to_batches()
            yield from read(rows, Places(unit=unit, numbers=got.numbers))
