"""What the letters of a Zeek connection history tell of each side.

Zeek script reference, base/protocols/conn/main.zeek, field ``history``: the originator's
letters are large, the responder's small.

TCP flags of a side: s SYN; h SYN and ACK; a ACK; d and t data, which carries ACK (RFC 9293
section 3.10.7.4); f FIN; r RST. What the letters do not tell (PSH, URG, odd combinations)
is left out; where a side has none of these letters its flags are unknown.

Who opened is known for TCP where a SYN or its answer was seen, for other protocols where
Zeek took the first packet and did not turn the connection round (``^``).
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from headwater.wire.columns.numbers import Mask, Values, nulls, of_distinct, values

FLAGS: Final = {"s": 0x02, "h": 0x12, "a": 0x10, "d": 0x10, "t": 0x10, "f": 0x01, "r": 0x04}
TCP: Final = 6


class History(NamedTuple):
    """For each connection (n)."""

    opener_known: Mask  # the originator is the one who opened
    originator_flags: Values
    responder_flags: Values


def read_histories(column: pa.Array, protocols: Values) -> History:
    """The histories of connections of the given protocols."""
    coded = column.cast(pa.string()).dictionary_encode()
    tcp = (protocols.numbers == TCP) & ~protocols.missing
    handshake = _of_each(coded, lambda text: int("S" in text or "h" in text))
    turned = _of_each(coded, lambda text: int("^" in text))
    return History(
        opener_known=np.where(tcp, handshake.numbers == 1, turned.numbers == 0),
        originator_flags=_where(tcp, _of_each(coded, _large_flags)),
        responder_flags=_where(tcp, _of_each(coded, _small_flags)),
    )


def _large_flags(text: str) -> int:
    return _flags(letter.lower() for letter in text if letter.isupper())


def _small_flags(text: str) -> int:
    return _flags(letter for letter in text if letter.islower())


def _flags(letters: Iterable[str]) -> int:
    bits = 0
    for letter in letters:
        bits |= FLAGS.get(letter, 0)
    return bits


def _of_each(coded: pa.DictionaryArray, read: Callable[[str], int]) -> Values:
    """0 means: not told."""

    def known(texts: pa.Array) -> Values:
        numbers = np.array([read(text) for text in texts.to_pylist()], np.int64)
        return values(numbers, nulls(texts), np.zeros(len(texts), np.bool_))

    return of_distinct(coded, known)


def _where(mask: Mask, flags: Values) -> Values:
    missing = flags.missing | ~mask | (flags.numbers == 0)
    return values(flags.numbers, missing, flags.bad)
