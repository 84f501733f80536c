"""From labels to what the snapshot knows of the registrable name they stand below."""

from enum import IntEnum
from re import compile as pattern
from typing import NamedTuple

from headwater.dnslist.answers.ages import AgeFact
from headwater.dnslist.answers.snapshot import Snapshot
from headwater.dnslist.answers.suffix_rules import DEEPEST, RESERVED

# RFC 952 and 1123: what a registry can hold. Others are never queued.
LABEL = rb"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOSTNAME = pattern(LABEL + rb"(?:\." + LABEL + rb")*")


class Knowledge(IntEnum):
    """What a snapshot can say about a name."""

    KNOWN = 1
    NO_SUCH_DOMAIN = 2
    NOT_YET = 3
    SUFFIX = 4  # nobody's domain: names are registered below it
    RESERVED = 5  # below TEST or INVALID


class Looked(NamedTuple):
    """``name``: the registrable name in text, where it could be asked about."""

    knowledge: Knowledge
    fact: AgeFact | None = None
    name: bytes | None = None


def look_up(snapshot: Snapshot, labels: tuple[bytes, ...]) -> Looked:
    """``labels``: at least one, in lower case. Names below a domain resolve to it."""
    hashes = snapshot.keyed.suffixes(labels, DEEPEST + 1)
    suffix, top = snapshot.rules.suffix_length(hashes)
    if top & RESERVED:
        return Looked(Knowledge.RESERVED)
    if len(labels) <= suffix:
        return Looked(Knowledge.SUFFIX)
    fact = snapshot.ages.find(hashes[suffix])
    if fact is None:
        return Looked(Knowledge.NOT_YET, name=askable(labels[-suffix - 1 :]))
    if fact.registered is None:
        return Looked(Knowledge.NO_SUCH_DOMAIN, fact)
    return Looked(Knowledge.KNOWN, fact)


def askable(labels: tuple[bytes, ...]) -> bytes | None:
    """The name in text, if a registry could know it; a top-level domain is never a number."""
    name = b".".join(labels)
    # A label may hold a dot of its own on the wire.
    whole = HOSTNAME.fullmatch(name) and name.count(b".") == len(labels) - 1
    return name if whole and not labels[-1].isdigit() else None
