"""Small servers of one namespace: `python -m headwater.lab.actors.servers PARTS`.

PARTS is a JSON list of [kind, address, port].
"""

import asyncio
import json
import os
import random
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

Serve = Callable[[StreamReader, StreamWriter], Awaitable[None]]
LARGEST_ANSWER = 1_000_000
BROKEN = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError)


async def web(reader: StreamReader, writer: StreamWriter) -> None:
    """`GET /N` is answered with N octets."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
    path = head.split(b" ", 2)[1].strip(b"/")
    if not path.isdigit():
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        return
    size = min(LARGEST_ANSWER, int(path))
    await asyncio.sleep(random.uniform(0.005, 0.08))
    writer.write(
        f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n".encode()
        + b"w" * size
    )
    await writer.drain()


async def echo(reader: StreamReader, writer: StreamWriter) -> None:
    """What comes goes back: push services, and peers that swap blocks."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


def _politely(serve: Serve) -> Serve:
    async def whole(reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(*BROKEN, TimeoutError):
            await serve(reader, writer)
        writer.close()

    return whole


class Answers(asyncio.DatagramProtocol):
    """A UDP service: `answer` makes the reply from the question."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # not an isinstance test: before Python 3.12 the real one does not derive from it
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None:
            self._transport.sendto(self._answer(data), addr)


def no_such_name(query: bytes) -> bytes:
    """RFC 1035 section 4.1.1: the query back, with QR set and RCODE 3."""
    if len(query) < 12:
        return query
    return query[:2] + bytes([0x80 | query[2], 0x83]) + query[4:]


def of_chance_length(_: bytes) -> bytes:
    """What a peer has."""
    return os.urandom(random.randint(100, 1200))


STREAMS: dict[str, Serve] = {"web": web, "push": echo, "peer": echo}
DATAGRAMS: dict[str, Callable[[bytes], bytes]] = {
    "time": lambda query: query[:48],
    "names": no_such_name,
    "peer": of_chance_length,
}


async def serve(parts: list[tuple[str, str, int]]) -> None:
    """Open every door, then wait to be killed."""
    loop = asyncio.get_running_loop()
    for kind, address, port in parts:
        if kind in STREAMS:
            await asyncio.start_server(_politely(STREAMS[kind]), address, port, backlog=256)
        if kind in DATAGRAMS:
            answer = DATAGRAMS[kind]
            await loop.create_datagram_endpoint(
                lambda answer=answer: Answers(answer),  # type: ignore[misc]
                local_addr=(address, port),
            )
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text())))
