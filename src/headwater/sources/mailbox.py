"""Mails on disk: mbox files, Maildirs, single files, folders of files, standard input.

Read one after the other, each bounded; what is too big is refused with its place, the rest
is read. Links are not followed out of a folder.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.sources.opened import Stream, opened
from headwater.wire.mail import MOST_BYTES

_CHUNK: Final = 1 << 20
_POSTMARK: Final = b"From "  # RFC 4155: what parts the mails of an mbox
_HIDDEN: Final = "."
_MAILDIR: Final = ("cur", "new")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMail:
    """One mail as it lay there."""

    raw: bytes
    source: str  # the file
    position: str  # "mail 3"


def mails_in(path: Path) -> Iterator[RawMail | Refused]:
    """Every mail of a file or folder, in the order of names."""
    if not path.is_dir():
        yield from _mails_of(path)
        return
    for file in _files_of(path):
        yield from _mails_of(file)


def _files_of(folder: Path) -> Iterator[Path]:
    """Files below a folder; of a Maildir those delivered, not those in delivery."""
    if all((folder / part).is_dir() for part in _MAILDIR):
        for part in _MAILDIR:
            yield from sorted(f for f in (folder / part).iterdir() if _is_mail_file(f))
        folders = (
            f for f in folder.iterdir() if f.is_dir() and f.name not in (*_MAILDIR, "tmp")
        )
    else:
        yield from sorted(f for f in folder.iterdir() if _is_mail_file(f))
        folders = (f for f in folder.iterdir() if f.is_dir())
    for inner in sorted(f for f in folders if not f.is_symlink()):
        yield from _files_of(inner)


def _is_mail_file(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(_HIDDEN)


def _mails_of(file: Path) -> Iterator[RawMail | Refused]:
    try:
        with opened(file) as stream:
            yield from mails_from(stream, str(file))
    except (MalformedInput, OSError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) and wrong.strerror else str(wrong)
        yield Refused(source=str(file), position="file", reason=f"file not readable: {reason}")


def mails_from(stream: Stream | BinaryIO, source: str) -> Iterator[RawMail | Refused]:
    """The mails of an mbox, or the one mail that there is."""
    lines = _lines(stream)
    first = next(lines, b"")
    while first.strip() == b"" and first:
        first = next(lines, b"")
    if not first:
        return
    if first.startswith(_POSTMARK):
        yield from _mbox(lines, source)
        return
    yield _gathered([first], lines, source, 1)


def _mbox(lines: Iterable[bytes], source: str) -> Iterator[RawMail | Refused]:
    """A line of "From " after an empty one begins the next mail; ">From " stands for itself."""
    mail: list[bytes] = []
    number, size, after_blank = 1, 0, False
    for line in lines:
        if after_blank and line.startswith(_POSTMARK):
            yield _one(mail, size, source, number)
            mail, size, number = [], 0, number + 1
        else:
            size += len(line)
            if size <= MOST_BYTES:
                mail.append(line[1:] if line.startswith(b">From ") else line)
        after_blank = line in {b"\n", b"\r\n"}
    yield _one(mail, size, source, number)


def _one(mail: list[bytes], size: int, source: str, number: int) -> RawMail | Refused:
    position = f"mail {number}"
    if size > MOST_BYTES:
        return Refused(source=source, position=position, reason=f"mail too big: {size} bytes")
    return RawMail(raw=b"".join(mail), source=source, position=position)


def _gathered(
    begun: list[bytes], lines: Iterable[bytes], source: str, number: int
) -> RawMail | Refused:
    size = sum(map(len, begun))
    for line in lines:
        size += len(line)
        if size > MOST_BYTES:
            return _one([], size, source, number)
        begun.append(line)
    return _one(begun, size, source, number)


def _lines(stream: Stream | BinaryIO) -> Iterator[bytes]:
    """Lines with their ends; one longer than a chunk comes in pieces."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        *whole, rest = (rest + chunk).splitlines(keepends=True)
        if rest.endswith(b"\n") or len(rest) > _CHUNK:
            whole.append(rest)
            rest = b""
        yield from whole
    if rest:
        yield rest
