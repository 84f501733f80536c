"""What a snapshot is built from: one Arrow row per registrable name."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater.dnslist.answers.ages import (
    DAY_ZERO,
    LATEST_DAY,
    build_ages,
    pack_facts,
    stored_day,
)
from headwater.dnslist.answers.keyed_hash import Hashes, KeyedHash
from headwater.dnslist.answers.snapshot import Snapshot
from headwater.dnslist.answers.suffix_rules import SuffixRules, compile_rules

MOST_TEXTS: Final = 0xFFFF
LAST_DAY: Final = DAY_ZERO + LATEST_DAY
CHUNK: Final = 1 << 18
KNOWN: Final = "known"
NO_SUCH: Final = "no-such-domain"

# Days count from 1970-01-01. ``registered`` is null where there is no such domain.
AGE_ROWS: Final = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),  # registrable, A-labels, lower case
        pa.field("registered", pa.int32()),
        pa.field("changed", pa.int32()),
        pa.field("registrar", pa.string()),
        pa.field("source", pa.string()),
        pa.field("as_of", pa.int32()),
        pa.field("state", pa.string(), nullable=False),  # known | no-such-domain
    ]
)
NAME = r"^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$"


def build_snapshot(
    batches: Iterable[pa.RecordBatch], *, rules: Iterable[str], secret: bytes, made_at: int
) -> tuple[Snapshot, int]:
    """The snapshot of AGE_ROWS batches, and how many rows were refused.

    Refused are names that are no registrable names in lower-case ASCII and known names
    without a registration day. Of a name given twice the later row counts.
    """
    keyed = KeyedHash(secret)
    registrars, provenances = _Numbers(""), _Numbers(("", 0))
    hashes: list[Hashes] = []
    facts: list[Hashes] = []
    refused = 0
    for batch in batches:
        for start in range(0, batch.num_rows, CHUNK):
            rows = batch.slice(start, CHUNK)
            good = rows.filter(_well_formed(rows))
            refused += rows.num_rows - good.num_rows
            hashes.append(keyed.names(good["name"]))
            facts.append(_facts(good, registrars, provenances))
    snapshot = Snapshot(
        made_at=made_at,
        keyed=keyed,
        rules=SuffixRules(compile_rules(rules, keyed)),
        ages=build_ages(_joined(hashes), _joined(facts)),
        registrars=tuple(registrars.values),
        provenances=tuple(provenances.values),
    )
    return snapshot, refused


def _joined(pieces: list[Hashes]) -> Hashes:
    return np.concatenate(pieces) if pieces else np.zeros(0, np.uint64)


def _well_formed(rows: pa.RecordBatch) -> Any:
    functions: Any = pc
    name = functions.match_substring_regex(rows["name"], NAME)
    short = functions.less_equal(functions.binary_length(rows["name"]), 253)
    dated = functions.is_valid(rows["registered"])
    none = functions.equal(rows["state"], NO_SUCH)
    known = functions.and_(functions.equal(rows["state"], KNOWN), dated)
    return functions.and_(functions.and_(name, short), functions.or_(none, known))


def _facts(rows: pa.RecordBatch, registrars: "_Numbers", provenances: "_Numbers") -> Hashes:
    functions: Any = pc
    none = functions.equal(rows["state"], NO_SUCH).to_numpy(zero_copy_only=False)
    registered = _days(rows["registered"], 0)
    # No change known of: the registration was the last one.
    changed = np.maximum(_days(rows["changed"], -1), registered)
    stored = np.where(none, 0, stored_day(registered))
    return pack_facts(
        stored,
        stored_day(changed),
        _coded(rows["registrar"], registrars),
        _provenance(rows, provenances),
    )


def _days(column: Any, missing: int) -> npt.NDArray[np.int64]:
    days: npt.NDArray[np.int64] = column.fill_null(missing).to_numpy().astype(np.int64)
    return days


def _coded(column: Any, numbers: "_Numbers") -> npt.NDArray[np.int64]:
    coded = column.fill_null("").dictionary_encode()
    table = np.array([numbers.of(text) for text in coded.dictionary.to_pylist()], np.int64)
    found: npt.NDArray[np.int64] = table[coded.indices.to_numpy()]
    return found


def _provenance(rows: pa.RecordBatch, numbers: "_Numbers") -> npt.NDArray[np.int64]:
    coded = rows["source"].fill_null("").dictionary_encode()
    source = coded.indices.to_numpy().astype(np.int64)
    pairs = source << 32 | np.clip(_days(rows["as_of"], 0), 0, LAST_DAY)
    distinct, place = np.unique(pairs, return_inverse=True)
    texts = coded.dictionary.to_pylist()
    table = [numbers.of((texts[pair >> 32], pair & 0xFFFFFFFF)) for pair in distinct.tolist()]
    return np.array(table, np.int64)[place]


class _Numbers:
    """Gives each value a 16-bit number; what comes after the last number gets 0, "not said"."""

    __slots__ = ("_known", "values")

    def __init__(self, unsaid: Any) -> None:
        self.values: list[Any] = [unsaid]
        self._known: dict[Any, int] = {unsaid: 0}

    def of(self, value: Any) -> int:
        number = self._known.get(value)
        if number is None:
            number = len(self.values) if len(self.values) <= MOST_TEXTS else 0
            self._known[value] = number
            if number:
                self.values.append(value)
        return number
