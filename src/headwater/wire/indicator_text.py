"""One indicator as people pass it on: address, prefix, domain, with a port or as a URL."""

import re
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.sighting import Sighting, SubjectKind
from headwater.wire.prefix_text import read_prefix

HIGHEST_PORT: Final = 65_535
LONGEST: Final = 2048
LONGEST_DOMAIN: Final = 253  # RFC 1035 section 2.3.4

# Indicators are often written so that nobody clicks on them: hxxp://192.0.2[.]1
_DEFANGED: Final = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)", re.IGNORECASE)
_COLON: Final = re.compile(r"\[:\]|\[://\]", re.IGNORECASE)
_URL: Final = re.compile(r"([a-z][a-z0-9+.-]*)://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?",
                         re.IGNORECASE)  # fmt: skip
_HOST_PORT: Final = re.compile(r"(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})")
# Letters, digits, hyphens and, as is found in practice, underscores (RFC 2181 section 11).
_DOMAIN: Final = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{1,62}"
)
USUAL_PORTS: Final = {"http": 80, "https": 443}


def read_indicator(text: str, port: int | None = None) -> Sighting:
    """The subject and port of one indicator; ``port`` counts where the text has none.

    Raises MalformedInput for what is no address, prefix, domain or URL.
    """
    if len(text) > LONGEST:
        raise MalformedInput(f"indicator too long: {len(text)} characters")
    plain = _COLON.sub(lambda found: found[0].strip("[]"), _DEFANGED.sub(".", text.strip()))
    host, written = _apart(plain)
    subject, kind = _subject(host)
    return Sighting(subject, kind, port if written is None else written)


def read_port(text: str) -> int | None:
    """A port from a column; empty, ``?`` and ``-`` mean that none is known."""
    plain = text.strip()
    if plain in {"", "?", "-", "*"}:
        return None
    if not plain.isascii() or not plain.isdigit() or not 0 < int(plain[:6]) <= HIGHEST_PORT:
        raise MalformedInput(f"not a port: {plain[:20]!r}")
    return int(plain)


def _apart(text: str) -> tuple[str, int | None]:
    if url := _URL.match(text):
        scheme = url[1].lower().replace("hxxp", "http")
        port = read_port(url[3]) if url[3] else USUAL_PORTS.get(scheme)
        return url[2].strip("[]"), port
    if pair := _HOST_PORT.fullmatch(text):
        return pair[1] or pair[2], read_port(pair[3])
    return text, None


def _subject(host: str) -> tuple[str, SubjectKind]:
    try:
        return read_prefix(host)
    except MalformedInput:
        name = host.lower().rstrip(".")
        if len(name) <= LONGEST_DOMAIN and _DOMAIN.fullmatch(name):
            return name, SubjectKind.DOMAIN
    raise MalformedInput(f"not an address or domain: {host[:64]!r}")
