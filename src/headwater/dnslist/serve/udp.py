"""The process that answers over UDP: batches in, batches out."""

import gc
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headwater.dnslist.answers.batch import BatchAnswerer
from headwater.dnslist.answers.batch_names import Places
from headwater.dnslist.answers.limits import AccessList, Mask, ResponseRate
from headwater.dnslist.answers.quick import QuickAnswerer
from headwater.dnslist.answers.single import Answerer
from headwater.dnslist.answers.zone import Moment
from headwater.dnslist.serve.counters import Count, Row
from headwater.dnslist.serve.datagrams import DatagramBatch
from headwater.dnslist.serve.query_log import QueryLog
from headwater.dnslist.serve.unknown_names import UnknownNames
from headwater.dnslist.serve.zones import ZoneKeeper
from headwater.wire.dns import Code, encode_refusal, may_be_answered

FEW: Final = 32  # so many are answered faster one by one
WAIT_MS: Final = 1000
# A batch costs 150 to 400 microseconds, however small. So after a middling one the server
# lets a few more questions gather; after a few or a big one it does not wait.
MIDDLING: Final = 128
GATHER_SECONDS: Final = 0.0003
Clock = Callable[[], float]


class UdpServer:
    """Answers what comes in on ``sockets`` until told to stop."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        keeper: ZoneKeeper,
        *,
        batch: DatagramBatch,
        access: AccessList,
        rate: ResponseRate,
        names: UnknownNames,
        log: QueryLog,
        counts: Row,
        clock: Clock,
    ) -> None:
        self._sockets = {sock.fileno(): sock for sock in sockets}
        self._keeper, self._batch = keeper, batch
        self._access, self._rate = access, rate
        self._names, self._log = names, log
        self._counts, self._clock = counts, clock
        self._second = 0
        self._stopping = False
        self._take_up()

    def _take_up(self) -> None:
        """Build the answerers for the zones there are now."""
        served = self._keeper.served
        self._single = Answerer(served.zones, self._names.add)
        self._fast: BatchAnswerer | None = None
        self._quick: QuickAnswerer | None = None
        if served.ages:
            self._fast = BatchAnswerer(self._batch.block, served.ages, served.others)
            self._quick = QuickAnswerer(served.ages, served.others, self._names.add)

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
        gc.freeze()  # what is loaded stays: no collection need look at it again
        poll = select.poll()
        for fd in self._sockets:
            poll.register(fd, select.POLLIN)
        while not self._stopping:
            counts = [self.answer_waiting(fd) for fd, _ in poll.poll(WAIT_MS)]
            self.each_second()
            if FEW < sum(counts) < MIDDLING:
                time.sleep(GATHER_SECONDS)
        self._names.flush()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def each_second(self) -> None:
        """What is due once a second: new snapshots, unknown names to the file."""
        second = int(self._clock())
        if second == self._second:
            return
        self._second = second
        if self._keeper.refresh():
            self._take_up()
            self._counts[Count.RELOADS] += 1
        self._counts[Count.DAMAGED_FILES] = self._keeper.damaged
        self._counts[Count.SEND_FAILED] = self._batch.lost
        self._counts[Count.UNKNOWN_DROPPED] = self._names.dropped
        self._counts[Count.LOG_FAILED] = self._log.failed
        self._names.flush()

    def answer_waiting(self, fd: int) -> int:
        """One batch of what waits on a socket; how many there were."""
        count = self._batch.receive(fd)
        if not count:
            return 0
        self._counts[Count.UDP] += count
        moment = Moment(int(self._clock()))
        family = self._sockets[fd].family
        lengths = self._batch.lengths(count)
        clients = self._batch.clients(count, family)
        if self._log.due(count):
            message = self._batch.message(0, int(lengths[0]))
            self._log.write(message, _written(clients[0], family), "udp", moment.seconds)
        barred = ~self._access.allowed(clients)
        limited = self._rate.over(clients, moment.seconds)
        slips: Mask | None = None
        if limited is not None:
            dropped, slips = limited
            self._counts[Count.LIMITED] += int(np.count_nonzero(dropped))
        else:
            dropped = None
        self._answer(fd, count, lengths, moment, _Verdicts(barred, dropped, slips))
        return count

    def _answer(
        self, fd: int, count: int, lengths: Places, moment: Moment, verdicts: "_Verdicts"
    ) -> None:
        left: Any = np.arange(count)
        if self._fast is not None and count > FEW:
            # Who may not ask, or not now, is kept off the fast path by an impossible size.
            sizes = lengths if verdicts.clear else np.where(verdicts.held(), 0, lengths)
            done = self._fast.answer(count, sizes, moment, self._names.budget)
            for name in done.wanted:
                self._names.add(name)
            tails = self._fast.tails.octets.ctypes.data + done.tails.offsets
            if len(done.rows):
                self._batch.send(fd, done.rows, done.heads, (tails, done.tails.sizes))
                self._counts[:5] += np.bincount(done.standings, minlength=5).astype(np.uint64)
            left = done.others
        if verdicts.dropped is not None:
            left = left[~verdicts.dropped[left]]
        if len(left):
            self._answer_each(fd, left, lengths, moment, verdicts)

    def _answer_each(
        self, fd: int, rows: Places, lengths: Places, moment: Moment, verdicts: "_Verdicts"
    ) -> None:
        """The exact path: answers made one by one, sent together."""
        sizes = lengths.tolist()
        made = [(row, self._made(row, sizes[row], moment, verdicts)) for row in rows.tolist()]
        told = [(row, answer) for row, answer in made if answer is not None]
        if told:
            self._batch.send_whole(fd, [row for row, _ in told], [answer for _, answer in told])

    def _made(self, row: int, size: int, moment: Moment, verdicts: "_Verdicts") -> bytes | None:
        message = self._batch.message(row, size)
        if verdicts.slips is not None and verdicts.slips[row]:
            answer, kind = self._single.truncate(message), Count.TRUNCATED
        elif verdicts.barred[row]:
            answer, kind = self._single.refuse(message), Count.REFUSED
        elif size > len(message):  # more than any query of ours can need
            asked = may_be_answered(message)
            answer, kind = encode_refusal(message, Code.FORMERR) if asked else None, Count.OTHER
        elif self._quick is not None and (quick := self._quick.answer(message, moment)):
            self._counts[quick.standing] += 1
            return quick.message
        else:
            answer, kind = self._single.answer(message, moment), Count.OTHER
        self._counts[Count.SILENT if answer is None else kind] += 1
        return answer


class _Verdicts:
    """What the limits say of each row of a batch."""

    __slots__ = ("barred", "clear", "dropped", "slips")

    def __init__(self, barred: Mask, dropped: Mask | None, slips: Mask | None) -> None:
        self.barred, self.dropped, self.slips = barred, dropped, slips
        self.clear = dropped is None and not barred.any()

    def held(self) -> npt.NDArray[np.bool_]:
        if self.dropped is None or self.slips is None:
            return self.barred
        return self.barred | self.dropped | self.slips


def _written(client: Any, family: int) -> str:
    if family == socket.AF_INET:
        return str(ip_address(int(client)))
    return str(ip_address(bytes(client).ljust(16, b"\0")))
