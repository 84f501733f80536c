"""What the files of every list server begin with, and columns of text joined into lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

REFRESH, RETRY, EXPIRE = 3600, 600, 604800
LINES: Final = 1 << 16  # rendered at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class ListZone:
    """A zone as written into a file. Names are absolute, with or without the final dot."""

    origin: str
    servers: tuple[str, ...]
    mailbox: str  # a mail address
    serial: int
    ttl: int = 3600  # files age by the day: short, and export again after midnight

    @property
    def mailbox_name(self) -> str:
        """RFC 1035 section 8: the local part becomes a label, its dots escaped."""
        local, _, domain = self.mailbox.partition("@")
        return f"{local.replace('.', chr(92) + '.')}.{absolute(domain)}"

    @property
    def timers(self) -> str:
        return f"{self.serial} {REFRESH} {RETRY} {EXPIRE} {self.ttl}"


@dataclass(frozen=True, slots=True)
class Listed:
    """Columns (n) of text: what is listed, the address that says so, the reason or nothing."""

    subjects: "pa.StringArray"
    addresses: "pa.StringArray"
    texts: "pa.StringArray | None" = None


def absolute(name: str) -> str:
    return f"{name.rstrip('.')}."


def lines(parts: Sequence[Any]) -> bytes:
    """Columns and constant texts joined row by row; the last part ends the line."""
    functions: Any = pc
    joined = functions.binary_join_element_wise(*parts, "")
    text: Any = pa.ListArray.from_arrays(pa.array([0, len(joined)], pa.int32()), joined)
    whole: str = functions.binary_join(text, "")[0].as_py()
    return whole.encode()


def slices(listed: Listed) -> list[Listed]:
    """The same in pieces of bounded size."""
    return [
        Listed(
            listed.subjects.slice(at, LINES),
            listed.addresses.slice(at, LINES),
            None if listed.texts is None else listed.texts.slice(at, LINES),
        )
        for at in range(0, len(listed.subjects), LINES)
    ]


def quoted(texts: "pa.StringArray") -> Any:
    """Texts as zone files take them between quotes: 255 bytes, nothing that ends the line."""
    functions: Any = pc
    plain = functions.replace_substring_regex(texts, r"[^ !#-\[\]-~]", "?")
    return functions.utf8_slice_codeunits(plain, 0, 255)
