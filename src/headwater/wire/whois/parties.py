"""Registrar, nameservers, status and referral, out of the entries about a domain."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from headwater.wire.names import ascii_name, has_known_suffix, is_host
from headwater.wire.whois.about import names_domain
from headwater.wire.whois.lines import Entry
from headwater.wire.whois.words import Meaning, plain, says_only

MAX_NAMESERVERS: Final = 64
MAX_STATUS: Final = 32
LONGEST_REGISTRAR: Final = 160
_NAME_LABELS: Final = frozenset(
    [
        "name",
        "organization",
        "organisation",
        "company",
        "registrar",
        "organisation",
        "name",
        "organization",
        "name",
        "org",
        "nom",
    ]
) | {"registrar name", "organization name", "organisation name", "company name", "org name"}
_HOLDER_LABELS: Final = frozenset(
    ["owner", "registrant", "holder", "titular", "titulaire", "registrante"]
) | {"registrant name", "domain holder", "owner name", "domain owner", "holder c"}
_SPLIT: Final = re.compile(r"[\s,;()\[\]<>|/\"']+")
_NUMBERED: Final = re.compile(
    r"^(?:[-*•+]+|\d{1,2}[.):]?|ns\d{0,2}\s*[:=.)]|dns\d?\s*[:=])\s+", re.I
)
_WEB: Final = re.compile(r"^(?:https?://|www\.)", re.IGNORECASE)
_URL_TAIL: Final = re.compile(r"\s*[(\[<]?\s*https?://\S*\s*[)\]>]?$", re.IGNORECASE)
_ID_TAIL: Final = re.compile(
    r"\s*(?:\((?:[A-Z]*\d+[\w-]*)\)|\[Tag = [^\]]*\]|\s[A-Z]\d+-[A-Z]{2,})\s*$"
)
_NOBODY: Final = re.compile(
    r"^(?:no registrar|not? (?:applicable|available|defined|disclosed)|n/a|none|-+$|redacted)",
    re.I,
)


def nameservers(entries: Iterable[Entry], domain: str | None) -> tuple[str, ...]:
    """Names of the servers of ``domain`` in order, lower case, each once."""
    found: dict[str, None] = {}
    for entry in entries:
        for host in _hosts_of(entry):
            found.setdefault(host)
    # Handles look like hosts below a top level that is none; `DNS:` may mean the domain.
    real = [host for host in found if host != domain and has_known_suffix(host)]
    return tuple((real or list(found))[:MAX_NAMESERVERS])


def _hosts_of(entry: Entry) -> Iterator[str]:
    if entry.label and says_only(entry.label, Meaning.NAMESERVER):
        yield from _hosts(entry.value)
    elif says_only(entry.section, Meaning.NAMESERVER):
        if entry.loose:
            yield from _hosts(entry.text)
        elif len(plain(entry.label)) <= 4:
            yield from _hosts(entry.value)


def _hosts(text: str) -> Iterator[str]:
    """Hosts of a line that begins with one; addresses beside them are left out."""
    words = [w for w in _SPLIT.split(_NUMBERED.sub("", text.strip())) if w]
    if len(words) > 2 and words[1].upper() == "NS":  # as in a zone file
        words = words[2:]
    for at, word in enumerate(words):
        host = ascii_name(word)
        if host and is_host(host):
            yield host
        elif at == 0 and not _is_address(word):
            return


def _is_address(word: str) -> bool:
    return bool(re.fullmatch(r"[\d.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*", word))


def registrar(entries: Sequence[Entry]) -> str | None:
    """The registrar's name; None where the answer names none."""
    ours = [e for e in entries if e.value and not _is_sentence(e)]
    proper = [*_direct(ours), *_below_heading(ours)]
    objects = _of_objects(ours)
    proper = [(label, objects.get(value, value)) for label, value in proper]
    # `Registered through` is a reseller where a registrar is named besides.
    proper.sort(key=lambda found: plain(found[0]).startswith("registered"))
    return next((name for _, value in proper if (name := _clean(value))), None)


def _of_objects(entries: Sequence[Entry]) -> dict[str, str]:
    """Names by handle, where the registrar's own object follows the domain's."""
    names: dict[str, str] = {}
    blocks = {e.block: e.value for e in entries if _opens_object(e)}
    for entry in entries:
        handle = blocks.get(entry.block)
        if handle and plain(entry.label) in {"name", "organization", "organisation"}:
            names.setdefault(handle, entry.value)
    return {handle: name for handle, name in names.items() if len(name) > 3}


def _opens_object(entry: Entry) -> bool:
    return plain(entry.label) == "registrar" == plain(entry.opener)


def _is_sentence(entry: Entry) -> bool:
    return entry.loose and len(entry.text.split()) > 14


def _direct(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        if says_only(entry.label, Meaning.REGISTRAR):
            yield entry.label, entry.value


def _below_heading(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    ours = [e for e in entries if says_only(e.section, Meaning.REGISTRAR)]
    for wanted in ("organi", "name"):
        for entry in ours:
            label = plain(entry.label)
            if not entry.loose and wanted in label and label in _NAME_LABELS:
                yield entry.section, entry.value
    yield from ((entry.section, entry.text) for entry in ours if entry.loose)


def _clean(value: str) -> str | None:
    name = _ID_TAIL.sub("", _URL_TAIL.sub("", value)).strip(" \t,;")
    if not name or len(name) > LONGEST_REGISTRAR or _WEB.match(name) or _NOBODY.match(name):
        return None
    return name


def status(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Status values as printed, without the addresses that explain them."""
    found: dict[str, None] = {}
    for entry in entries:
        labelled = not entry.loose and _says_status(entry.label)
        below = entry.loose and says_only(entry.section, Meaning.STATUS)
        if labelled or below:
            for value in _split_status(entry.value if labelled else entry.text):
                found.setdefault(value)
    return tuple(list(found)[:MAX_STATUS])


def _says_status(label: str) -> bool:
    parts = [part for part in label.split("/") if part.strip()]
    return bool(parts) and all(says_only(part, Meaning.STATUS) for part in parts)


def _split_status(value: str) -> Iterator[str]:
    bare = re.sub(r"\s*\(?https?://\S*", "", value).strip()
    for part in bare.split(","):
        if part.strip():
            yield part.strip()[:100]


def referral(entries: Iterable[Entry]) -> str | None:
    """The registrar's own WHOIS server, where the registry names one."""
    for entry in entries:
        if not entry.loose and says_only(entry.label, Meaning.REFERRAL):
            host = ascii_name(
                re.sub(r"^r?whois://|(?::\d+)?(?:/.*)?$", "", entry.value.strip())
            )
            if host and is_host(host) and not names_domain(entry.label):
                return host
    return None


def names_holder(entries: Iterable[Entry]) -> bool:
    """Whether somebody is named who holds the domain."""
    return any(
        entry.value and not entry.loose and plain(entry.label) in _HOLDER_LABELS
        for entry in entries
    )
