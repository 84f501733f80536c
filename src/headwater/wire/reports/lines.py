"""The part an address plays in one line of text: accused, victim, or just named."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from headwater.wire.mentions import Mention, Setting
from headwater.wire.reports.fields import Field, Side, What, field_of
from headwater.wire.reports.words import Words


class Strength(IntEnum):
    """How plainly the text gives an address its part."""

    MENTIONED = 1  # named somewhere
    LISTED = 2  # a line of its own
    NAMED = 3  # "IP: x": an address of the report, its part not said
    LOGGED = 4  # in a client's place in a line of evidence
    SAID = 5  # "your IP x", "from x"
    LABELLED = 6  # "Source IP: x"


@dataclass(frozen=True, slots=True)
class Part:
    side: Side
    strength: Strength


_LABEL: Final = re.compile(
    r"([^\W\d_][\w .'&/()-]{0,40}?)\s?[\"']?\s?(?:[:=]|=>)[\s\"'\[(<*_]{0,6}"
    r"(?:IPV[46]/[A-Z]{3,5}/)?$"
)
_OPENING: Final = " \t\"'[(<*_`{,:="
_BULLETS: Final = " \t*-#>\u2022\"'[(,+"
_ARROW_AFTER: Final = re.compile(r"^[\s\"')\]:\w/.]{0,24}?(?:-+>|=+>|\u2192|\s>\s)")
_ARROW_BEFORE: Final = re.compile(r"(?:-+>|=+>|\u2192|\s>)\s{0,3}[\w/.-]{0,12}:?$")
_COMMON_LOG: Final = re.compile(r"^[\"')\]]?(?::\d+)?\s(?:\S{1,60}\s\S{1,60}\s)?(?:- )*\[\d")
_SUFFERED: Final = re.compile(
    r"^[)\]\"',]?\s(?:(?:it|which|that|who)\s)?(?:(?:was|were|is|is being|has been|have been"
    r"|wurde|wird|gets)\s(?:attacked|targeted|scanned|hit|flooded|angegriffen|under|receiving)"
    r"|receives?\s|is the (?:target|victim))",
    re.IGNORECASE,
)
_DID: Final = re.compile(
    r"^[)\]\"'*]?\s?(?:\([^)]{0,60}\)\s?)?"
    r"(?:(?:has|have|had|is|was|were|been|hat|ist|wurde|a|ha)\s)*"
    r"(?:attack|attempt|tried|trying|try|scann|prob|sen[dt]|spam|abus|connect|infect|compromis"
    r"|brute|hack|violat|involved|participat|report|detect|block|banned|listed|host|generat"
    r"|originat|hit|made|caus|flood|exploit|perform|engag|distribut|versuch|gesperrt|gemeldet"
    r"|intent|atacad|essay|tent)",
    re.IGNORECASE,
)
_TRACE: Final = re.compile(r"^[\s>|*]*\d{1,2}[.)]?\s+\S.*(?:\(|\sms\b|\*)")
_ONLY_ADDRESSES: Final = re.compile(r"^[\s>*\u2022#+\-|,;\"'\[\](){}/.:\w]{0,40}$")
_AND: Final = re.compile(
    r"[\])\"']?(?:[,;]\s+(?:and |und |et |y |e |en )?|\s(?:and|und|et|y|e|en|&)\s)[\[(\"']?"
)
# Who writes names an address of their own.
_MYSELF: Final = re.compile(
    r"\b(?:i am|i'm|we are|ich bin|wir sind|je suis|soy|sono|ik ben|jestem)\s"
    r"(?:your?|an?|ihr|votre|su|un|vostro|uw)\b",
    re.IGNORECASE,
)
_OWN_MACHINE: Final = re.compile(
    r"\b(?:our|my|unser\w{0,2}|mein\w{0,2}|notre|nos|mon|nuestr[oa]s?|mi|nostr[oaie]|mio|onze?"
    r"|mijn|nosso|nossa|meu|nasz\w{0,3}|наш\w{0,3}|мой|моего)\s(?:[\w-]+\s){0,2}"
    r"(?:[\w-]*server[a-z]*|hosts?|machine|computer|pc|system\w?|firewall\w?|router|web ?site"
    r"|ip(?:[ -]?address|-adresse)?|adresse ip|dirección ip|indirizzo ip"
    r"|serveur|servidor|ordinateur|rechner|сервер\w{0,2})"
    r"(?:\s(?:ip|ip-adresse|address|adresse|at|with|the|mit|der|is|de|ip-адрес))*$",
    re.IGNORECASE,
)
# "An attack from x to your customer y": the reader's own is the one that suffers.
_AT_YOURS: Final = re.compile(
    r"(?:(?<!belongs )(?<!belong )(?<!belonging )(?<!assigned )(?<!allocated )(?<!registered )"
    r"\b(?:to|against|towards?|into|targeting|gegen|contre|contra|contro|tegen)"
    r"|\b(?:attacks?|attempts?|scans?|probes?|intrusions?|angriffe?|attaques?|ataques?|attacco)"
    r"\s(?:on|at|auf|sur|a|al|op))"
    r"\s(?:your|ihren?|ihrer|votre|vos|sus?|vostr[oa]|uw)\s(?:[\w-]+\s?){1,3}$",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_][\w'&-]*")
_FIRST_SENTENCE_END: Final = re.compile(r".*[;|!?\t]|.*\.\s|.*\s{3,}", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``base`` is the line's offset in the text its mentions were found in; ``heading`` what
    stands above it and ends in a colon; ``timed``: it has a time, so it is evidence."""

    text: str
    base: int
    mentions: Sequence[Mention]
    heading: str = ""
    timed: bool = False


