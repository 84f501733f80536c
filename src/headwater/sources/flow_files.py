"""Files of flows in any format: found, recognised, read."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from headwater.records.errors import Misconfigured
from headwater.records.intake import Datagram, FlowBatch, FlowReading, Refused, SequenceGap
from headwater.sources.capture_files import datagrams
from headwater.sources.flow_formats import HEAD_OCTETS, FlowFormat, detect, header
from headwater.sources.flow_lines import read_csv, read_zeek, read_zeek_json
from headwater.sources.nfcapd_files import read_nfcapd
from headwater.sources.opened import OnRead, Stream, ignore, is_packed, opened
from headwater.sources.parquet_flows import parquet_columns, read_parquet
from headwater.wire.flow_export import FlowDecoder
from headwater.wire.flow_rows import Places, Portion
from headwater.wire.flow_table import unknown_columns

Reading = Portion | Refused | SequenceGap
STDIN: Final = Path("-")
COPIED_OCTETS: Final = 1 << 20
NEED_A_FILE: Final = frozenset({FlowFormat.PARQUET, FlowFormat.NFCAPD})


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The files meant: folders are walked in order of names, hidden files passed over.

    Raises Misconfigured where a path is not there.
    """
    found: list[Path] = []
    for path in paths:
        if path == STDIN or path.is_file() or path.is_fifo():
            found.append(path)
        elif path.is_dir():
            found += (
                p for p in sorted(path.rglob("*")) if p.is_file() and not _hidden(p, path)
            )
        else:
            raise Misconfigured(f"{path}: no such file or folder")
    return found


@contextmanager
def kept(path: Path, stdin: BinaryIO, spool: Path) -> Iterator[Path]:
    """A file that can be read more than once: streams are spooled to the disk first."""
    if path != STDIN and not path.is_fifo():
        yield path
        return
    given = nullcontext(stdin) if path == STDIN else path.open("rb")
    with given as stream, _spooled(stream, spool) as file:
        yield file


def format_of(path: Path) -> FlowFormat:
    """The file's format. Raises MalformedInput where it has none that is read."""
    with opened(path) as stream:
        return detect(stream.peek(HEAD_OCTETS))


def ignored_columns(path: Path, kind: FlowFormat) -> tuple[str, ...]:
    """Columns of a table that are passed over. Raises MalformedInput as ``readings``."""
    if kind is FlowFormat.CSV:
        with opened(path) as stream:
            return tuple(unknown_columns(header(stream.peek(HEAD_OCTETS).splitlines()[0])[0]))
    if kind is FlowFormat.PARQUET and not is_packed(path):
        return tuple(unknown_columns(parquet_columns(path)))
    return ()


def readings(
    path: Path,
    source: str,
    kind: FlowFormat,
    decoder: FlowDecoder,
    spool: Path,
    on_read: OnRead = ignore,
) -> Iterator[Reading]:
    """Everything the file holds. ``decoder`` keeps templates from one capture to the next.

    Raises MalformedInput where the rest of the file cannot be read, MissingProgram where
    its reader is not installed.
    """
    if kind in NEED_A_FILE:
        with _unpacked(path, spool) as plain:
            yield from (read_parquet if kind is FlowFormat.PARQUET else read_nfcapd)(
                plain, source
            )
        return
    with opened(path, on_read) as stream:
        yield from _stream_readings(stream, source, kind, decoder)


def _stream_readings(
    stream: Stream, source: str, kind: FlowFormat, decoder: FlowDecoder
) -> Iterator[Reading]:
    if kind is FlowFormat.CAPTURE:
        yield from _read_capture(stream, source, decoder)
    elif kind is FlowFormat.ZEEK:
        yield from read_zeek(stream, source)
    elif kind is FlowFormat.ZEEK_JSON:
        yield from read_zeek_json(stream, source)
    else:
        yield from read_csv(stream, source, kind)


def _read_capture(stream: Stream, source: str, decoder: FlowDecoder) -> Iterator[Reading]:
    for found in datagrams(stream, source):
        if isinstance(found, Refused):
            yield found
        else:
            yield from decoded(found, source, decoder)


def decoded(
    packets: Sequence[Datagram], source: str, decoder: FlowDecoder
) -> Iterator[Reading]:
    """What some export packets hold."""
    yield from _placed(decoder.feed(packets, source), packets[0].position)


def left_over(decoder: FlowDecoder) -> Iterator[Reading]:
    """What the decoder still held when no more packets will come."""
    yield from _placed(decoder.finish(), 1)


def _placed(found: Iterator[FlowReading], first: int) -> Iterator[Reading]:
    for reading in found:
        if isinstance(reading, FlowBatch):
            numbers = np.full(reading.flows.num_rows, first, np.int64)
            places = Places(unit="packets from", numbers=numbers)
            yield Portion(flows=reading.flows, places=places)
        else:
            yield reading


@contextmanager
def _unpacked(path: Path, spool: Path) -> Iterator[Path]:
    """The file itself, or an unpacked copy for readers that cannot read a stream."""
    if not is_packed(path):
        yield path
        return
    with opened(path) as stream, _spooled(stream, spool) as file:
        yield file


@contextmanager
def _spooled(stream: BinaryIO | Stream, spool: Path) -> Iterator[Path]:
    """What is left of a stream, as a file; stopped at any moment, none is left behind."""
    spool.mkdir(parents=True, exist_ok=True)
    path = spool / f"import-{secrets.token_hex(8)}"
    try:
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as file:
            while data := stream.read(COPIED_OCTETS):
                file.write(data)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
