"""Templates compiled to NumPy layouts, so that a thousand records cost as much as one.

A template becomes a structured dtype over the bytes as exported. Fields of odd sizes
become rows of octets and are put together later; variable-length fields (RFC 7011
section 7) are cut out of each record first, which gives records of one size again.
Only fields that Headwater reads are kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from headwater.records.errors import MalformedInput
from headwater.wire.information_elements import (
    IANA,
    INITIAL_TCP_FLAGS,
    REGISTER,
    REVERSE_DELAY_MILLISECONDS,
    UNION_TCP_FLAGS,
    Element,
    reverse,
)

DATA: Final = -1  # scopes of a template that is not for options
VARIABLE: Final = 0xFFFF  # RFC 7011 section 7
LARGEST_RECORD: Final = 0xFFFF  # no packet holds a larger one
MOST_FIELDS: Final = 1_024  # of one template; the widest seen in the field have about 60
PADDING: Final = 4  # RFC 3954 section 5.3: up to the next 32 bits
LONG_FORM: Final = 255  # RFC 7011 section 7: the length follows in two octets
NATIVE_SIZES: Final = (1, 2, 4, 8)
LARGEST_INTEGER: Final = 8

Rows = npt.NDArray[np.void]


class Field(NamedTuple):
    """One field of a template: element and length in octets (65,535: variable)."""

    element: Element
    length: int


_VENDOR = (INITIAL_TCP_FLAGS, UNION_TCP_FLAGS, REVERSE_DELAY_MILLISECONDS)
_FORWARD = {Element(IANA, entry.number): entry.type for entry in REGISTER.values()}
_FORWARD.update(dict.fromkeys(_VENDOR, "unsigned32"))
READ: Final = {reverse(key): kind for key, kind in _FORWARD.items()} | _FORWARD


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A compiled template. Two layouts are the same only if they are one object."""

    fields: tuple[Field, ...]
    scopes: int  # how many of the first fields are scopes; -1: no options, but data
    dtype: np.dtype[np.void]  # of one record, variable-length fields cut out
    least: int  # octets of the shortest record on the wire
    plan: tuple[int, ...]  # octets to keep, or -1 for a variable length; empty: fixed size
    names: frozenset[Element]

    def rows(self, records: bytes) -> Rows:
        """Whole records (n x itemsize octets) as a structured array (n)."""
        return np.frombuffer(records, dtype=self.dtype)


@lru_cache(maxsize=256)
def compile_template(fields: tuple[Field, ...], scopes: int = DATA) -> Layout:
    """Raises MalformedInput for templates whose records can be empty or fit no packet."""
    if len(fields) > MOST_FIELDS:
        raise MalformedInput(f"template too wide: {len(fields)} fields")
    if scopes > len(fields):
        raise MalformedInput(f"template lies: {scopes} scopes among {len(fields)} fields")
    kept = {}
    offset = 0
    for field in fields:
        if field.length == VARIABLE:
            continue
        if (form := _format(field)) and field.element not in kept:
            kept[field.element] = (form, offset)
        offset += field.length
    variable = sum(field.length == VARIABLE for field in fields)
    if offset > LARGEST_RECORD:
        raise MalformedInput(f"template too wide: records of {offset} octets")
    if offset + variable == 0:
        raise MalformedInput("template makes empty records")
    return Layout(
        fields=fields,
        scopes=scopes,
        dtype=_dtype(kept, offset),
        least=offset + variable,
        plan=_plan(fields) if variable else (),
        names=frozenset(kept),
    )


def _format(field: Field) -> Any:
    """A NumPy format for fields we read in a size that can mean something, else None."""
    kind, length = READ.get(field.element), field.length
    if kind is None or length == 0:
        return None
    if kind == "ipv4Address":
        return ">u4" if length == 4 else None
    if kind == "ipv6Address":
        return ("u1", (16,)) if length == 16 else None
    if kind == "float64":  # RFC 7011 section 6.2: may be sent as float32
        return f">f{length}" if length in (4, 8) else None
    if length in NATIVE_SIZES:
        return f">u{length}"
    return ("u1", (length,)) if length < LARGEST_INTEGER else None


def _dtype(kept: dict[Element, tuple[Any, int]], size: int) -> np.dtype[np.void]:
    return np.dtype(
        {
            "names": [column(element) for element in kept],
            "formats": [form for form, _ in kept.values()],
            "offsets": [offset for _, offset in kept.values()],
            "itemsize": size,
        }
    )


def column(element: Element) -> str:
    """The name of an element's column in a layout's dtype."""
    return f"{element.enterprise}/{element.number}"


def _plan(fields: Sequence[Field]) -> tuple[int, ...]:
    steps: list[int] = []
    for variable, run in groupby(fields, key=lambda field: field.length == VARIABLE):
        lengths = [field.length for field in run]
        steps += [-1] * len(lengths) if variable else [sum(lengths)]
    return tuple(steps)


def records_of(layout: Layout, body: bytes) -> tuple[bytes, int, str]:
    """The records of one set, all of one size: their octets, how many, what was wrong.

    The last is empty where the set was whole. Padding (RFC 7011 section 3.3.1) is dropped.
    """
    if layout.plan:
        return _squeeze(layout, body)
    count, over = divmod(len(body), layout.least)
    if not over:
        return body, count, ""
    rest = body[-over:]
    if over >= PADDING and any(rest):
        return body[:-over], count, f"record cut short: {over} of {layout.least} octets"
    return body[:-over], count, ""


def _squeeze(layout: Layout, body: bytes) -> tuple[bytes, int, str]:
    kept: list[bytes] = []
    count = position = 0
    while len(body) - position >= layout.least:
        runs, position = _record(layout.plan, body, position)
        if position > len(body):
            return b"".join(kept), count, "variable-length field overruns its set"
        kept += runs
        count += 1
    return b"".join(kept), count, ""


def _record(plan: tuple[int, ...], body: bytes, position: int) -> tuple[list[bytes], int]:
    """The fixed runs of one record and where it ends; past the end of ``body``: overrun."""
    runs = []
    for step in plan:
        if step >= 0:
            runs.append(body[position : position + step])
            position += step
            continue
        length = body[position] if position < len(body) else 0
        position += 1
        if length == LONG_FORM:
            length = int.from_bytes(body[position : position + 2], "big")
            position += 2
        position += length
    return runs, position


def integers(rows: Rows, element: Element) -> npt.NDArray[np.uint64]:
    """One column as native unsigned integers (n), whatever size it was sent in."""
    raw = rows[column(element)]
    if raw.ndim == 1:
        return raw.astype(np.uint64)
    total = np.zeros(len(rows), dtype=np.uint64)
    for octet in range(raw.shape[1]):
        total = total << np.uint64(8) | raw[:, octet]
    return total


def numbers(rows: Rows, element: Element) -> npt.NDArray[Any]:
    """One column as native unsigned integers (n) of about the size it was sent in."""
    raw = rows[column(element)]
    return raw.astype(raw.dtype.newbyteorder("=")) if raw.ndim == 1 else integers(rows, element)


def first_of(names: frozenset[Element], wanted: Sequence[Element]) -> Element | None:
    """The first wanted element that a layout has."""
    return next(_present(names, wanted), None)


class Definition(NamedTuple):
    """A template record as sent. Without fields it withdraws (RFC 7011 section 8.1)."""

    template: int
    fields: tuple[Field, ...]
    scopes: int = DATA


def _present(names: frozenset[Element], wanted: Sequence[Element]) -> Iterator[Element]:
    return (element for element in wanted if element in names)
