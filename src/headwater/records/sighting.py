"""What someone else says they saw: the words a sighting is made of."""

from enum import StrEnum
from typing import NamedTuple


class SubjectKind(StrEnum):
    """What a sighting is about."""

    ADDRESS = "address"
    NETWORK = "network"
    DOMAIN = "domain"
    MAIL_ADDRESS = "mail address"


class Means(StrEnum):
    """Why a list has an entry."""

    PROXY = "proxy"
    SPAM = "spam"
    POLICY = "policy"  # dynamic ranges and the like: accuses nobody
    OTHER = "other"


class Sighting(NamedTuple):
    """One thing seen, before its door adds who saw it and when."""

    subject: str  # canonical address or prefix, or a lower-case domain
    subject_kind: SubjectKind
    port: int | None = None
    detail: str | None = None
    from_us: int | None = None  # microseconds since 1970, where the source gives its own time
    until_us: int | None = None  # no longer true after this


class Excluded(NamedTuple):
    """An address or prefix that a list takes out of its own wider entries."""

    subject: str
    subject_kind: SubjectKind


class Announced(NamedTuple):
    """A prefix and the autonomous system that announces it."""

    prefix: str
    as_number: int | None
    as_name: str | None = None
    country: str | None = None
