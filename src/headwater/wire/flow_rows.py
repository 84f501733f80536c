"""Flows whose fields were read column by column, into the FLOWS shape.

Every door that reads tables or logs ends here: what cannot be held is refused with its
place (``check`` in flow_checks judges afterwards what cannot be true).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.records.intake import Refused
from headwater.records.tables import FLOWS
from headwater.wire.columns.numbers import Ints, Mask, Values
from headwater.wire.columns.words import Coded
from headwater.wire.flow_columns import WITH_PORTS

REQUIRED: Final = ("started_at", "src", "dst", "protocol", "packets", "bytes")
LARGEST: Final = {
    "src_port": 0xFFFF,
    "dst_port": 0xFFFF,
    "protocol": 0xFF,
    "tcp_flags": 0xFFFF,
    "sampling": 2**31 - 1,
    "initiator": 1,
}
SMALLEST: Final = {"sampling": 1}
PORTS: Final = ("src_port", "dst_port")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where each row of a batch stood in its source."""

    unit: str  # line, row, record, packet
    numbers: npt.NDArray[np.int64]

    def of(self, row: int) -> str:
        return f"{self.unit} {self.numbers[row]}"

    def kept(self, mask: Mask) -> "Places":
        return Places(unit=self.unit, numbers=self.numbers[mask])


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Some flows of one source, counters as exported, before they are judged."""

    flows: pa.RecordBatch
    places: Places
    scaled: bool = False  # true: the source says that counters are multiplied already
    without_zone: int = 0  # starts written without a time zone, taken as UTC


Fields = Mapping[str, Values | Coded]


def portion(
    fields: Fields,
    places: Places,
    source: str,
    *,
    scaled: bool = False,
    without_zone: int = 0,
) -> Iterator[Portion | Refused]:
    """The rows that can be held, and one word for each reason why others cannot.

    ``fields``: columns of FLOWS by name; those of REQUIRED must be there. An absent end
    is the start, absent sampling is 1, absent ports are 0.
    """
    bad = np.zeros(len(places.numbers), np.bool_)
    with_ports = _with_ports(fields)
    for reason, mask in _faults(fields, with_ports):
        new = mask & ~bad
        if new.any():
            yield refusal(reason, new, places, source)
            bad |= new
    batch = _batch(_with_defaults(fields, with_ports), len(places.numbers))
    if bad.any():
        batch, places = batch.filter(pa.array(~bad)), places.kept(~bad)
    if batch.num_rows:
        batch = pa.RecordBatch.from_arrays(batch.columns, schema=FLOWS)
        yield Portion(flows=batch, places=places, scaled=scaled, without_zone=without_zone)


def refusal(reason: str, mask: Mask, places: Places, source: str) -> Refused:
    """One word for all rows of the mask, at the place of the first."""
    first = int(np.argmax(mask))
    return Refused(
        source=source,
        position=places.of(first),
        reason=reason,
        records=int(np.count_nonzero(mask)),
    )


def _faults(fields: Fields, with_ports: Mask) -> Iterator[tuple[str, Mask]]:
    size = len(with_ports)
    everywhere = np.ones(size, np.bool_)
    for name, field in fields.items():
        relevant = with_ports if name in PORTS else everywhere
        if field.bad.any():
            yield f"{name} not readable", field.bad & relevant
        if name in REQUIRED and field.missing.any():
            yield f"{name} missing", field.missing
        if isinstance(field, Values) and name in LARGEST and size:
            low, high = SMALLEST.get(name, 0), LARGEST[name]
            if field.numbers.min() < low or field.numbers.max() > high:
                outside = (field.numbers < low) | (field.numbers > high)
                reason = f"{name} out of range: not {low} to {high}"
                yield reason, outside & relevant & ~field.missing & ~field.bad


def _with_ports(fields: Fields) -> Mask:
    protocol = fields["protocol"]
    assert isinstance(protocol, Values)
    mask: Mask = WITH_PORTS[np.clip(protocol.numbers, 0, 255)]
    return mask


def _batch(fields: Fields, size: int) -> pa.RecordBatch:
    arrays = [_array(fields.get(field.name), field, size) for field in FLOWS]
    # Rows with faults still hold nulls here; the strict shape is put on without them.
    loose = pa.schema([field.with_nullable(True) for field in FLOWS])
    return pa.RecordBatch.from_arrays(arrays, schema=loose)


def _with_defaults(fields: Fields, with_ports: Mask) -> Fields:
    size = len(with_ports)
    nothing = np.zeros(size, np.int64)
    filled: dict[str, Values | Coded] = dict(fields)
    started = fields["started_at"]
    assert isinstance(started, Values)
    filled["ended_at"] = _or_else(fields.get("ended_at"), started.numbers)
    filled["sampling"] = _or_else(fields.get("sampling"), np.ones(size, np.int64))
    for name in PORTS:
        known = _or_else(fields.get(name), nothing)
        # ICMP type and code stand there in some tools' output; those are no ports.
        filled[name] = _plain(np.where(with_ports, known.numbers, 0))
    return filled


def _or_else(field: Values | Coded | None, default: Ints) -> Values:
    if not isinstance(field, Values):
        return _plain(default)
    if not field.missing.any():
        return field
    return _plain(np.where(field.missing, default, field.numbers))


def _plain(numbers: Ints) -> Values:
    nowhere = np.zeros(len(numbers), np.bool_)
    return Values(numbers=numbers, missing=nowhere, bad=nowhere)


def _array(field: Values | Coded | None, shape: pa.Field, size: int) -> pa.Array:
    if field is None:
        return pa.nulls(size, shape.type)
    if isinstance(field, Coded):
        return field.texts
    nothing = field.missing | field.bad
    numbers = pa.array(field.numbers, mask=nothing if nothing.any() else None)
    # What does not fit is refused already; here it only must not stop the others.
    return numbers.cast(shape.type, safe=False)
