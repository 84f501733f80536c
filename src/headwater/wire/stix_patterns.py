"""STIX 2.1 patterns (section 9 of the standard), the plain ones among them."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from headwater.records.errors import MalformedInput
from headwater.wire.indicator_text import read_port

LONGEST_PATTERN: Final = 20_000
SUBJECTS: Final = frozenset(
    {
        "ipv4-addr:value",
        "ipv6-addr:value",
        "domain-name:value",
        "url:value",
        "network-traffic:dst_ref.value",
    }
)
PORT: Final = "network-traffic:dst_port"

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<word>[A-Za-z][\w-]*(?::[\w.'\[\]*-]+)?)|(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<number>\d+)|(?P<mark>[\[\]()]|!=|<=|>=|[=<>]))"
)
Subject = tuple[str, int | None]


class Token(NamedTuple):
    """One word, mark, number or text of a pattern."""

    kind: str
    text: str


OPENING, CLOSING = Token("mark", "["), Token("mark", "]")
OR, AND = Token("word", "OR"), Token("word", "AND")


class Comparison(NamedTuple):
    """``path = value``."""

    path: str
    value: str


def read_pattern(pattern: str) -> list[Subject]:
    """Values and ports, each of which alone would match.

    Raises MalformedInput for patterns that say more than equality and OR.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise MalformedInput(f"pattern too long: {len(pattern)} characters")
    found: list[Subject] = []
    for observation in _observations(_tokens(pattern)):
        found += [
            _subject([_comparison(part) for part in _split(alternative, AND)])
            for alternative in _split(observation, OR)
        ]
    return found


def _tokens(pattern: str) -> list[Token]:
    tokens, at = [], 0
    text = pattern.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise MalformedInput(f"pattern not understood at character {at + 1}")
        kind = match.lastgroup or ""
        tokens.append(Token(kind, match[kind]))
        at = match.end()
    return tokens


def _observations(tokens: list[Token]) -> list[list[Token]]:
    """The insides of ``[...] OR [...]``."""
    if not tokens:
        raise MalformedInput("no pattern")
    observations: list[list[Token]] = []
    at = 0
    while True:
        if tokens[at : at + 1] != [OPENING] or CLOSING not in tokens[at:]:
            raise MalformedInput(f"pattern not simple: {_words(tokens[at:])[:60]!r}")
        end = tokens.index(CLOSING, at)
        observations.append(tokens[at + 1 : end])
        if end + 1 == len(tokens):
            return observations
        if tokens[end + 1] != OR:
            raise MalformedInput(f"pattern not simple: {_words(tokens[end + 1 :])[:60]!r}")
        at = end + 2


def _split(tokens: Sequence[Token], at: Token) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token == at:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _comparison(tokens: Sequence[Token]) -> Comparison:
    kinds = [token.kind for token in tokens]
    if kinds not in (["word", "mark", "text"], ["word", "mark", "number"]):
        raise MalformedInput(f"pattern not simple: {_words(tokens)[:60]!r}")
    path, operator, value = (token.text for token in tokens)
    if operator != "=":
        raise MalformedInput(f"pattern not simple: comparison {operator!r}")
    if kinds[-1] == "text":
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    return Comparison(path, value)


def _subject(comparisons: Sequence[Comparison]) -> Subject:
    values = [c.value for c in comparisons if c.path in SUBJECTS]
    ports = [read_port(c.value) for c in comparisons if c.path == PORT]
    others = [c.path for c in comparisons if c.path not in SUBJECTS and c.path != PORT]
    if others:
        raise MalformedInput(f"not met in flows: {others[0][:60]!r}")
    if len(values) != 1 or len(ports) > 1:
        raise MalformedInput(
            "pattern not simple: it needs one address or domain, and one port at most"
        )
    return values[0], ports[0] if ports else None


def _words(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)
