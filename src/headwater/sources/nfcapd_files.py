"""nfcapd files, read by the program that writes them: nfdump, in its fixed ``pipe`` format.

Measured on a million flows with nfdump 1.7.1: pipe 0.55 s, a format of our own 2.0 s (and
its raw times are wrong), JSON 6.7 s, CSV 9.5 s. ``pipe`` does not say which exporter a flow
came from, so each exporter of the file is asked for in a pass of its own.

nfdump ends with 0 on damaged files: what it writes to standard error is what counts.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

import pyarrow as pa

from headwater.records.errors import MalformedInput, MissingProgram
from headwater.sources.line_records import Reading, read_records
from headwater.sources.tally import Tally
from headwater.wire import nfdump
from headwater.wire.addresses import canonical
from headwater.wire.flow_rows import Places
from headwater.wire.lines import blocks, delimited

MOST_PASSES: Final = 64
NOTHING_FOUND: Final = b"No matching flows"
ENVIRONMENT: Final = {"TZ": "UTC", "LC_ALL": "C", "PATH": "/usr/bin:/bin:/usr/local/bin"}
EXPORTER: Final = re.compile(r"SysID:\s*\d+,\s*IP:\s*(?P<address>[0-9a-fA-F.:]+),")
SAMPLER: Final = re.compile(
    r"Sampler:.*?(?:interval:\s*(?P<interval>\d+))(?:,\s*packet space:\s*(?P<space>\d+))?"
)
LONGEST_COMPLAINT: Final = 2000
SECONDS_FOR_HEADERS: Final = 120


class _Pass(NamedTuple):
    exporter: str | None
    sampling: int
    filter: str


def read_nfcapd(path: Path, source: str) -> Iterator[Reading]:
    """The flows of an nfcapd file; counters there are multiplied by sampling already.

    Raises MissingProgram where nfdump is not installed.
    """
    if not shutil.which("nfdump"):
        raise MissingProgram("nfcapd files are read by nfdump: install Debian's package nfdump")
    for run in _passes(_exporters(path)):
        yield from _read_pipe(path, source, run)
        yield from _read_answers(path, source, run)


def _read_pipe(path: Path, source: str, run: _Pass) -> Iterator[Reading]:
    def read(rows: pa.RecordBatch, places: Places) -> Iterator[Reading]:
        return nfdump.read_pipe(rows, places, source, run.exporter, run.sampling)

    tally = Tally(source)
    parse = delimited(nfdump.PIPE_NAMES, "|", kind=pa.int64())
    with _nfdump(path, "pipe", run.filter, tally) as output:
        yield from read_records(blocks(_Flows(output)), parse, read, tally, "record")
    yield from tally.drain()


def _read_answers(path: Path, source: str, run: _Pass) -> Iterator[Reading]:
    """The second direction of records that hold both; complaints were heard before."""

    def read(rows: pa.RecordBatch, places: Places) -> Iterator[Reading]:
        return nfdump.read_answers(rows, places, source, run.exporter, run.sampling)

    parse = delimited(nfdump.ANSWERS_NAMES, "|")
    both = " and ".join(filter(None, [run.filter, "out packets > 0"]))
    with _nfdump(path, nfdump.ANSWERS_FORMAT, both, Tally(source)) as output:
        tally = Tally(source)
        yield from read_records(blocks(_Flows(output)), parse, read, tally, "answer")
        yield from tally.drain()


class _Flows:
    """nfdump's output, empty where it says in words that there is none."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._begun = False

    def read(self, size: int, /) -> bytes:
        data = self._output.read(size)
        if not self._begun and data.startswith(NOTHING_FOUND):
            return b""
        self._begun = True
        return data


@contextmanager
def _nfdump(path: Path, form: str, flows: str, tally: Tally) -> Iterator[IO[bytes]]:
    """A running nfdump's output; what it complains of is added to the tally at the end."""
    command = ["nfdump", "-q", "-N", "-6", "-r", str(path.resolve()), "-o", form]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [*command, *([flows] if flows else [])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=ENVIRONMENT,
        )
        assert process.stdout
        try:
            yield process.stdout
            process.wait()
        finally:
            process.kill()
            process.stdout.close()
            process.wait()
        complaints.seek(0)
        said = complaints.read(LONGEST_COMPLAINT).decode("utf-8", "replace")
        _complain(process.returncode, said, tally)


def _complain(code: int, said: str, tally: Tally) -> None:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if lines:
        tally.add("nfdump", f"nfdump complains: {'; '.join(dict.fromkeys(lines))}")
    elif code:
        tally.add("nfdump", f"nfdump failed: it ended with {code}")


def _exporters(path: Path) -> dict[str, int]:
    """Address of each exporter of the file, and the sampling it announced (1: none)."""
    try:
        told = subprocess.run(
            ["nfdump", "-E", str(path.resolve())],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=ENVIRONMENT,
            timeout=SECONDS_FOR_HEADERS,
            check=False,
        )
    except subprocess.TimeoutExpired as why:
        raise MalformedInput("nfdump cannot list the file's exporters") from why
    return read_exporters(told.stdout.decode("utf-8", "replace").splitlines())


def read_exporters(lines: Sequence[str]) -> dict[str, int]:
    """What ``nfdump -E`` prints: exporters and the samplers below each.

    Of several samplers of one address the coarsest counts: it is the weakest evidence.
    """
    found: dict[str, int] = {}
    address = ""
    for line in lines:
        if exporter := EXPORTER.search(line):
            address = _canonical(exporter["address"])
            found.setdefault(address, 1)
        elif (sampler := SAMPLER.search(line)) and address:
            # RFC 5477 section 8.2: of every interval + space packets, interval are taken.
            interval, space = int(sampler["interval"]), int(sampler["space"] or 0)
            rate = (interval + space) // interval if sampler["space"] else interval
            found[address] = max(found[address], rate)
    found.pop("", None)
    return found


def _canonical(text: str) -> str:
    try:
        return canonical(text)
    except MalformedInput:
        return ""


def _passes(exporters: dict[str, int]) -> list[_Pass]:
    if not exporters or len(exporters) > MOST_PASSES:
        return [_Pass(None, max(exporters.values(), default=1), "")]
    if len(exporters) == 1:
        ((exporter, sampling),) = exporters.items()
        return [_Pass(exporter, sampling, "")]
    own = [_Pass(e, sampling, f"router ip {e}") for e, sampling in exporters.items()]
    others = " or ".join(run.filter for run in own)
    return [*own, _Pass(None, 1, f"not ({others})")]
