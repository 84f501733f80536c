"""An act: one thing one address does at one moment. Written by `script`, played by `actors`."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Deed(StrEnum):
    """What an actor can do."""

    FETCH = "fetch"  # one HTTP request, perhaps through a proxy
    MAIL = "mail"  # one SMTP transaction, perhaps through a proxy
    HOLD = "hold"  # a long TCP connection with a small message now and then
    SWAP = "swap"  # one TCP conversation with much data in both directions
    ASK = "ask"  # one UDP question and its answer
    KNOCK = "knock"  # open a TCP connection and close it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A proxy on the way."""

    kind: str  # socks5 | connect
    address: str
    port: int
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Seconds into the play, who, what, with whom."""

    at: float
    stage: str  # the namespace of src
    do: Deed
    src: str
    dst: str
    port: int
    label: str  # outcomes are counted under it
    size: int = 0  # octets of payload to send
    reply: int = 0  # octets of payload to ask for
    hop: Hop | None = None
    period: float = 0.0  # between messages of a held connection
    lasting: float = 0.0  # of a held connection
    recipients: tuple[str, ...] = ()
    sender: str = ""


def to_json(acts: Iterable[Act]) -> str:
    """The acts as one JSON list."""
    return json.dumps([asdict(act) for act in acts])


def from_json(text: str) -> list[Act]:
    """What `to_json` wrote."""
    return [_act(values) for values in json.loads(text)]


def _act(values: dict[str, Any]) -> Act:
    hop = values.pop("hop")
    recipients = tuple(values.pop("recipients"))
    deed = Deed(values.pop("do"))
    return Act(hop=Hop(**hop) if hop else None, recipients=recipients, do=deed, **values)
