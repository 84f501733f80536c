"""Many export packets held as columns: to make a value of each costs more than to read it."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt

from headwater.records.intake import Datagram

Ints = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]


class DatagramRun(Sequence[Datagram]):
    """Packets in the order in which they came; columns (n) as those of ``Datagram``."""

    def __init__(
        self,
        *,
        payloads: list[bytes],
        exporters: list[str],
        received_us: list[int],
        positions: list[int],
    ) -> None:
        self.payloads = payloads
        self.exporters = exporters
        self.received_us = received_us
        self.positions = positions

    def __len__(self) -> int:
        return len(self.payloads)

    @overload
    def __getitem__(self, place: int) -> Datagram: ...
    @overload
    def __getitem__(self, place: slice) -> "DatagramRun": ...
    def __getitem__(self, place: "int | slice") -> "Datagram | DatagramRun":
        if isinstance(place, slice):
            return DatagramRun(
                payloads=self.payloads[place],
                exporters=self.exporters[place],
                received_us=self.received_us[place],
                positions=self.positions[place],
            )
        return Datagram(
            payload=self.payloads[place],
            exporter=self.exporters[place],
            received_us=self.received_us[place],
            position=self.positions[place],
        )

    def by_version(self) -> "Iterator[tuple[bytes, DatagramRun]]":
        """The packets that begin with the same two octets, in their order."""
        if len({payload[:2] for payload in self.payloads}) == 1:  # as nearly always
            yield self.payloads[0][:2], self
            return
        places: dict[bytes, list[int]] = {}
        for place, payload in enumerate(self.payloads):
            places.setdefault(payload[:2], []).append(place)
        for version, chosen in places.items():
            yield version, self._only(chosen)

    def _only(self, places: Sequence[int]) -> "DatagramRun":
        return DatagramRun(
            payloads=[self.payloads[place] for place in places],
            exporters=[self.exporters[place] for place in places],
            received_us=[self.received_us[place] for place in places],
            positions=[self.positions[place] for place in places],
        )

    @cached_property
    def octets(self) -> bytes:
        """All payloads, one behind the other."""
        return b"".join(self.payloads)

    @cached_property
    def sizes(self) -> Ints:
        """Octets of each payload (n)."""
        return np.fromiter(map(len, self.payloads), np.int64, len(self))

    @cached_property
    def starts(self) -> Ints:
        """Where each payload (n) begins in ``octets``."""
        return np.cumsum(self.sizes) - self.sizes

    @cached_property
    def received(self) -> Ints:
        """``received_us`` as an array (n)."""
        return np.array(self.received_us, np.int64)

    def heads(self, layout: "np.dtype[np.void]") -> "npt.NDArray[np.void]":
        """The first octets of each (n), read as ``layout``; nonsense where one is shorter."""
        return cut(np.frombuffer(self.octets, np.uint8), self.starts, layout)

    @cached_property
    def senders(self) -> "tuple[list[str], Ints]":
        """The exporters that occur, and which of them sent each packet (n)."""
        known: dict[str, int] = {}
        codes = [known.setdefault(name, len(known)) for name in self.exporters]
        return list(known), np.array(codes, np.int64)


def cut(octets: Octets, starts: Ints, layout: "np.dtype[np.void]") -> "npt.NDArray[np.void]":
    """What stands at each of some places (n), read as ``layout``.

    Beyond the end the last octet stands in: whoever asks must know what is there.
    """
    if not len(starts) or not len(octets):
        return np.zeros(len(starts), layout)
    places = starts[:, None] + np.arange(layout.itemsize)
    if int(starts.max()) + layout.itemsize > len(octets):
        np.minimum(places, len(octets) - 1, out=places)
    return octets[places].view(layout)[:, 0]
