"""What nfdump prints: its fixed ``pipe`` format, and its own CSV.

``-o pipe`` is made of whole numbers only (nfdump's manual, "Output formats"): address
family, first and last in milliseconds, protocol, source address as four 32-bit words,
source port, destination likewise, AS numbers, interfaces, flags, TOS, packets, bytes.
nfdump 1.6 writes seconds and milliseconds apart.

CSV: ``ts,te,td,sa,da,...`` (1.6 to 1.7.1) and ``firstSeen,duration,...`` (later). Times
there are in the local time of whoever ran nfdump, and ``ts``, ``te`` are cut to whole
seconds: the end is the start and the duration. They are taken as UTC.

nfcapd takes the two times of IPFIX that count from the exporter's start for each other
(softflowd 1.1 to nfcapd 1.7.1): a flow that ends before it starts is put the right way round.

nfcapd multiplies counters by the sampling rate when it stores them: rows that come out of
its files are scaled already.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.wire.addresses import address_dictionary, v4_as_v6
from headwater.wire.columns.instants import instants
from headwater.wire.columns.numbers import Ints, Values, values, whole_numbers
from headwater.wire.columns.spans import spans
from headwater.wire.columns.words import Coded, addresses, protocols, tcp_flags
from headwater.wire.flow_rows import Places, Portion, portion

PIPE_NAMES: Final = (
    *("family", "first", "last", "protocol"),
    *("src0", "src1", "src2", "src3", "src_port", "dst0", "dst1", "dst2", "dst3", "dst_port"),
    *("src_as", "dst_as", "input_if", "output_if", "tcp_flags", "tos", "packets", "bytes"),
)
IPV4, IPV6 = 2, 10  # AF_INET and AF_INET6, as Linux numbers them
LARGEST_WORD: Final = 2**32 - 1
LONGEST_US: Final = 86_400_000_000  # no exporter keeps a flow open longer; a clock may jump

KEPT_AS_IS: Final = frozenset(
    {
        *("protocol", "src_port", "dst_port", "src_as", "dst_as", "input_if", "output_if"),
        *("tcp_flags", "packets", "bytes"),
    }
)

# The answers of flows that were stored with both directions in one record.
ANSWERS_FORMAT: Final = "fmt:%ts|%te|%da|%sa|%dp|%sp|%pr|%opkt|%obyt"
ANSWERS_NAMES: Final = (
    *("started_at", "ended_at", "src", "dst", "src_port", "dst_port"),
    *("protocol", "packets", "bytes"),
)

# A CSV's own column names, for those of FLOWS.
OLDER_CSV: Final = {
    "src": "sa",
    "dst": "da",
    "src_port": "sp",
    "dst_port": "dp",
    "protocol": "pr",
    "tcp_flags": "flg",
    "packets": "ipkt",
    "bytes": "ibyt",
    "input_if": "in",
    "output_if": "out",
    "src_as": "sas",
    "dst_as": "das",
    "exporter": "ra",
}
NEWER_CSV: Final = {
    "src": "srcAddr",
    "dst": "dstAddr",
    "src_port": "srcPort",
    "dst_port": "dstPort",
    "protocol": "proto",
    "packets": "packets",
    "bytes": "bytes",
}
TURNED: Final = {"src": "da", "dst": "sa", "src_port": "dp", "dst_port": "sp", "exporter": "ra"}
NEEDED: Final = ("src", "dst", "protocol", "packets", "bytes")
SUMMARY: Final = "Summary"  # nfdump's last lines are no flows


def read_pipe(
    rows: pa.RecordBatch, places: Places, source: str, exporter: str | None, sampling: int
) -> Iterator[Portion | Refused]:
    """Flows from rows of 64-bit numbers, columns as in PIPE_NAMES."""
    number = {name: whole_numbers(rows.column(name)) for name in PIPE_NAMES}
    start, end = _in_order(_milliseconds(number["first"]), _milliseconds(number["last"]))
    fields: dict[str, Values | Coded] = {
        "started_at": start,
        "ended_at": end,
        "src": _address(number, "src"),
        "dst": _address(number, "dst"),
        **_of_file(rows.num_rows, exporter, sampling),
    }
    fields |= {name: number[name] for name in PIPE_NAMES if name in KEPT_AS_IS}
    yield from portion(fields, places, source, scaled=True)


def read_answers(
    rows: pa.RecordBatch, places: Places, source: str, exporter: str | None, sampling: int
) -> Iterator[Portion | Refused]:
    """The other directions, from rows of text, columns as in ANSWERS_NAMES."""
    fields = {name: _read(name, rows.column(name)) for name in ANSWERS_NAMES[2:]}
    start, end = _in_order(*(_instants(rows.column(name)) for name in ANSWERS_NAMES[:2]))
    fields |= {"started_at": start, "ended_at": end}
    fields |= _of_file(rows.num_rows, exporter, sampling)
    yield from portion(fields, places, source, scaled=True)


def check_csv(names: list[str]) -> Mapping[str, str]:
    """FLOWS column -> the CSV's column. Raises MalformedInput where it is not nfdump's."""
    known, times = (
        (OLDER_CSV, ("ts", "td")) if "sa" in names else (NEWER_CSV, ("firstSeen", "duration"))
    )
    missing = [
        name for name in (*times, *(known[name] for name in NEEDED)) if name not in names
    ]
    if missing:
        raise MalformedInput(f"nfdump CSV without {', '.join(missing)}")
    return {name: theirs for name, theirs in known.items() if theirs in names}


def read_csv(rows: pa.RecordBatch, places: Places, source: str) -> Iterator[Portion | Refused]:
    """Flows from rows of text with nfdump's column names; both directions of biflows."""
    known = check_csv(rows.schema.names)
    start, end, without_zone = _csv_times(rows)
    times: dict[str, Values | Coded] = {"started_at": start, "ended_at": end}
    fields = times | {name: _read(name, rows.column(csv)) for name, csv in known.items()}
    yield from portion(fields, places, source, scaled=True, without_zone=without_zone)
    if "opkt" in rows.schema.names:
        yield from _csv_answers(rows, fields, places, source)


