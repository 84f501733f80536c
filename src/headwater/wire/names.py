"""Domain names: one spelling for each, and which part of a name somebody registers.

A-labels everywhere inside (RFC 5890); U-labels only for people. The registrable domain is
one label below a public suffix of the list's ICANN section: suffixes of companies that
let out names below their own domain are no registries.
"""

import re
from functools import lru_cache
from typing import Final

import idna
from publicsuffixlist import PublicSuffixList

LONGEST_NAME: Final = 253  # RFC 1035 section 2.3.4, without the root's dot
LONGEST_LABEL: Final = 63
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
_DOTS: Final = re.compile("[.\u3002\uff0e\uff61]")  # RFC 3490 section 3.1 took these for dots


def ascii_name(text: str) -> str | None:
    """The name in lower case and A-labels, without a final dot; None where it is none.

    Accepts what people type: U-labels, upper case, a final dot. Text with a scheme, a
    path, a mailbox or an address in it is not a name.
    """
    trimmed = text.strip().removesuffix(".")
    if not trimmed or len(trimmed) > 2 * LONGEST_NAME:
        return None
    name = trimmed.lower() if trimmed.isascii() else _encoded(trimmed)
    if name is None or len(name) > LONGEST_NAME:
        return None
    labels = name.split(".")
    if labels[-1].isdigit() or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return name


@lru_cache(maxsize=65536)
def _encoded(text: str) -> str | None:
    try:
        # UTS 46 mapping folds case and width as people expect, then IDNA 2008 applies.
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
        labels = _DOTS.sub(".", mapped).split(".")
        return ".".join(
            label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels
        ).lower()
    except (idna.IDNAError, UnicodeError, ValueError, IndexError):
        return None


def unicode_name(name: str) -> str:
    """The name as people read it; labels that are not IDNA 2008 stay as they are."""
    return ".".join(_decoded(label) for label in name.split("."))


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return idna.ulabel(label)
    except (idna.IDNAError, UnicodeError, ValueError, IndexError):
        return label


_SUFFIXES: Final = PublicSuffixList(only_icann=True, accept_unknown=True)
_KNOWN: Final = PublicSuffixList(only_icann=True, accept_unknown=False)


def registrable(text: str) -> str | None:
    """The domain somebody registered at or above ``text``, as A-labels.

    None for what is no name, for a public suffix itself and for a bare top level. A top
    level that the list does not know is taken as a registry of second-level names.
    """
    name = ascii_name(text)
    if name is None:
        return None
    found = _SUFFIXES.privatesuffix(name)
    return str(found) if found else None


def public_suffix(text: str) -> str | None:
    """The suffix under which ``text`` was registered; None where it is no name."""
    name = ascii_name(text)
    if name is None:
        return None
    found = _SUFFIXES.publicsuffix(name)
    return str(found) if found else None


def is_host(text: str) -> bool:
    """Whether ``text`` can be a nameserver's name: lower case, dotted, no address."""
    labels = text.split(".")
    return (
        len(labels) > 1
        and len(text) <= LONGEST_NAME
        and not labels[-1].isdigit()
        and len(labels[-1]) > 1
        and all(len(x) <= LONGEST_LABEL and _HOST.fullmatch(x) for x in labels)
    )


def has_known_suffix(name: str) -> bool:
    """Whether the top level of ``name`` (A-labels) is one that the list knows."""
    return _KNOWN.publicsuffix(name) is not None
