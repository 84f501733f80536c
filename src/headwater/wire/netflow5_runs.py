"""NetFlow v5 packets thousands at a time: the plain ones without a look at each."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from headwater.records.intake import FlowReading
from headwater.wire.datagram_runs import DatagramRun
from headwater.wire.export_packets import SECOND
from headwater.wire.flow_columns import Origin
from headwater.wire.netflow5 import RECORD, SAMPLING_INTERVAL_MASK, NetFlow5Packets
from headwater.wire.set_survey import believable
from headwater.wire.stretches import walk

HEAD: Final = np.dtype([
    ("version", ">u2"), ("count", ">u2"), ("uptime", ">u4"), ("seconds", ">u4"),
    ("nanoseconds", ">u4"), ("sequence", ">u4"), ("engine", ">u2"), ("sampling", ">u2"),
])  # fmt: skip


def read_run(
    packets: NetFlow5Packets, run: DatagramRun, source: str, batch: int
) -> Iterator[FlowReading]:
    """As ``packets.read`` for each of a run; flows come with every ``batch`` rows."""

    def flush_full() -> Iterator[FlowReading]:
        if packets.rows >= batch:
            yield from packets.flush(source)

    plain = PlainPackets(packets, run, batch)
    yield from walk(run, plain, lambda place: packets.read(run[place], source), flush_full)


class PlainPackets:
    """Packets that hold what they promise, from known engines; see ``stretches.Plain``."""

    def __init__(self, packets: NetFlow5Packets, run: DatagramRun, batch: int) -> None:
        heads = run.heads(HEAD)
        self._packets, self._run, self._batch = packets, run, batch
        self._counts = heads["count"].astype(np.int64)
        said = heads["seconds"].astype(np.int64) * SECOND + heads["nanoseconds"] // 1_000
        self._exported, believed = believable(said, run.received)
        self._plain = (
            believed
            & (self._counts > 0)
            & (run.sizes == HEAD.itemsize + RECORD.itemsize * self._counts)
        )
        self._uptime = heads["uptime"].astype(np.int64)
        self._sequence = heads["sequence"].astype(np.int64)
        sampling = heads["sampling"] & SAMPLING_INTERVAL_MASK
        self._sampling = np.where(sampling, sampling, 1).tolist()
        self._engine = heads["engine"].tolist()

    def until(self, start: int, end: int) -> int:
        known = self._packets.sequences
        keys = zip(self._run.exporters[start:end], self._engine[start:end], strict=True)
        plain = zip(self._plain[start:end].tolist(), keys, strict=True)
        odd = (at for at, (good, key) in enumerate(plain) if not good or key not in known)
        return start + next(odd, end - start)

    def within(self, start: int, end: int) -> int:
        full = np.cumsum(self._counts[start:end]) >= self._batch - self._packets.rows
        return start + int(np.argmax(full)) + 1 if full.any() else end

    def take(self, start: int, end: int) -> list[FlowReading]:
        run, stretch = self._run, slice(start, end)
        origins = map(
            Origin,
            run.exporters[stretch],
            self._exported[stretch].tolist(),
            self._uptime[stretch].tolist(),
            run.positions[stretch],
        )
        bodies = [payload[HEAD.itemsize :] for payload in run.payloads[stretch]]
        pieces = list(zip(bodies, origins, self._sampling[stretch], strict=True))
        self._packets.collect(pieces, int(self._counts[stretch].sum()))
        return self._gaps(start, end)

    def _gaps(self, start: int, end: int) -> list[FlowReading]:
        streams: dict[tuple[str, int], list[int]] = {}
        for place in range(start, end):
            key = (self._run.exporters[place], self._engine[place])
            streams.setdefault(key, []).append(place)
        found = [
            (places[at], key, missing)
            for key, places in streams.items()
            for at, missing in self._packets.sequences[key].arrived_in_turn(
                self._sequence[places], self._counts[places]
            )
        ]
        return [
            self._packets.gap(*key, missing, f"packet {self._run.positions[place]}")
            for place, key, missing in sorted(found)
        ]