def parts(given: Line, words: Words) -> list[Part]:
    """The part of each mention of a line."""
    line, mentions, base = given.text, given.mentions, given.base
    if len(line) > 4_000 and len(mentions) > 200:
        return [Part(Side.NEUTRAL, Strength.MENTIONED)] * len(mentions)
    spans = [(m.start - base, m.end - base) for m in mentions]
    if _TRACE.match(line) and "(" in line and not given.timed:
        return [Part(Side.TARGET, Strength.MENTIONED)] * len(mentions)
    found: list[Part | None] = []
    for at, mention in enumerate(mentions):
        floor = spans[at - 1][1] if at else 0
        before, after = line[floor : spans[at][0]][-70:], line[spans[at][1] :][:80]
        headed = bool(given.heading) and not before.strip(_BULLETS)
        part = _part(given.heading if headed else before, after, mention, words)
        # A heading tells sides; that its words name no address says nothing.
        said = None if headed and part and part.strength is Strength.MENTIONED else part
        in_list = at > 0 and _AND.fullmatch(line[floor : spans[at][0]]) is not None
        found.append(said or (found[at - 1] if in_list else None))
    return _by_order(line, mentions, spans, found, given.timed)


def _part(before: str, after: str, mention: Mention, words: Words) -> Part | None:
    if mention.setting is Setting.PATH:
        return Part(Side.NEUTRAL, Strength.MENTIONED)
    return (
        _labelled(before, words)
        or _arrow(before, after)
        or _suffered(before, after)
        or _said(before, words)
        or _after(before, after)
        or (Part(Side.SOURCE, Strength.MENTIONED) if mention.setting is Setting.HOST else None)
    )


def _labelled(before: str, words: Words) -> Part | None:
    label = _LABEL.search(before)
    if not label:
        return None
    tokens = _WORD.findall(label[1])[-4:]
    for size in range(len(tokens), 0, -1):
        field = field_of(" ".join(tokens[-size:]), words)
        if field.what is What.ADDRESS:
            return _part_of(field)
    return _odd_label(tokens, words)


