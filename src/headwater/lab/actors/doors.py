"""Opening a TCP connection from a chosen source address, perhaps through a proxy."""

import asyncio
from dataclasses import dataclass
from ipaddress import IPv4Address
from types import TracebackType
from typing import Self

from headwater.lab.acts import Hop

PATIENCE_S = 20.0
DIAL_S = 6.0


class TurnedAway(Exception):
    """The other side answered, and its answer is no."""


@dataclass(slots=True)
class Line:
    """One open connection; a context that closes it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, data: bytes) -> None:
        """Send, and wait until it is on its way."""
        self.writer.write(data)
        await self.writer.drain()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.writer.close()


async def reach(src: str, dst: str, port: int, hop: Hop | None) -> Line:
    """A connection from src to dst, by way of the hop. Raises TurnedAway, OSError, EOFError."""
    if hop is None:
        return await _dial(src, dst, port)
    line = await _dial(src, hop.address, hop.port)
    try:
        greet = _socks5 if hop.kind == "socks5" else _connect
        await greet(line, dst, port, hop)
    except BaseException:
        line.writer.close()
        raise
    return line


async def _dial(src: str, dst: str, port: int) -> Line:
    async with asyncio.timeout(DIAL_S):
        reader, writer = await asyncio.open_connection(dst, port, local_addr=(src, 0))
    return Line(reader, writer)


async def _socks5(line: Line, dst: str, port: int, hop: Hop) -> None:
    """RFC 1928 section 3 to 6; the password exchange is RFC 1929."""
    methods = b"\x05\x01\x02" if hop.user else b"\x05\x01\x00"
    await line.say(methods)
    version, method = await line.reader.readexactly(2)
    if version != 5 or method == 0xFF:
        raise TurnedAway("no acceptable method")
    if method == 2:
        await _password(line, hop)
    await line.say(b"\x05\x01\x00\x01" + IPv4Address(dst).packed + port.to_bytes(2))
    answer = await line.reader.readexactly(4)
    if answer[1] != 0:
        raise TurnedAway(f"SOCKS reply {answer[1]}")
    size = {1: 4, 4: 16}.get(answer[3])
    if size is None:
        raise TurnedAway(f"SOCKS address type {answer[3]}")
    await line.reader.readexactly(size + 2)


async def _password(line: Line, hop: Hop) -> None:
    user, password = hop.user.encode(), hop.password.encode()
    await line.say(
        b"\x01" + len(user).to_bytes(1) + user + len(password).to_bytes(1) + password
    )
    if (await line.reader.readexactly(2))[1] != 0:
        raise TurnedAway("wrong password")


async def _connect(line: Line, dst: str, port: int, hop: Hop) -> None:
    """RFC 9110 section 9.3.6."""
    request = f"CONNECT {dst}:{port} HTTP/1.1\r\nHost: {dst}:{port}\r\n\r\n"
    await line.say(request.encode())
    head = await line.reader.readuntil(b"\r\n\r\n")
    if head.split(b" ", 2)[1:2] != [b"200"]:
        raise TurnedAway(head.split(b"\r\n", 1)[0].decode("ascii", "replace"))
