"""How many packets stand behind one that was counted, as exporters announce it.

Announced in options records for a whole device, an interface or a sampler (RFC 3954
section 6.1, RFC 5476 section 6.5), or in the flow record itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headwater.wire.flow_times import BOOT_MS, UNKNOWN_MS
from headwater.wire.information_elements import Element, element
from headwater.wire.templates import Layout, Rows, column, first_of, integers

UNSAID: Final = 0
MOST_ENTRIES: Final = 4_096  # interfaces or samplers remembered of one exporter

INTERVALS: Final = (element("samplingInterval"), element("samplerRandomInterval"))
PACKET_INTERVAL: Final = element("samplingPacketInterval")
PACKET_SPACE: Final = element("samplingPacketSpace")
SIZE: Final = element("samplingSize")
POPULATION: Final = element("samplingPopulation")
PROBABILITY: Final = element("samplingProbability")
STATED: Final = (*INTERVALS, PACKET_INTERVAL, POPULATION, PROBABILITY)
SAMPLERS: Final = (element("samplerId"), element("selectorId"))
INTERFACES: Final = (element("ingressInterface"), element("egressInterface"))

Ints = npt.NDArray[np.int64]
Entries = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What an exporter told about itself in options records; compared by value."""

    default: int = UNSAID
    by_sampler: Entries = ()  # sorted by sampler
    by_interface: Entries = ()
    boot_ms: int = UNKNOWN_MS  # since 1970; IPFIX headers carry no uptime

    @property
    def fallback(self) -> int:
        """For records that name no sampler: the device's rate, or the only one known."""
        rates = {rate for _, rate in self.by_sampler}
        return self.default or (rates.pop() if len(rates) == 1 else UNSAID)


NOTHING_SAID: Final = Context()


def speaks_of_sampling(layout: Layout) -> bool:
    """Whether options of this layout can change a context."""
    return first_of(layout.names, (*STATED, BOOT_MS)) is not None


def learn(context: Context, layout: Layout, rows: Rows) -> Context:
    """The context after some options records (n) of one layout, in their order."""
    boots = integers(rows, BOOT_MS) if BOOT_MS in layout.names and len(rows) else None
    if boots is not None:
        context = replace(context, boot_ms=min(int(boots[-1]), 2**42))
    rates = stated(layout.names, rows)
    said = rates > UNSAID
    if not said.any():
        return context
    sampler = first_of(layout.names, SAMPLERS)
    interface = _scope_interface(layout)
    if sampler:
        known = _merged(context.by_sampler, integers(rows, sampler)[said], rates[said])
        return replace(context, by_sampler=known)
    if interface is not None:
        known = _merged(context.by_interface, interface(rows)[said], rates[said])
        return replace(context, by_interface=known)
    return replace(context, default=int(rates[said][-1]))


def _scope_interface(layout: Layout) -> Any:
    scopes = frozenset(field.element for field in layout.fields[: layout.scopes])
    which = first_of(scopes & layout.names, INTERFACES)
    return None if which is None else lambda rows: integers(rows, which)


def _merged(known: Entries, keys: npt.NDArray[np.uint64], rates: Ints) -> Entries:
    pairs = zip(keys.tolist(), rates.tolist(), strict=True)
    return tuple(sorted((dict(known) | dict(pairs)).items())[:MOST_ENTRIES])


def stated(names: frozenset[Element], rows: Rows) -> Ints:
    """One rate per row (n); 0 where it says none. Rates are rounded, at least 1."""
    for which in INTERVALS:
        if which in names:
            return _clipped(integers(rows, which))
    if PACKET_INTERVAL in names:  # RFC 5477 section 8.2.2: of interval + space packets
        counted = integers(rows, PACKET_INTERVAL)
        spaced = integers(rows, PACKET_SPACE) if PACKET_SPACE in names else 0 * counted
        return _ratio(counted + spaced, counted)
    if SIZE in names and POPULATION in names:
        return _ratio(integers(rows, POPULATION), integers(rows, SIZE))
    if PROBABILITY in names:
        return _ratio(np.ones(len(rows)), rows[column(PROBABILITY)])
    return np.zeros(len(rows), dtype=np.int64)


def _clipped(rates: npt.NDArray[np.uint64]) -> Ints:
    return np.minimum(rates, np.uint64(2**62)).astype(np.int64)


def _ratio(behind: npt.NDArray[Any], counted: npt.NDArray[Any]) -> Ints:
    with np.errstate(all="ignore"):
        rates = np.rint(behind.astype(np.float64) / counted.astype(np.float64))
    usable = np.isfinite(rates) & (rates >= 1)
    return np.where(usable, np.minimum(rates, 2.0**62), UNSAID).astype(np.int64)


def rates_of_flows(context: Context, names: frozenset[Element], rows: Rows) -> Ints:
    """The rate of each flow (n): its own, its sampler's, its interface's, its device's, 1."""
    if context == NOTHING_SAID and first_of(names, STATED) is None:
        return np.ones(len(rows), dtype=np.int64)
    own = stated(names, rows)
    if own.all() or context == NOTHING_SAID:
        return np.where(own, own, 1)
    rates = np.where(own, own, _looked_up(context.by_sampler, names, rows, SAMPLERS))
    rates = np.where(rates, rates, _looked_up(context.by_interface, names, rows, INTERFACES))
    return np.where(rates, rates, context.fallback or 1)


def _looked_up(
    entries: Entries, names: frozenset[Element], rows: Rows, keys: Sequence[Element]
) -> Ints:
    rates = np.zeros(len(rows), dtype=np.int64)
    if not entries:
        return rates
    known, values = (np.array(part) for part in zip(*entries, strict=True))
    for key in keys:
        if key in names:
            asked = _clipped(integers(rows, key))
            place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
            found = np.where(known[place] == asked, values[place], UNSAID)
            rates = np.where(rates, rates, found)
    return rates