def _odd_label(tokens: list[str], words: Words) -> Part | None:
    """A label that names no address: its last word may still tell the side."""
    if not tokens:
        return None
    side = field_of(tokens[-1], words).side
    if side is not Side.NEUTRAL:
        return Part(side, Strength.SAID)
    if tokens[-1].lower() in words.fields["ignored"]:
        return Part(Side.TARGET, Strength.MENTIONED)
    return None


def _part_of(field: Field) -> Part:
    if field.side is Side.NEUTRAL:
        return Part(Side.NEUTRAL, Strength.NAMED)
    return Part(field.side, Strength.LABELLED)


def _arrow(before: str, after: str) -> Part | None:
    if _ARROW_AFTER.match(after):
        return Part(Side.SOURCE, Strength.LOGGED)
    if _ARROW_BEFORE.search(before):
        return Part(Side.TARGET, Strength.LOGGED)
    return None


def _said(before: str, words: Words) -> Part | None:
    """What the one to five words before the address say."""
    stripped = before.rstrip(_OPENING)
    if stripped.endswith((".", ";", "!", "?", "|")):
        return None
    if _MYSELF.search(stripped):
        return Part(Side.TARGET, Strength.SAID)
    tokens = [t.lower() for t in _WORD.findall(_FIRST_SENTENCE_END.sub("", stripped))][-5:]
    for size in range(len(tokens), 0, -1):
        phrase = " ".join(tokens[-size:])
        if phrase in words.before["source"]:
            return Part(Side.SOURCE, Strength.SAID)
        if phrase in words.before["target"]:
            return Part(Side.TARGET, Strength.SAID)
    return _by_address_word(tokens, words)


def _by_address_word(tokens: list[str], words: Words) -> Part | None:
    """ "... the source IP address x", "... attacker's IP x", "IP x"."""
    if not tokens or tokens[-1] not in words.fields["address"]:
        return None
    for token in reversed(tokens[-4:-1]):
        if token in words.fields["target"]:
            return Part(Side.TARGET, Strength.SAID)
        if token in words.fields["source"] or token in words.before["source"]:
            return Part(Side.SOURCE, Strength.SAID)
    return Part(Side.NEUTRAL, Strength.LISTED)


def _suffered(before: str, after: str) -> Part | None:
    """Whose own address it is, or to whom something was done."""
    said = before.rstrip(_OPENING)
    if _SUFFERED.match(after) or _OWN_MACHINE.search(said) or _AT_YOURS.search(said):
        return Part(Side.TARGET, Strength.SAID)
    return None


def _after(before: str, after: str) -> Part | None:
    if _COMMON_LOG.match(after) and len(before.strip()) < 30:
        return Part(Side.SOURCE, Strength.LOGGED)
    if _DID.match(after):
        return Part(Side.SOURCE, Strength.LOGGED)
    return None


def _by_order(
    line: str,
    mentions: Sequence[Mention],
    spans: list[tuple[int, int]],
    found: list[Part | None],
    timed: bool,
) -> list[Part]:
    """Where words say nothing: in evidence the client comes first; in a list all are alike."""
    bare = _without(line, spans)
    alone = len(_WORD.findall(bare)) <= 3 and _ONLY_ADDRESSES.match(bare) is not None
    first_free = next((at for at, part in enumerate(found) if part is None), None)
    sources = any(p and p.side is Side.SOURCE and p.strength > 1 for p in found)
    settled = []
    for at, part in enumerate(found):
        if part:
            settled.append(part)
        elif (
            mentions[at].setting is Setting.TEXT and timed and at == first_free and not sources
        ):
            settled.append(Part(Side.SOURCE, Strength.LOGGED if not alone else Strength.NAMED))
        elif timed and len(mentions) > 1:
            settled.append(Part(Side.TARGET, Strength.MENTIONED))
        else:
            settled.append(Part(Side.NEUTRAL, Strength.LISTED if alone else Strength.MENTIONED))
    return settled


def _without(line: str, spans: list[tuple[int, int]]) -> str:
    pieces, at = [], 0
    for start, end in spans:
        pieces.append(line[at:start])
        at = end
    return "".join([*pieces, line[at:]])
