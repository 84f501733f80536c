"""NetFlow v9 and IPFIX packets thousands at a time: the plain ones without a look at each."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from headwater.records.intake import FlowReading
from headwater.wire.datagram_runs import DatagramRun, Ints
from headwater.wire.flow_columns import Origin
from headwater.wire.set_survey import Survey, survey
from headwater.wire.stretches import walk
from headwater.wire.templated_packets import Channel, Piece, TemplatedPackets
from headwater.wire.templates import PADDING

MOST_KINDS: Final = 256  # of templates in use in one run; more are read packet by packet


def read_run(
    packets: TemplatedPackets, run: DatagramRun, source: str, batch: int
) -> Iterator[FlowReading]:
    """As ``packets.read`` for each of a run; flows come with every ``batch`` rows."""
    plain = PlainSets(packets, run, survey(run, packets.head), batch)

    def flush_full() -> Iterator[FlowReading]:
        if packets.rows >= batch:
            yield from packets.flush(source)

    yield from walk(run, plain, lambda place: packets.read(run[place], source), flush_full)


class PlainSets:
    """The data sets of a run, as far as their templates are known; see ``stretches.Plain``."""

    def __init__(
        self, packets: TemplatedPackets, run: DatagramRun, view: Survey, batch: int
    ) -> None:
        self._packets, self._run, self._view, self._batch = packets, run, view, batch
        self._rows = np.zeros(len(view.packet), np.int64)  # of each set, once looked at
        self._sizes = np.zeros(0, np.int64)  # of one record of each kind, when last looked at

    def until(self, start: int, end: int) -> int:
        view = self._view
        if len(view.kinds) > MOST_KINDS:
            return start
        odd = np.flatnonzero(~view.plain[start:end])
        end = start + int(odd[0]) if len(odd) else end
        sets = self._sets(start, end)
        channels = map(self._channel, range(len(view.kinds)))
        sizes = [channel.size if channel else 0 for channel in channels]
        self._sizes = np.array(sizes, np.int64)
        size = self._sizes[view.kind[sets]]
        self._rows[sets] = rows = view.sizes[sets] // np.maximum(size, 1)
        good = (size > 0) & (rows > 0) & (view.sizes[sets] - rows * size < PADDING)
        return end if good.all() else int(view.packet[sets][np.argmin(good)])

    def within(self, start: int, end: int) -> int:
        sets = self._sets(start, end)
        full = np.cumsum(self._rows[sets]) >= self._batch - self._packets.rows
        return int(self._view.packet[sets][np.argmax(full)]) + 1 if full.any() else end

    def take(self, start: int, end: int) -> list[FlowReading]:
        view, sets = self._view, self._sets(start, end)
        pieces = self._pieces(start, end)
        channels: dict[int, tuple[Channel, list[int]]] = {}
        for kind in np.unique(view.kind[sets]).tolist():
            channel = self._channel(kind)
            assert channel
            channels.setdefault(id(channel), (channel, []))[1].append(kind)
        for channel, kinds in channels.values():
            if len(channels) == 1:
                self._packets.collect(channel, pieces)
                break
            chosen = np.flatnonzero(np.isin(view.kind[sets], kinds))
            self._packets.collect(channel, [pieces[place] for place in chosen.tolist()])
        return self._gaps(start, end)

    def _sets(self, start: int, end: int) -> slice:
        first, last = np.searchsorted(self._view.packet, (start, end)).tolist()
        return slice(first, last)

    def _channel(self, kind: int) -> Channel | None:
        stream, template = self._view.kinds[kind]
        domain = self._packets.domains.get(self._view.streams[stream])
        return domain.channels.get(template) if domain else None

    def _pieces(self, start: int, end: int) -> list[Piece]:
        view, run, sets = self._view, self._run, self._sets(start, end)
        origins = list(
            map(
                Origin,
                run.exporters[start:end],
                view.exported_us[start:end].tolist(),
                view.uptime_ms[start:end].tolist(),
                run.positions[start:end],
            )
        )
        octets, rows = memoryview(run.octets), self._rows[sets]
        ends = view.starts[sets] + rows * self._sizes[view.kind[sets]]
        records = zip(view.starts[sets].tolist(), ends.tolist(), strict=True)
        return [
            (octets[first:last], count, origins[packet])
            for (first, last), count, packet in zip(
                records, rows.tolist(), (view.packet[sets] - start).tolist(), strict=True
            )
        ]

    def _gaps(self, start: int, end: int) -> list[FlowReading]:
        view, sets = self._view, self._sets(start, end)
        units = np.ones(end - start, np.int64)
        if not self._packets.counts_packets:
            units = np.bincount(view.packet[sets] - start, self._rows[sets]).astype(np.int64)
        found: list[tuple[int, int, int]] = []
        stream = view.stream[start:end]
        for which in np.unique(stream).tolist():
            places: Ints = np.flatnonzero(stream == which)
            tracker = self._packets.domains[view.streams[which]].sequence
            missed = tracker.arrived_in_turn(view.sequence[start:end][places], units[places])
            found += [(int(places[at]), which, missing) for at, missing in missed]
        return [
            self._packets.gap(
                self._packets.domains[view.streams[which]],
                missing,
                f"packet {self._run.positions[start + place]}",
            )
            for place, which, missing in sorted(found)
        ]
