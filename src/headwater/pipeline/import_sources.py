"""Files of flows before they are read: what they are, whether they were imported before."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from headwater.lake.manifest import Import
from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.sources.flow_files import format_of, ignored_columns, kept
from headwater.sources.flow_formats import FlowFormat
from headwater.sources.list_files import digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of an import."""

    path: Path  # where its bytes are
    name: str  # as the operator gave it
    key: int  # its place among the files of this command
    digest: str
    octets: int
    kind: FlowFormat | None  # None: not recognised
    failed: str = ""  # why not
    already: bool = False  # imported before, or twice in this command
    known_flows: int = 0  # of an earlier import
    ignored_columns: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether there is something to read."""
        return self.kind is not None and not self.already

    def refusal(self, reason: str) -> Refused:
        """The word on a file that cannot be read, or not to its end."""
        return Refused(source=self.name, position="file", reason=reason)


@contextmanager
def recognised(
    path: Path,
    key: int,
    known: Mapping[str, Import],
    words: Sequence[str],
    stdin: BinaryIO,
    spool: Path,
) -> Iterator[Source]:
    """The file as a source, held in the spool meanwhile if it is a stream.

    ``known``: earlier imports by digest; ``words``: what makes the same file another source.
    """
    with kept(path, stdin, spool) as file:
        digest, failed = _digest(file, words)
        before = known.get(digest)
        kind, failed, ignored = (None, failed, ()) if failed else _look_at(file)
        yield Source(
            path=file,
            name=str(path),
            key=key,
            digest=digest,
            octets=file.stat().st_size,
            kind=kind,
            failed=failed,
            already=before is not None,
            known_flows=before.rows if before else 0,
            ignored_columns=ignored,
        )


def _digest(file: Path, words: Sequence[str]) -> tuple[str, str]:
    try:
        return digest_of(file, *words), ""
    except OSError as why:
        return "", f"not readable: {why.strerror}"


def _look_at(file: Path) -> tuple[FlowFormat | None, str, tuple[str, ...]]:
    try:
        kind = format_of(file)
        return kind, "", ignored_columns(file, kind)
    except MalformedInput as why:
        return None, str(why), ()
