"""A snapshot: everything the age zones answer from, as one block of bytes.

The block begins with a page of JSON (what is where, and the texts); then come flat
little-endian arrays on 64-byte boundaries: the hash secret, the suffix rules, the age
table. A server maps the file and answers; nothing is read, sorted or allocated first.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headwater.dnslist.answers.ages import AgeTable
from headwater.dnslist.answers.keyed_hash import KeyedHash
from headwater.dnslist.answers.suffix_rules import WAYS, SuffixRules
from headwater.records.errors import MalformedInput

MAGIC: Final = b"headwater ages 1\n"
PREAMBLE: Final = 64  # the magic and the length of the JSON
ALIGNMENT: Final = 64
LONGEST_JSON: Final = 64 << 20
SECTIONS: Final = {
    "secret": "<u8",
    "rules": "<u8",
    "starts": "<u4",
    "fingerprints": "<u4",
    "facts": "<u8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """``registrars`` and ``provenances`` are what the facts' numbers stand for; 0: not said."""

    made_at: int  # seconds since 1970-01-01 UTC; the zones' serial
    keyed: KeyedHash
    rules: SuffixRules
    ages: AgeTable
    registrars: tuple[str, ...]
    provenances: tuple[tuple[str, int], ...]  # source, as_of in days since 1970-01-01


def snapshot_pieces(snapshot: Snapshot) -> Iterator[bytes | memoryview]:
    """The block in pieces, to be written one after the other."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "secret": snapshot.keyed.keys,
        "rules": snapshot.rules.slots.ravel(),
        "starts": snapshot.ages.starts,
        "fingerprints": snapshot.ages.fingerprints,
        "facts": snapshot.ages.facts,
    }
    text = json.dumps(
        {
            "made_at": snapshot.made_at,
            "sizes": {name: len(array) for name, array in arrays.items()},
            "registrars": snapshot.registrars,
            "provenances": snapshot.provenances,
        }
    ).encode()
    yield (MAGIC + str(len(text)).encode()).ljust(PREAMBLE, b"\n")
    yield text + _padding(len(text))
    for name, array in arrays.items():
        plain = np.ascontiguousarray(array, SECTIONS[name])
        yield plain.view(np.uint8).data
        yield _padding(plain.nbytes)


def _padding(size: int) -> bytes:
    return b"\0" * (-size % ALIGNMENT)


def read_snapshot(block: npt.NDArray[np.uint8]) -> Snapshot:
    """Lay the arrays over the block, without copying. Raises MalformedInput."""
    meta, at = _read_front(block)
    try:
        sizes = {name: int(meta["sizes"][name]) for name in SECTIONS}
        registrars = tuple(str(text) for text in meta["registrars"])
        provenances = tuple((str(source), int(day)) for source, day in meta["provenances"])
        made_at = int(meta["made_at"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise MalformedInput("the snapshot's description is incomplete") from None
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, kind in SECTIONS.items():
        size = sizes[name] * np.dtype(kind).itemsize
        if sizes[name] < 0 or at + size > len(block):
            raise MalformedInput("the snapshot is cut short")
        arrays[name] = block[at : at + size].view(kind)
        at += size + len(_padding(size))
    rules: npt.NDArray[np.uint64] = np.array(arrays["rules"], np.uint64)
    if len(rules) % WAYS:
        raise MalformedInput("the table of suffix rules has an odd shape")
    return Snapshot(
        made_at=made_at,
        keyed=KeyedHash(arrays["secret"].tobytes()),
        rules=SuffixRules(rules.reshape(-1, WAYS)),
        ages=AgeTable(arrays["starts"], arrays["fingerprints"], arrays["facts"]),
        registrars=registrars,
        provenances=provenances,
    )


def _read_front(block: npt.NDArray[np.uint8]) -> tuple[dict[str, Any], int]:
    front = block[:PREAMBLE].tobytes()
    if len(front) < PREAMBLE or not front.startswith(MAGIC):
        raise MalformedInput("not an age snapshot of this version")
    try:
        size = int(front[len(MAGIC) :])
        if not 0 <= size <= min(LONGEST_JSON, len(block) - PREAMBLE):
            raise ValueError(size)
        meta = json.loads(block[PREAMBLE : PREAMBLE + size].tobytes())
    except (ValueError, RecursionError):
        raise MalformedInput("the snapshot's description cannot be read") from None
    if not isinstance(meta, dict):
        raise MalformedInput("the snapshot's description cannot be read")
    return meta, PREAMBLE + size + len(_padding(size))
