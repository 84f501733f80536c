"""From mails to what they say, in this process or several."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing import get_context
from typing import Final

from headwater.pipeline.own_addresses import membership
from headwater.records.errors import MalformedInput
from headwater.records.incident import Incident
from headwater.records.intake import Refused
from headwater.records.settings import Network
from headwater.sources.mailbox import RawMail
from headwater.wire.mail import read_mail
from headwater.wire.mail_text import safe_line
from headwater.wire.reports.claim import Own
from headwater.wire.reports.order import Opened, open_report
from headwater.wire.reports.pattern import Pattern, opinion_of
from headwater.wire.reports.words import Words, default_words, words_with

MAILS_AT_ONCE: Final = 50
BYTES_AT_ONCE: Final = 8 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What reading depends on; plain values, so that it can go to other processes."""

    own_networks: tuple[Network, ...]
    never_accuse: tuple[Network, ...] = ()
    extra_words: str = ""  # an operator's own vocabulary, TOML
    patterns: tuple[Pattern, ...] = ()
    now: datetime
    trusted: bool = False  # from a mailbox that only known reporters write to


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMail:
    """One mail and what became of it; ``raw`` only where a person must read it."""

    digest: str
    source: str
    position: str
    opened: Opened
    raw: bytes = b""


def read_all(
    mails: Iterable[RawMail | Refused], reader: Reader, processes: int = 1
) -> Iterator[ReadMail | Refused]:
    """Read mails in their order, with at most so many processes, in bounded memory."""
    if processes <= 1:
        workshop = Workshop(reader)
        for mail in mails:
            yield mail if isinstance(mail, Refused) else workshop.read(mail)
        return
    yield from _in_parallel(iter(mails), reader, processes)


def _in_parallel(
    mails: Iterator[RawMail | Refused], reader: Reader, processes: int
) -> Iterator[ReadMail | Refused]:
    waiting: deque[Future[list[ReadMail | Refused]]] = deque()
    # "spawn": threads of the tables' engines must not be copied in mid-step.
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_set_up, initargs=(reader,)
    ) as pool:
        for batch in _batches(mails):
            waiting.append(pool.submit(_read_batch, batch))
            if len(waiting) > 2 * processes:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _batches(mails: Iterator[RawMail | Refused]) -> Iterator[list[RawMail | Refused]]:
    batch: list[RawMail | Refused] = []
    size = 0
    for mail in mails:
        batch.append(mail)
        size += len(mail.raw) if isinstance(mail, RawMail) else 0
        if len(batch) >= MAILS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


_WORKSHOP: "list[Workshop]" = []  # of a worker process


def _set_up(reader: Reader) -> None:
    _WORKSHOP[:] = [Workshop(reader)]


def _read_batch(batch: Sequence[RawMail | Refused]) -> list[ReadMail | Refused]:
    return [m if isinstance(m, Refused) else _WORKSHOP[0].read(m) for m in batch]


class Workshop:
    """A reader with its vocabulary and membership made ready."""

    __slots__ = ("_own", "_reader", "_taught", "_words")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._words: Words = (
            words_with(reader.extra_words) if reader.extra_words else default_words()
        )
        self._own: Own = membership(reader.own_networks, reader.never_accuse)
        self._taught = tuple(opinion_of(pattern) for pattern in reader.patterns)

    def read(self, mail: RawMail) -> ReadMail | Refused:
        try:
            opened = open_report(
                read_mail(mail.raw), self._own, self._words, self._reader.now, self._taught
            )
        except MalformedInput as wrong:
            return Refused(source=mail.source, position=mail.position, reason=str(wrong))
        except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as wrong:
            # A mail that no rule foresaw costs itself, never its neighbours.
            opened = Opened(
                unread=safe_line(f"stumbled over it: {type(wrong).__name__}: {wrong}")
            )
        if self._reader.trusted:
            opened = replace(opened, incidents=tuple(map(_trusted, opened.incidents)))
        return ReadMail(
            digest=digest_of(mail.raw),
            source=mail.source,
            position=mail.position,
            opened=opened,
            raw=mail.raw if opened.unread else b"",
        )


def _trusted(incident: Incident) -> Incident:
    """Of a reporter who alone knows the mailbox, a third of the doubt is left."""
    return replace(incident, confidence=round(1 - (1 - incident.confidence) / 3, 4))


def digest_of(raw: bytes) -> str:
    """Names a mail."""
    return hashlib.sha256(raw).hexdigest()[:16]
