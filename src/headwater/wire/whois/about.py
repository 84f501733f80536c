"""Which entries of an answer speak of the domain asked for, and which of somebody else."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from headwater.wire.names import ascii_name
from headwater.wire.whois.lines import Entry
from headwater.wire.whois.words import Meaning, plain, says_only, speaks_of

_DOMAIN_LABELS: Final = 4  # words in the longest label of a domain's name
_CONTACT_LABELS: Final = frozenset(
    [
        "address",
        "street",
        "phone",
        "telephone",
        "tel",
        "fax",
        "e",
        "mail",
        "email",
        "country",
        "city",
        "postal",
        "code",
        "zip",
    ]
) | {
    "e mail",
    "fax no",
    "postal code",
    "zip code",
    "phone number",
    "street address",
    "postcode",
}
_DOMAIN_ATTRIBUTES: Final = frozenset(
    [
        "registrar",
        "registrant",
        "owner",
        "holder",
        "titular",
        "admin",
        "organisation",
        "organization",
    ]
) | {"sponsoring registrar", "registrar name", "domain holder", "domain owner", "owner name"}
_OF_THE_SERVER: Final = frozenset({"whois", "whois server", "whois database"})  # headings
_OTHER_OBJECTS: Final = frozenset({"server name"})  # registries list hosts that match, too


@lru_cache(maxsize=4096)
def names_domain(label: str) -> bool:
    """Whether the value of this label is the domain's name (in one or two languages)."""
    parts = [part for part in label.split("/") if part.strip()]
    return bool(parts) and all(says_only(part, Meaning.DOMAIN) for part in parts)


def domain_of(entry: Entry) -> str | None:
    """The domain an entry names; None where it names none."""
    label = entry.label or entry.section
    if plain(label) == "name" and not entry.loose:
        label = entry.section  # `Domain:` above `name: shop.example`
    if not names_domain(label) and plain(label) not in _OTHER_OBJECTS:
        return None
    words = entry.value.removeprefix("name ").split()
    if not words or len(words) > _DOMAIN_LABELS:
        return None
    name = ascii_name(words[0].strip("\"',()[]<>"))
    return name if name and "." in name else None


def concerning(
    entries: Sequence[Entry], name: str | None
) -> tuple[Sequence[Entry], str | None]:
    """The stretch of entries about ``name`` (or about the first domain named), and its name.

    Registries answer a query for a short name with several objects, of which only one is
    the domain: what stands under another name is left out.
    """
    marks = [(at, found) for at, entry in enumerate(entries) if (found := domain_of(entry))]
    if not marks:
        return entries, None
    wanted = name if name and any(found == name for _, found in marks) else marks[0][1]
    others = {at for at, found in marks if found != wanted}
    ours = [at for at, found in marks if found == wanted]
    start = 0 if not any(at < ours[0] for at in others) else ours[0]
    end = min((at for at in others if at > ours[0]), default=len(entries))
    later = [at for at in ours if at > end]
    rest = entries[later[0] :] if later else ()
    return [*entries[start:end], *rest], wanted


def of_others(entries: Sequence[Entry]) -> frozenset[int]:
    """The lines that stand in the object or section of a person or another party."""
    contacts = {e.block for e in entries if plain(e.label) in _CONTACT_LABELS}
    ours = {e.block for e in entries if _is_about_domain(e.label)}
    return frozenset(
        e.line for e in entries if e.block not in ours and _is_of_other(e, e.block in contacts)
    )


def _is_about_domain(label: str) -> bool:
    """`Domain Name Commencement Date`, in the midst of its holder's address."""
    return speaks_of(label, Meaning.DOMAIN) and date_of(label) is Meaning.CREATED


DATES: Final = (Meaning.EXPIRES, Meaning.CHANGED, Meaning.CREATED)  # the first that fits


def date_of(label: str) -> Meaning | None:
    """What a date under this label is the date of; None where it is not the domain's."""
    if not label or speaks_of(label, Meaning.NOT_DATE):
        return None
    return next((meaning for meaning in DATES if speaks_of(label, meaning)), None)


def _is_of_other(entry: Entry, with_contact: bool) -> bool:
    if plain(entry.section) in _OF_THE_SERVER:
        return True
    if entry.section and _is_party(entry.section):
        return not _is_domain_heading(entry.section)
    if names_domain(entry.opener) or not _is_party(entry.opener):
        return False
    # A block that begins with the registrar or the holder is theirs only where it says
    # how to reach them; else it is the domain's own, in another order.
    return with_contact or plain(entry.opener) not in _DOMAIN_ATTRIBUTES


def _is_domain_heading(label: str) -> bool:
    return speaks_of(label, Meaning.DOMAIN) and not says_only(label, Meaning.PERSON)


@lru_cache(maxsize=4096)
def _is_party(label: str) -> bool:
    if speaks_of(label, Meaning.CREATED) or speaks_of(label, Meaning.CHANGED):
        return False
    return plain(label) == "nserver" or speaks_of(label, Meaning.PERSON)
