"""What a field's name promises: whose address, which port, when; in many spellings."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from headwater.wire.reports.words import Words

_LONGEST_NAME: Final = 60
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TOKEN: Final = re.compile(r"[^\W\d_]+")
_IP_WORDS: Final = {"ip", "ips", "ipv", "ipaddress", "ipaddr", "saddr", "daddr", "inaddr"}
_OTHER_ADDRESSES: Final = {
    "mac", "email", "mail", "e", "network", "contact", "web", "street", "postal", "mailing",
    "bitcoin", "physical",
}  # fmt: skip
_JOINED: Final = ("ipaddress", "address", "addr", "ipv", "ip", "port", "host", "time", "date")


class What(StrEnum):
    ADDRESS = "address"
    PORT = "port"
    TIME = "time"
    KIND = "kind"  # words on what was done
    OTHER = "other"


class Side(StrEnum):
    SOURCE = "source"  # the accused
    TARGET = "target"  # victim, reporter, resolver, master
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Field:
    what: What
    side: Side


OTHER: Final = Field(What.OTHER, Side.NEUTRAL)


@lru_cache(maxsize=8192)
def field_of(name: str, words: Words) -> Field:
    """Read a field's name: "Source IP", "src_ip", "srcIp", "Quell-IP", "cc_ip" (a master's)."""
    if len(name) > _LONGEST_NAME:
        return OTHER
    plain = name.replace("C&C", "cnc").replace("c&c", "cnc").replace("'s", "")
    tokens = [t.lower() for t in _TOKEN.findall(_CAMEL.sub(" ", plain))]
    split = [piece for token in tokens for piece in _unjoined(token, words)]
    known = set(split)
    what = What.PORT if split[-1:] == ["port"] and ":" not in name else _what(known, words)
    return Field(what, _side(split, words))


def _unjoined(token: str, words: Words) -> list[str]:
    """ "srcip" is "src", "ip"."""
    if any(token in group for group in words.fields.values()):
        return [token]
    for ending in _JOINED:
        if token.endswith(ending) and len(token) > len(ending):
            return [token.removesuffix(ending), ending]
    return [token]


def _what(known: set[str], words: Words) -> What:
    fields = words.fields
    if known & fields["port"] and not known & _IP_WORDS:
        return What.PORT
    if known & _IP_WORDS:
        return (
            What.OTHER if known & {"version", "protocol", "country", "range"} else What.ADDRESS
        )
    if known & fields["ignored"]:
        return What.OTHER
    return _what_else(known, words)


def _what_else(known: set[str], words: Words) -> What:
    fields = words.fields
    if known & fields["address"] and not known & _OTHER_ADDRESSES:
        return What.ADDRESS
    if known & fields["time"] and not known & fields["not_time"]:
        return What.TIME
    if known and known <= (fields["source"] | fields["target"]):
        return What.ADDRESS
    return What.KIND if known & fields["kind"] else What.OTHER


def _side(tokens: list[str], words: Words) -> Side:
    """The first word that tells decides: "attacked from IP" would be rare, "cc_ip" is not."""
    for token in tokens:
        if token in words.fields["target"]:
            return Side.TARGET
        if token in words.fields["source"]:
            return Side.SOURCE
    return Side.NEUTRAL
