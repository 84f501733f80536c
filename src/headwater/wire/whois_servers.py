"""Which WHOIS server answers for which suffix, and what single servers want to be asked."""

import csv
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final, NamedTuple

IANA: Final = "whois.iana.org"  # knows every top level's server; asked where we know none


class Form(NamedTuple):
    """How a server is asked and in which charset it answers."""

    query: str = "{name}"
    charset: str = "utf-8"


PLAIN: Final = Form()


def _rows(file: str) -> Iterable[dict[str, str]]:
    lines = (files("headwater.wire.registers") / file).read_text("utf-8").splitlines()
    return csv.DictReader(line for line in lines if not line.startswith("#"))


SERVERS: Final[Mapping[str, str]] = {
    row["suffix"]: row["server"] for row in _rows("whois_servers.csv")
}
FORMS: Final[Mapping[str, Form]] = {
    row["server"]: Form(row["query"], row["charset"]) for row in _rows("whois_forms.csv")
}


def server_of(name: str) -> str | None:
    """The server for ``name`` (A-labels): the longest known suffix decides."""
    labels = name.split(".")
    suffixes = (".".join(labels[at:]) for at in range(1, len(labels)))
    return next((SERVERS[suffix] for suffix in suffixes if suffix in SERVERS), None)


def form_of(server: str) -> Form:
    """How to ask ``server``; the plain form where nothing else is known."""
    return FORMS.get(server, PLAIN)


def query_line(name: str, form: Form) -> bytes:
    """What goes over the wire (RFC 3912 section 2: one line that ends in CR LF)."""
    return form.query.format(name=name).encode("ascii") + b"\r\n"


def decoded(answer: bytes, form: Form) -> str:
    """The answer as text: UTF-8 where it is, else the server's charset, else Latin-1.

    Servers change their charset before their documentation does; nothing here can fail.
    """
    # Escapes of ISO 2022 are ASCII, and would pass for UTF-8.
    escaped = b"\x1b$" in answer and form.charset.startswith("iso-2022")
    for charset in (form.charset,) if escaped else ("utf-8", form.charset):
        try:
            return answer.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return answer.decode("latin-1")
