"""NetFlow v9 and IPFIX packets to flows: templates, options and data in their order.

Data sets are only collected here, beside the layout and the context (sampling, boot time)
in force when they came; `flush` decodes all that share both at once. A template or a
sampling rate that changes begins a new collection, one that is merely repeated does not.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from struct import Struct
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

import numpy as np

from headwater.records.errors import MalformedInput
from headwater.records.intake import Datagram, FlowReading, Refused, SequenceGap, SequenceUnit
from headwater.wire import ipfix, netflow9
from headwater.wire.export_packets import Header, dated
from headwater.wire.flow_columns import Origin, settle
from headwater.wire.sampling import NOTHING_SAID, Context, learn, speaks_of_sampling
from headwater.wire.sequence import SequenceTracker
from headwater.wire.set_survey import IPFIX_HEAD, NETFLOW9_HEAD
from headwater.wire.templated_flows import columns_of, why_no_flow
from headwater.wire.templates import DATA, Definition, Layout, compile_template, records_of
from headwater.wire.waiting_room import WaitingRoom, WaitingSet

SET: Final = Struct("!HH")  # id, length with this header
FIRST_DATA_SET: Final = 256
MOST_DOMAINS: Final = 4_096  # exporters times observation domains
MOST_TEMPLATE_FIELDS: Final = 262_144  # of all templates kept
MOST_TEMPLATES: Final = 16_384


class Dialect(NamedTuple):
    """Where NetFlow v9 and IPFIX differ."""

    template_set: int
    options_set: int
    header: Callable[[bytes, int], Header]
    definitions: Callable[[int, bytes], Iterator[Definition]]
    unit: SequenceUnit
    head: "np.dtype[np.void]"  # of many packets at once


NETFLOW9: Final = Dialect(
    netflow9.TEMPLATE_SET,
    netflow9.OPTIONS_SET,
    netflow9.header,
    netflow9.definitions,
    SequenceUnit.PACKETS,
    NETFLOW9_HEAD,
)
IPFIX: Final = Dialect(
    ipfix.TEMPLATE_SET,
    ipfix.OPTIONS_SET,
    ipfix.header,
    ipfix.definitions,
    SequenceUnit.RECORDS,
    IPFIX_HEAD,
)

Piece = tuple[bytes | memoryview, int, Origin]  # records of one size, how many, the packet


@dataclass(slots=True, weakref_slot=True, eq=False)
class Channel:
    """Data sets to be decoded together: one layout, one context."""

    layout: Layout
    context: Context
    why_no_flow: str
    size: int  # of each record, where they are flows of one size; 0: look closer
    pieces: list[Piece] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Domain:
    """One observation domain of one exporter: templates are valid within it alone."""

    exporter: str
    number: int
    sequence: SequenceTracker
    channels: dict[int, Channel] = field(default_factory=dict)
    context: Context = NOTHING_SAID


class TemplatedPackets:
    """Reads packets of one version; holds templates and data until `flush`."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.head = dialect.head
        self._header = dialect.header
        self.counts_packets = dialect.unit is SequenceUnit.PACKETS
        self.domains: dict[tuple[str, int], Domain] = {}
        self._channels: WeakValueDictionary[Hashable, Channel] = WeakValueDictionary()
        self._filled: list[Channel] = []
        self._waiting = WaitingRoom()
        self._templates = 0
        self._template_fields = 0
        self._out: list[FlowReading] = []
        self._source = "-"
        self.rows = 0  # collected since the last flush

    def read(self, datagram: Datagram, source: str) -> list[FlowReading]:
        """Refusals and gaps at once; flows come with `flush`."""
        self._out, self._source = [], source
        start = 0
        try:
            while start < len(datagram.payload):
                start = self._message(datagram, start)
        except MalformedInput as error:
            self._refuse(datagram.position, str(error))
        return self._out

    def flush(self, source: str) -> Iterator[FlowReading]:
        """The flows of everything collected; ``source`` is named in refusals."""
        filled, self._filled, self.rows = self._filled, [], 0
        for channel in filled:
            pieces, channel.pieces = channel.pieces, []
            yield from _decode(channel, pieces, source)

    def finish(self, source: str) -> Iterator[FlowReading]:
        """Flows still collected, sets that waited in vain, gaps nobody filled."""
        yield from self.flush(source)
        for waiting in self._waiting.take_all():
            yield _unread(waiting, source)
        for domain in self.domains.values():
            if missing := domain.sequence.finish():
                yield self.gap(domain, missing, "end")

    def _refuse(self, position: int, reason: str, records: int = 1) -> None:
        place = f"packet {position}"
        self._out.append(
            Refused(source=self._source, position=place, reason=reason, records=records)
        )

    def gap(self, domain: Domain, missing: int, position: str) -> SequenceGap:
        return SequenceGap(
            exporter=domain.exporter,
            domain=domain.number,
            unit=self._dialect.unit,
            missing=missing,
            position=position,
        )

    def _message(self, datagram: Datagram, start: int) -> int:
        """One message of a datagram (files may hold several); where the next begins."""
        payload, received = datagram.payload, datagram.received_us
        number, sequence, exported, uptime, first, end = self._header(payload, start)
        key = (datagram.exporter, number)
        domain = self.domains.get(key) or self._open(key)
        exported, fault = dated(exported, received)
        origin = Origin(datagram.exporter, exported, uptime, datagram.position)
        count, options = self._sets(payload, first, end, domain, origin, fault)
        if self.counts_packets:
            count, options = 1, 0
        if missing := domain.sequence.arrived(sequence, count, options):
            self._out.append(self.gap(domain, missing, f"packet {datagram.position}"))
        return end

    def _open(self, key: tuple[str, int]) -> Domain:
        if len(self.domains) >= MOST_DOMAINS:
            raise MalformedInput(f"too many exporters: already {MOST_DOMAINS} known")
        domain = Domain(*key, SequenceTracker(self._dialect.unit))
        self.domains[key] = domain
        return domain

    def _sets(
        self,
        payload: bytes,
        position: int,
        end: int,
        domain: Domain,
        origin: Origin,
        fault: str,
    ) -> tuple[int | None, int]:
        """Read the sets of a message; its data records, None where that is unknown, and
        how many of them are options.
        """
        there = min(end, len(payload))
        total: int | None = 0
        options = 0
        while there - position >= SET.size:
            set_id, length = SET.unpack_from(payload, position)
            if length < SET.size or length > there - position:
                break
            body = payload[position + SET.size : position + length]
            position += length
            if set_id >= FIRST_DATA_SET:
                records = self._data(domain, set_id, body, origin, fault)
                total = None if records is None or total is None else total + records
                if records and domain.channels[set_id].layout.scopes != DATA:
                    options += records
            else:
                self._described(domain, set_id, body, origin)
        if position < end and self._cut(payload[position:there], end - there, origin):
            return None, options
        return total, options

    def _cut(self, rest: bytes, lacking: int, origin: Origin) -> bool:
        """Whether a message was cut short behind its last whole set; refuses if so."""
        if any(rest):  # zeros fill up packets of fixed size
            reason = f"set overruns its packet: {len(rest)} octets left"
        elif lacking:
            reason = f"message cut short: {lacking} octets missing"
        else:
            return False
        self._refuse(origin.position, reason)
        return True

    def _described(self, domain: Domain, set_id: int, body: bytes, origin: Origin) -> None:
        if set_id not in (self._dialect.template_set, self._dialect.options_set):
            self._refuse(origin.position, f"unknown set id: {set_id}")
            return
        definitions = self._dialect.definitions(set_id, body)
        while True:
            try:
                definition = next(definitions, None)
                if definition is None:
                    return
                self._define(domain, definition, set_id)
            except MalformedInput as error:
                self._refuse(origin.position, str(error))

    def _define(self, domain: Domain, definition: Definition, set_id: int) -> None:
        if not definition.fields:
            self._withdraw(domain, definition.template, set_id)
            return
        old = domain.channels.get(definition.template)
        fields, scopes = definition.fields, definition.scopes
        if old and old.layout.fields == fields and old.layout.scopes == scopes:
            return  # repeated, as exporters do every few minutes
        if old:
            self._forget(domain, definition.template)
        layout = compile_template(fields, scopes)
        if (
            self._templates >= MOST_TEMPLATES
            or self._template_fields + len(fields) > MOST_TEMPLATE_FIELDS
        ):
            raise MalformedInput(f"too many templates: already {self._templates} kept")
        self._templates += 1
        self._template_fields += len(fields)
        domain.channels[definition.template] = self._channel(layout, domain.context)
        for waiting in self._waiting.take(
            (domain.exporter, domain.number, definition.template)
        ):
            self._data(domain, definition.template, waiting.body, waiting.origin, "")

    def _withdraw(self, domain: Domain, template: int, set_id: int) -> None:
        """RFC 7011 section 8.1: one template, or all of a kind by the set's own number."""
        if template != set_id:
            self._forget(domain, template)
            return
        options = set_id == self._dialect.options_set
        for number, channel in list(domain.channels.items()):
            if (channel.layout.scopes != DATA) == options:
                self._forget(domain, number)

    def _forget(self, domain: Domain, template: int) -> None:
        if channel := domain.channels.pop(template, None):
            self._templates -= 1
            self._template_fields -= len(channel.layout.fields)

    def _channel(self, layout: Layout, context: Context) -> Channel:
        """The channel of this layout and context, shared by all who have both."""
        channel = self._channels.get((layout, context))
        if channel is None:
            why = why_no_flow(layout)
            plain = not (why or layout.plan or layout.scopes != DATA)
            channel = Channel(layout, context, why, layout.least if plain else 0)
            self._channels[layout, context] = channel
        return channel

    def _data(
        self, domain: Domain, template: int, body: bytes, origin: Origin, fault: str
    ) -> int | None:
        """Keep one data set for `flush`; how many records it has, None: nobody knows."""
        channel = domain.channels.get(template)
        if channel is None:
            self._unknown(domain, template, body, origin, fault)
            return None
        if channel.size and not fault and not len(body) % channel.size:
            count = len(body) // channel.size  # as nearly all sets are
            self.collect(channel, [(body, count, origin)])
            return count
        records, count, wrong = records_of(channel.layout, body)
        if wrong:
            self._refuse(origin.position, wrong)
        if not count:
            return 0
        if channel.layout.scopes != DATA:
            self._learn(domain, channel.layout, records)
        elif fault or channel.why_no_flow:
            reason = fault or f"not a flow record: {channel.why_no_flow}"
            self._refuse(origin.position, reason, count)
        else:
            self.collect(channel, [(records, count, origin)])
        return count

    def collect(self, channel: Channel, pieces: list[Piece]) -> None:
        """Keep data sets for `flush`."""
        if not channel.pieces:
            self._filled.append(channel)
        channel.pieces += pieces
        self.rows += sum(count for _, count, _ in pieces)

    def _unknown(
        self, domain: Domain, template: int, body: bytes, origin: Origin, fault: str
    ) -> None:
        if fault:
            self._refuse(origin.position, fault)
        else:
            self._await(domain, template, body, origin)

    def _await(self, domain: Domain, template: int, body: bytes, origin: Origin) -> None:
        key = (domain.exporter, domain.number, template)
        for waiting in self._waiting.put(WaitingSet(key, body, origin)):
            self._out.append(_unread(waiting, self._source))

    def _learn(self, domain: Domain, layout: Layout, records: bytes) -> None:
        if not speaks_of_sampling(layout):
            return
        context = learn(domain.context, layout, layout.rows(records))
        if context == domain.context:
            return
        domain.context = context
        domain.channels = {
            number: self._channel(channel.layout, context)
            for number, channel in domain.channels.items()
        }


def _unread(waiting: WaitingSet, source: str) -> Refused:
    exporter, domain, template = waiting.key
    return Refused(
        source=source,
        position=f"packet {waiting.origin.position}",
        reason=f"no template: {template} of domain {domain}, exporter {exporter}",
    )


def _decode(channel: Channel, pieces: list[Piece], source: str) -> Iterator[FlowReading]:
    bodies, counts, origins = zip(*pieces, strict=True)
    rows = channel.layout.rows(b"".join(bodies))
    packet = np.repeat(np.arange(len(origins)), counts)
    for columns in columns_of(channel.layout, rows, packet, origins, channel.context):
        yield from settle(columns, origins, source)