def _csv_answers(
    rows: pa.RecordBatch, there: Mapping[str, Values | Coded], places: Places, source: str
) -> Iterator[Portion | Refused]:
    packets = whole_numbers(rows.column("opkt"))
    answered = packets.numbers > 0
    if not answered.any():
        return
    kept = pa.array(answered)
    fields: dict[str, Values | Coded] = {
        name: _read(name, rows.column(csv).filter(kept))
        for name, csv in TURNED.items()
        if csv in rows.schema.names
    }
    for name in ("started_at", "ended_at", "protocol"):
        field = there[name]
        assert isinstance(field, Values)
        fields[name] = field.at(np.flatnonzero(answered))
    fields["packets"] = packets.at(np.flatnonzero(answered))
    fields["bytes"] = whole_numbers(rows.column("obyt").filter(kept))
    yield from portion(fields, places.kept(answered), source, scaled=True)


def _csv_times(rows: pa.RecordBatch) -> tuple[Values, Values, int]:
    older = "ts" in rows.schema.names
    start, without_zone = instants(rows.column("ts" if older else "firstSeen"))
    length = spans(rows.column("td" if older else "duration"))
    end = values(start.numbers + length.numbers, start.missing, length.bad)
    if older and "te" in rows.schema.names and length.bad.any():
        # A duration below zero is printed as what 64 bits without a sign hold: past reading.
        told, known = _instants(rows.column("te")), ~length.bad
        end = values(
            np.where(known, end.numbers, told.numbers),
            np.where(known, end.missing, told.missing),
            np.where(known, end.bad, told.bad),
        )
        start, end = _in_order(start, end)
    return start, end, without_zone


def _read(name: str, column: pa.Array) -> Values | Coded:
    reader = READERS.get(name, whole_numbers)
    return reader(column)


def _instants(column: pa.Array) -> Values:
    return instants(column).values


READERS: Final[dict[str, Callable[[pa.Array], Values | Coded]]] = {
    "started_at": _instants,
    "ended_at": _instants,
    "src": addresses,
    "dst": addresses,
    "exporter": addresses,
    "protocol": protocols,
    "tcp_flags": tcp_flags,
}


def _in_order(first: Values, last: Values) -> tuple[Values, Values]:
    """Starts and ends (n) of flows, of which nfcapd may have taken one for the other."""
    ahead = first.numbers - last.numbers
    known = ~(first.missing | first.bad | last.missing | last.bad)
    turned = known & (ahead > 0) & (ahead <= LONGEST_US)
    started = np.where(turned, last.numbers, first.numbers)
    ended = np.where(turned, first.numbers, last.numbers)
    return values(started, first.missing, first.bad), values(ended, last.missing, last.bad)


def _milliseconds(field: Values) -> Values:
    bad = field.bad | (np.abs(field.numbers) > 2**62 // 1000)
    return values(np.where(bad, 0, field.numbers) * 1000, field.missing, bad)


def _address(number: Mapping[str, Values], side: str) -> Coded:
    words = np.stack([number[f"{side}{place}"].numbers for place in range(4)], axis=1)
    family = number["family"].numbers
    known = (family == IPV4) | (family == IPV6)
    bad = ~known | ((words < 0) | (words > LARGEST_WORD)).any(axis=1)
    low = np.clip(words, 0, LARGEST_WORD).astype(np.uint32)
    texts = address_dictionary(_packed(low, family == IPV6))
    return Coded(texts, np.zeros(len(bad), np.bool_), bad)


def _packed(
    words: npt.NDArray[np.uint32], sixes: npt.NDArray[np.bool_]
) -> npt.NDArray[np.uint32] | npt.NDArray[np.uint8]:
    if not sixes.any():
        return np.ascontiguousarray(words[:, 3])
    octets = v4_as_v6(np.ascontiguousarray(words[:, 3]))
    octets[sixes] = words[sixes].astype(">u4").view(np.uint8).reshape(-1, 16)
    return octets


def _of_file(size: int, exporter: str | None, sampling: int) -> dict[str, Values | Coded]:
    nowhere = np.zeros(size, np.bool_)
    rate: Ints = np.full(size, sampling, np.int64)
    fields: dict[str, Values | Coded] = {
        "sampling": Values(numbers=rate, missing=nowhere, bad=nowhere)
    }
    if exporter:
        codes = pa.array(np.zeros(size, np.int32))
        texts = pa.DictionaryArray.from_arrays(codes, pa.array([exporter]))
        fields["exporter"] = Coded(texts, nowhere, nowhere)
    return fields
