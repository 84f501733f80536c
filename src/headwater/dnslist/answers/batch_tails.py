"""What comes after the question, ready made: addresses one per row, the SOA per zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headwater.dnslist.answers.batch_names import Places
from headwater.dnslist.answers.keyed_hash import Octets
from headwater.dnslist.answers.zone import Moment, Standing
from headwater.records.errors import Misconfigured
from headwater.wire.dns import PLAIN_UDP, QUESTION_POINTER, Type, opt_record, record

SLOT: Final = 32  # bytes kept for an address record (16) and OPT (11)
ADDRESS_SIZE: Final = 16
EDNS_KINDS: Final = 3  # without, with, with DO
KINDS: Final = len(Standing) + 1
# Plain numbers: an array compared with an IntEnum is first turned into a wider one.
LISTED: Final = int(Standing.LISTED)
NO_DATA: Final = int(Standing.NO_DATA)
UNKNOWN: Final = int(Standing.UNKNOWN)
ABSENT: Final = int(Standing.ABSENT)
LONGEST_BLOB: Final = 320  # with a name of 128 bytes it still fits 512
TTL_AT: Final = 6
OPT_FLAGS_AT: Final = ADDRESS_SIZE + 7


@dataclass(frozen=True, slots=True)
class TailZone:
    """A zone's SOA record, its owner's wire name, and how long to remember two answers."""

    soa: bytes
    owner: bytes
    unknown_ttl: int
    absent_ttl: int


@dataclass(frozen=True, slots=True)
class TailsAt:
    """Offsets into ``Tails.octets`` and sizes, (m) each."""

    offsets: Places
    sizes: Places


class Tails:
    """One buffer that stays put: ``most`` address slots, then the zones' SOA blobs."""

    __slots__ = ("_blob_offsets", "_blob_sizes", "_slots", "_ttls", "_zones", "octets")

    def __init__(self, most: int, zones: Sequence[TailZone]) -> None:
        slot = record(QUESTION_POINTER, Type.A, 0, bytes(4)) + opt_record(dnssec_ok=False)
        blobs = [
            zone.soa + opt
            for zone in zones
            for _ in range(KINDS)
            for opt in (b"", opt_record(dnssec_ok=False), opt_record(dnssec_ok=True))
        ]
        if max(map(len, blobs)) > LONGEST_BLOB or LONGEST_BLOB + 160 > PLAIN_UDP:
            raise Misconfigured("the names of the zone's servers and mailbox are too long")
        sizes = np.array([len(blob) for blob in blobs], np.int64)
        offsets = most * SLOT + np.cumsum(sizes) - sizes
        self.octets: Octets = np.frombuffer(
            bytearray(slot.ljust(SLOT, b"\0") * most + b"".join(blobs)), np.uint8
        )
        self._slots = self.octets[: most * SLOT].reshape(most, SLOT)
        shape = (len(zones), KINDS, EDNS_KINDS)
        self._blob_sizes, self._blob_offsets = sizes.reshape(shape), offsets.reshape(shape)
        self._zones = tuple(zones)
        self._ttls = -1

    def place(
        self,
        rows: Places,
        zone: Places,
        kinds: npt.NDArray[np.uint8],
        edns: Places,
        addresses: npt.NDArray[np.uint32],
        moment: Moment,
    ) -> TailsAt:
        """Write the addresses of ``rows`` (m), and say where each answer's tail is."""
        if moment.left != self._ttls:
            self._write_ttls(moment.left)
        self._slots[rows, 12:16] = addresses.astype(">u4").view(np.uint8).reshape(-1, 4)
        self._slots[rows, OPT_FLAGS_AT] = (edns == 2).view(np.uint8) << np.uint8(7)
        listed = kinds == LISTED
        sizes = np.where(edns > 0, ADDRESS_SIZE + 11, ADDRESS_SIZE)
        offsets = np.where(listed, rows * SLOT, self._blob_offsets[zone, kinds, edns])
        return TailsAt(offsets, np.where(listed, sizes, self._blob_sizes[zone, kinds, edns]))

    def _write_ttls(self, left: int) -> None:
        self._ttls = left
        self._slots[:, TTL_AT : TTL_AT + 4] = _octets(left)
        for number, zone in enumerate(self._zones):
            ttls = {
                Standing.NO_DATA: left,
                Standing.UNKNOWN: min(zone.unknown_ttl, left),
                Standing.ABSENT: min(zone.absent_ttl, left),
            }
            for kind, ttl in ttls.items():
                for offset in self._blob_offsets[number, kind].tolist():
                    at = offset + len(zone.owner) + 4
                    self.octets[at : at + 4] = _octets(ttl)


def _octets(number: int) -> Any:
    return np.frombuffer(number.to_bytes(4), np.uint8)
