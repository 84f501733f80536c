"""A sample of the queries, one JSON object a line, in a file of bounded size."""

import json
from ipaddress import ip_address, ip_network
from pathlib import Path

from headwater.records.errors import MalformedInput
from headwater.wire.dns import Query, read_query


class QueryLog:
    """Writes every ``sample``-th query; a full file becomes ``.1``.

    A log that cannot be written (a full disk) is counted in ``failed`` and stops no answer.
    """

    __slots__ = ("_addresses", "_most", "_path", "_sample", "_until", "failed")

    def __init__(self, path: Path | None, *, sample: int, most: int, addresses: bool) -> None:
        self._path = path
        self._sample = sample
        self._most = most
        self._addresses = addresses
        self._until = sample
        self.failed = 0

    def due(self, count: int) -> bool:
        """Whether one of the next ``count`` queries is to be written."""
        if self._path is None:
            return False
        self._until -= count
        if self._until > 0:
            return False
        self._until = self._sample
        return True

    def write(self, message: bytes, client: str, transport: str, seconds: int) -> None:
        """``message`` as received. What cannot be read has no name in the log."""
        if self._path is None:
            return
        try:
            query = read_query(message)
        except MalformedInput:
            query = None
        line = json.dumps(
            {
                "at": seconds,
                "client": client if self._addresses else client_network(client),
                "transport": transport,
                "name": question_text(query) if query else None,
                "type": query.qtype if query else None,
            }
        )
        try:
            self._append(self._path, line)
        except OSError:
            self.failed += 1

    def _append(self, path: Path, line: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > self._most:
            path.replace(path.with_name(f"{path.name}.1"))
        with path.open("a", encoding="ascii") as file:
            file.write(line + "\n")


def question_text(query: Query) -> str:
    """The name in lower case; what is no plain text escaped."""
    text = b".".join(query.labels).decode("latin-1")
    return "".join(c if c.isascii() and c.isprintable() else f"\\{ord(c):03}" for c in text)


def client_network(client: str) -> str:
    """Whoever asks is known by the network only: /24 or /56."""
    size = 24 if ip_address(client).version == 4 else 56
    return str(ip_network((client, size), strict=False))
