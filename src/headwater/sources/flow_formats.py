"""Which format a file of flows has, from what is in it; its name does not count."""

import json
from enum import StrEnum
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.tables import FLOWS
from headwater.wire.flow_rows import REQUIRED
from headwater.wire.pcap import MAGICS

HEAD_OCTETS: Final = 64 * 1024
NFCAPD: Final = frozenset({b"\x0c\xa5", b"\xa5\x0c"})
DELIMITERS: Final = (",", ";", "\t", "|")
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class FlowFormat(StrEnum):
    """What ``import flows`` reads."""

    CAPTURE = "capture of export packets"
    NFCAPD = "nfcapd file"
    NFDUMP_CSV = "nfdump CSV"
    ZEEK = "Zeek conn.log"
    ZEEK_JSON = "Zeek conn.log, JSON"
    CSV = "CSV"
    PARQUET = "Parquet"


def detect(head: bytes) -> FlowFormat:
    """The format of a file that begins with ``head``.

    Raises MalformedInput, saying what was found instead, where it is none of them.
    """
    if not head:
        raise MalformedInput("empty file")
    if head[:4] in MAGICS:
        return FlowFormat.CAPTURE
    if head[:4] == b"PAR1":
        return FlowFormat.PARQUET
    if head[:2] in NFCAPD:
        return FlowFormat.NFCAPD
    return _text_format(head)


def header(line: bytes) -> tuple[list[str], str]:
    """Column names and delimiter of a CSV's first line."""
    text = line.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "replace").strip("\r\n")
    delimiter = max(DELIMITERS, key=text.count)
    return [name.strip().strip('"') for name in text.split(delimiter)], delimiter


def _text_format(head: bytes) -> FlowFormat:
    lines = head.removeprefix(BYTE_ORDER_MARK).lstrip().splitlines()
    first = lines[0] if lines else b""
    if first.startswith(b"#"):
        return _commented(lines)
    if first.startswith(b"{"):
        return _json(first)
    names, _ = header(first)
    plain = {name.lower() for name in names}
    if {"sa", "da", "pr"} <= plain or {"srcaddr", "dstaddr", "proto"} <= plain:
        return FlowFormat.NFDUMP_CSV
    if plain & set(FLOWS.names):
        return FlowFormat.CSV
    raise MalformedInput(_nothing_known(first))


def _commented(lines: list[bytes]) -> FlowFormat:
    fields = [line for line in lines if line.startswith(b"#fields")]
    if fields and b"id.orig_h" in fields[0]:
        return FlowFormat.ZEEK
    if fields:
        raise MalformedInput("a Zeek log, but not conn.log")
    raise MalformedInput(_nothing_known(lines[0]))


def _json(line: bytes) -> FlowFormat:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    if isinstance(record, dict) and "id.orig_h" in record:
        return FlowFormat.ZEEK_JSON
    raise MalformedInput("JSON, but not one Zeek connection a line")


def _nothing_known(line: bytes) -> str:
    text = line[:80].decode("ascii", "backslashreplace")
    if not text.isprintable():
        return f"no format that is read: it begins with {line[:8].hex()}"
    wanted = ", ".join(REQUIRED)
    return (
        f"no format that is read: a text without a line of column names ({wanted}, ...);"
        f" its first line is {text!r}"
    )
