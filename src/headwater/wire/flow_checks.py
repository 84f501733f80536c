"""What every flow must pass before it is kept, whichever door it came through."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.records.intake import Refused
from headwater.records.window import from_us
from headwater.wire.columns.numbers import Ints, Mask
from headwater.wire.flow_rows import Portion, refusal

DAY_US: Final = 86_400_000_000
EARLIEST_US: Final = 788_918_400_000_000  # 1995-01-01: there was no flow export before
AHEAD_US: Final = 2 * DAY_US  # local time taken for UTC is at most 14 hours off
CLOCK_GRAIN_US: Final = 2_000_000  # starts and ends cut to whole seconds by some tools
LARGEST_COUNTER: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What flows are held to."""

    now_us: int
    already_scaled: bool = False  # counters are not to be multiplied by their sampling
    scaled_exporters: frozenset[str] = frozenset()  # nor those of these exporters
    rates: Mapping[str, int] = field(default_factory=dict)  # of exporters that do not say it


def check(portion: Portion, source: str, rules: Rules) -> Iterator[pa.RecordBatch | Refused]:
    """The flows that can be true, their counters multiplied by sampling; refusals beside."""
    flows, factor = _sampled(portion, rules)
    bad = np.zeros(flows.num_rows, np.bool_)
    for reason, mask in _faults(flows, factor, rules):
        new = mask & ~bad
        if new.any():
            yield _refused(reason, new, portion, source)
            bad |= new
    if bad.any():
        flows, factor = flows.filter(pa.array(~bad)), factor[~bad]
    if flows.num_rows:
        yield _settled(flows, factor)


def _refused(reason: str, mask: Mask, portion: Portion, source: str) -> Refused:
    row = portion.flows.slice(int(np.argmax(mask)), 1)
    start, end = (from_us(int(_instants(row, name)[0])) for name in ("started_at", "ended_at"))
    detail = f"{start:%Y-%m-%dT%H:%M:%SZ} to {end:%Y-%m-%dT%H:%M:%SZ}"
    if "counter" in reason:
        packets, octets = (int(_numbers(row, name)[0]) for name in ("packets", "bytes"))
        detail = f"{packets} packets, {octets} octets"
    return refusal(f"{reason}: {detail}", mask, portion.places, source)


def _faults(flows: pa.RecordBatch, factor: Ints, rules: Rules) -> Iterator[tuple[str, Mask]]:
    started, ended = _instants(flows, "started_at"), _instants(flows, "ended_at")
    latest = rules.now_us + AHEAD_US
    yield "clock too far in the past", started < EARLIEST_US
    yield "clock in the future", np.maximum(started, ended) > latest
    yield "flow ends before it starts", ended < started - CLOCK_GRAIN_US
    packets, octets = _numbers(flows, "packets"), _numbers(flows, "bytes")
    yield "counter below zero", (packets < 0) | (octets < 0)
    limit = LARGEST_COUNTER // factor
    yield "counter too large", (packets > limit) | (octets > limit)


def _sampled(portion: Portion, rules: Rules) -> tuple[pa.RecordBatch, Ints]:
    """The flows with their rates, and what each row's counters are to be multiplied by."""
    flows = portion.flows
    said = _numbers(flows, "sampling").astype(np.int64)
    factor = np.ones_like(said) if portion.scaled else said
    if rules.rates or rules.scaled_exporters:
        exporters = flows.column("exporter").cast(pa.string()).to_numpy(zero_copy_only=False)
        for name, rate in rules.rates.items():
            silent = (said == 1) & (exporters == name)
            # Whoever was not told the rate has not multiplied by it either.
            said, factor = np.where(silent, rate, said), np.where(silent, rate, factor)
        factor = np.where(np.isin(exporters, list(rules.scaled_exporters)), 1, factor)
        place = flows.schema.get_field_index("sampling")
        flows = flows.set_column(place, flows.schema.field(place), pa.array(said, pa.int32()))
    return flows, np.ones_like(said) if rules.already_scaled else factor


def _settled(flows: pa.RecordBatch, factor: Ints) -> pa.RecordBatch:
    ended = np.maximum(_instants(flows, "started_at"), _instants(flows, "ended_at"))
    columns = {
        "ended_at": pa.array(ended).cast(pa.timestamp("us", tz="UTC")),
        "packets": pa.array(_numbers(flows, "packets") * factor),
        "bytes": pa.array(_numbers(flows, "bytes") * factor),
    }
    arrays = [columns.get(name, flows.column(name)) for name in flows.schema.names]
    return pa.RecordBatch.from_arrays(arrays, schema=flows.schema)


def _instants(flows: pa.RecordBatch, name: str) -> Ints:
    return flows.column(name).cast(pa.int64()).to_numpy()


def _numbers(flows: pa.RecordBatch, name: str) -> npt.NDArray[np.int64]:
    return flows.column(name).to_numpy()
