"""How each deed is done. Every one returns a word for its outcome."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

from headwater.lab.actors.doors import Line, TurnedAway, reach
from headwater.lab.acts import Act, Deed

HURRY_S = 1.5  # a scanner waits for one repetition of its SYN at most
LINE = b"x" * 70 + b"\r\n"


async def fetch(act: Act) -> str:
    """One HTTP request; the path tells our web servers how much to answer."""
    async with await reach(act.src, act.dst, act.port, act.hop) as line:
        head = f"GET /{act.reply} HTTP/1.1\r\nHost: {act.dst}\r\nConnection: close\r\nCookie: "
        padding = "c" * max(1, act.size - len(head) - 4)
        await line.say(f"{head}{padding}\r\n\r\n".encode())
        while await line.reader.read(65536):
            pass
    return "done"


async def knock(act: Act) -> str:
    """Open and close."""
    async with asyncio.timeout(HURRY_S):
        async with await reach(act.src, act.dst, act.port, act.hop):
            return "done"


async def hold(act: Act) -> str:
    """A connection that stays, with one small message in each period."""
    until = asyncio.get_running_loop().time() + act.lasting
    async with await reach(act.src, act.dst, act.port, act.hop) as line:
        while asyncio.get_running_loop().time() < until:
            await line.say(os.urandom(act.size))
            await line.reader.readexactly(act.size)
            await asyncio.sleep(act.period)
    return "done"


async def swap(act: Act) -> str:
    """Both sides send much at the same time; our peers answer each block with another."""
    async with await reach(act.src, act.dst, act.port, act.hop) as line:
        blocks = max(1, act.reply // 4096)
        for _ in range(blocks):
            await line.say(os.urandom(4096))
            await line.reader.readexactly(4096)
    return "done"


async def ask(act: Act) -> str:
    """One datagram and its answer."""
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in act.src else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as door:
        door.setblocking(False)
        door.bind((act.src, 0))
        await loop.sock_connect(door, (act.dst, act.port))
        # RFC 1035 section 4.1.1: a query with one question; other servers do not look inside
        head = os.urandom(2) + bytes.fromhex("01000001000000000000")
        await loop.sock_sendall(door, head + bytes(max(5, act.size - len(head))))
        async with asyncio.timeout(5):
            await loop.sock_recv(door, 65535)
    return "done"


async def mail(act: Act) -> str:
    """One SMTP transaction (RFC 5321 section 3.3), ended politely when refused."""
    async with await reach(act.src, act.dst, act.port, act.hop) as line:
        try:
            await _transaction(line, act)
        except TurnedAway:
            await line.say(b"QUIT\r\n")
            return "refused"
        await _order(line, "QUIT", 221)
    return "done"


async def _transaction(line: Line, act: Act) -> None:
    await _expect(line, 220)
    await _order(line, "EHLO client.example", 250)
    await _order(line, f"MAIL FROM:<{act.sender}>", 250)
    for recipient in act.recipients:
        await _order(line, f"RCPT TO:<{recipient}>", 250)
    await _order(line, "DATA", 354)
    await line.say(b"Subject: hello\r\n\r\n" + LINE * (act.size // len(LINE)))
    await _order(line, ".", 250)


async def _order(line: Line, words: str, expected: int) -> None:
    await line.say(f"{words}\r\n".encode())
    await _expect(line, expected)


async def _expect(line: Line, expected: int) -> None:
    while True:
        reply = await line.reader.readuntil(b"\n")
        if reply[3:4] != b"-":
            break
    if reply[:3] != str(expected).encode():
        raise TurnedAway(reply.decode("ascii", "replace").strip())


DEEDS: dict[Deed, Callable[[Act], Awaitable[str]]] = {
    Deed.FETCH: fetch,
    Deed.MAIL: mail,
    Deed.HOLD: hold,
    Deed.SWAP: swap,
    Deed.ASK: ask,
    Deed.KNOCK: knock,
}
