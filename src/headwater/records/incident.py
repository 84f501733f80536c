"""What a report says happened: which address, when, what, who says so, how sure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class IncidentKind(StrEnum):
    """What an address is accused of."""

    SPAM = "spam"
    PROXY = "proxy"  # relays for outsiders: an open proxy, an open mail relay
    MALWARE = "malware"  # infected, or serves or commands malware
    SCAN = "scan"  # knocks on doors: ports, web applications, exploits
    LOGIN_ATTACK = "login attack"
    PHISHING = "phishing"
    COPYRIGHT = "copyright"
    OTHER = "other"


class Zone(StrEnum):
    """How the time zone of an incident's time was known."""

    KNOWN = "known"  # written in the evidence, or said for the whole mail
    ASSUMED = "assumed"  # not written: UTC was assumed
    AMBIGUOUS = "ambiguous"  # day and month, or the zone's letters, can be read in two ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant (aware, UTC) as a report wrote it, and what of it was guessed."""

    at: datetime
    zone: Zone
    of_mail: bool = False  # true: the evidence has no time, this is when the mail was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One address accused of one thing at one time.

    ``confidence`` is meant as a probability that this address did it. ``excerpt`` is the
    piece of the report that shows it, made safe for a terminal.
    """

    address: str  # canonical text
    port: int | None  # of the address at that time, where the report says it
    seen: Moment
    until: datetime | None  # the last time, where the report has several
    kind: IncidentKind
    reporter: str  # domain of the sender, or what the report names
    confidence: float
    excerpt: str
    read_by: str  # the opinion that read it
    times: int = 1  # how many lines of evidence
