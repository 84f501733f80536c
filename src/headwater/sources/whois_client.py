"""Ask a WHOIS server (RFC 3912): one line out, text until the other side closes."""

import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from headwater.records.errors import RemoteFault

PORT: Final = 43
CHUNK: Final = 1 << 14

Connect = Callable[[str, int, float], socket.socket]  # host, port, seconds
Elapsed = Callable[[], float]  # seconds on a clock that never goes back


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long and how much of one answer is waited for."""

    seconds: float = 20.0
    bytes: int = 1 << 18


def connect(host: str, port: int, seconds: float) -> socket.socket:
    """A TCP connection, the first that succeeds of the host's addresses."""
    return socket.create_connection((host, port), timeout=seconds)


def ask_whois(
    server: str, line: bytes, connect: Connect, elapsed: Elapsed, patience: Patience
) -> bytes:
    """The whole answer, cut at ``patience.bytes``.

    Raises RemoteFault where the server cannot be reached, takes too long, or breaks off
    before it said anything. A connection cut after some text is an answer: what it holds
    is read, and nothing is added to it.
    """
    until = elapsed() + patience.seconds
    answer = bytearray()
    try:
        with closing(connect(server, PORT, patience.seconds)) as door:
            door.sendall(line)
            while len(answer) < patience.bytes:
                left = until - elapsed()
                if left <= 0:
                    raise RemoteFault(f"{server}: no whole answer in {patience.seconds:g} s")
                door.settimeout(left)
                chunk = door.recv(CHUNK)
                if not chunk:
                    break
                answer += chunk
    except TimeoutError:
        raise RemoteFault(f"{server}: no whole answer in {patience.seconds:g} s") from None
    except (OSError, UnicodeError) as why:
        if not answer:
            raise RemoteFault(f"{server}: {why}") from why
    if not answer.strip():
        raise RemoteFault(f"{server}: an empty answer")
    return bytes(answer[: patience.bytes])
