"""A reader that walks over bytes and never walks past their end."""

from struct import Struct

from headwater.records.errors import MalformedInput


class Cursor:
    """Reads big-endian fields in order; asking for too much is malformed input."""

    __slots__ = ("_data", "_position")

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = memoryview(data)
        self._position = 0

    @property
    def position(self) -> int:
        return self._position

    @property
    def remaining(self) -> int:
        return len(self._data) - self._position

    def take(self, size: int) -> memoryview:
        """The next ``size`` bytes. Raises MalformedInput where fewer are left."""
        if not 0 <= size <= self.remaining:
            raise MalformedInput(f"wanted {size} bytes, {self.remaining} left")
        start, self._position = self._position, self._position + size
        return self._data[start : self._position]

    def fields(self, layout: Struct) -> tuple[int, ...]:
        """The next fields of ``layout``. Raises MalformedInput where too few bytes are left."""
        return layout.unpack(self.take(layout.size))
