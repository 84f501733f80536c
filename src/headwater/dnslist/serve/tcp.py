"""The process that answers over TCP: pipelined (RFC 7766), with limits on everything."""

import asyncio
import contextlib
import signal
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from ipaddress import ip_address

import numpy as np

from headwater.dnslist.answers.limits import AccessList
from headwater.dnslist.answers.single import Answerer
from headwater.dnslist.answers.zone import Moment
from headwater.dnslist.serve.counters import Count, Row
from headwater.dnslist.serve.query_log import QueryLog
from headwater.dnslist.serve.unknown_names import UnknownNames
from headwater.dnslist.serve.zones import ZoneKeeper
from headwater.dnslist.settings import DnsSettings

LONGEST_QUERY = 4096  # a question has at most 271 bytes, an OPT record some more
BUFFER = 1 << 16


class TcpServer:
    """``serve`` runs until SIGTERM. Answers leave in the order of the questions."""

    def __init__(
        self,
        keeper: ZoneKeeper,
        settings: DnsSettings,
        *,
        access: AccessList,
        names: UnknownNames,
        log: QueryLog,
        counts: Row,
        clock: Callable[[], float],
    ) -> None:
        self._keeper, self._settings = keeper, settings
        self._access, self._names, self._log = access, names, log
        self._counts, self._clock = counts, clock
        self._single = Answerer(keeper.served.zones, names.add)
        self._clients: Counter[str] = Counter()

    async def serve(self, sockets: Sequence[socket.socket]) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        servers = [
            await asyncio.start_server(self._connected, sock=sock, limit=BUFFER)
            for sock in sockets
        ]
        while not stop.is_set():
            self._each_second()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1.0)
        for server in servers:
            server.close()
        self._names.flush()

    def _each_second(self) -> None:
        if self._keeper.refresh():
            self._single = Answerer(self._keeper.served.zones, self._names.add)
        self._counts[Count.UNKNOWN_DROPPED] = self._names.dropped
        self._counts[Count.LOG_FAILED] = self._log.failed
        self._names.flush()

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        peer = writer.get_extra_info("peername")
        have = self._settings
        client = str(peer[0]) if peer else ""
        full = not peer or self._clients.total() >= have.tcp_connections
        if full or self._clients[client] >= have.tcp_per_client:
            self._counts[Count.TCP_TURNED_AWAY] += 1
            writer.transport.abort()
            return
        self._counts[Count.TCP_CONNECTIONS] += 1
        self._clients[client] += 1
        try:
            await self._converse(client, reader, writer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass  # gone, silent or cut off: nobody to tell
        finally:
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]
            if writer.transport.get_write_buffer_size():
                writer.transport.abort()
            writer.close()

    async def _converse(
        self, client: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        idle = self._settings.tcp_idle_seconds
        allowed = self._allowed(client)
        for _ in range(self._settings.tcp_queries):
            async with asyncio.timeout(idle):
                size = int.from_bytes(await reader.readexactly(2))
                if size > LONGEST_QUERY:
                    return
                message = await reader.readexactly(size)
            answer = self._answer(message, client, allowed)
            if answer is None:
                return
            writer.write(len(answer).to_bytes(2) + answer)
            async with asyncio.timeout(idle):  # one who does not read is cut off
                await writer.drain()

    def _answer(self, message: bytes, client: str, allowed: bool) -> bytes | None:
        self._counts[Count.TCP] += 1
        seconds = int(self._clock())
        if self._log.due(1):
            self._log.write(message, client, "tcp", seconds)
        if not allowed:
            answer, kind = self._single.refuse(message), Count.REFUSED
        else:
            answer = self._single.answer(message, Moment(seconds), tcp=True)
            kind = Count.OTHER
        self._counts[Count.SILENT if answer is None else kind] += 1
        return answer

    def _allowed(self, client: str) -> bool:
        address = ip_address(client.partition("%")[0])
        if address.version == 4:
            return bool(self._access.allowed(np.array([int(address)], np.uint32))[0])
        return bool(self._access.allowed(np.array([address.packed], "S16"))[0])
