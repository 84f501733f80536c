"""What a detector says about one subject, with the numbers that prove it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from headwater.records.window import Window

# Plain JSON values, by the names the detector's page gives.
ProofValue = Any
Proof = Mapping[str, ProofValue]


class Kind(StrEnum):
    """Kinds of hijacked or misused own hosts."""

    NATURAL_OPEN = "natural-open"  # the owner's server, misconfigured
    SYNTHETIC_OPEN = "synthetic-open"  # malware put it there, anyone may use it
    SYNTHETIC_PROTECTED = "synthetic-protected"  # malware put it there, its masters use it
    BACKCONNECT = "backconnect"  # dials out and relays what comes back
    OPEN_RELAY = "open-relay"  # mail in, mail out
    DIRECT_SENDER = "direct-sender"  # a bot that sends by itself
    CONTENT_PROXY = "content-proxy"  # web in, fetched from an origin elsewhere
    CANNOT_SAY = "cannot-say"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One detector's claim about one subject.

    ``confidence`` is meant as a probability: of claims given 0.9, nine in ten are right.
    """

    detector: str
    subject: str
    kind: str
    confidence: float
    window: Window
    summary: str
    proof: Proof
