"""The vocabulary of reports: what words say of the deed, and of the fields they name."""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from headwater.records.errors import Misconfigured
from headwater.records.incident import IncidentKind

_PLACE: Final = files("headwater.wire.registers") / "report_words.toml"
_STRONG, _WEAK = 3, 1
_WEIGHTS: Final = ("strong", "weak")
_MOST_LOOKED_AT: Final = 6_000  # characters: a report says early what it is about
_LONGEST_SUBJECT: Final = 500
_LONGEST_PHRASE: Final = 4
_SUBJECT_COUNTS: Final = 3
_START: Final = 3  # letters by which stems are looked up
_TOKEN: Final = re.compile(r"[^\W_]+")
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
# Of equal scores the more telling one: a mail about infringement also says "download".
_PRECEDENCE: Final = (
    IncidentKind.COPYRIGHT, IncidentKind.PHISHING, IncidentKind.PROXY,
    IncidentKind.LOGIN_ATTACK, IncidentKind.MALWARE, IncidentKind.SPAM, IncidentKind.OTHER,
    IncidentKind.SCAN,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WordList:
    """Phrases of one to four words in three ways of matching."""

    whole: frozenset[str]
    stems: Mapping[str, tuple[str, ...]]  # any ending; by their first letters
    inside: tuple[str, ...]  # languages written without spaces

    def count(self, text: "Phrases") -> int:
        """How many different ones of the list occur."""
        known = text.counted.get(self)
        if known is None:
            likely = self.stems.keys() & text.starts
            known = len(self.whole & text.grams)
            known += sum(text.begins(stem) for start in likely for stem in self.stems[start])
            if text.unspaced:
                known += sum(word in text.text for word in self.inside)
            text.counted[self] = known
        return known


class Phrases:
    """The words of a text, lower case, and the runs of up to four that begin with one of
    ``starters``, for many look-ups."""

    __slots__ = ("_ordered", "counted", "grams", "starts", "text", "unspaced")

    def __init__(self, text: str, starters: frozenset[str]) -> None:
        self.text = text.lower()
        words = _TOKEN.findall(self.text)
        self.grams = set(words)
        for at, word in enumerate(words):
            if word in starters:
                sizes = range(2, _LONGEST_PHRASE + 1)
                self.grams.update(" ".join(words[at : at + size]) for size in sizes)
        self._ordered = sorted(self.grams)
        self.starts = {gram[:n] for gram in self.grams for n in range(1, _START + 1)}
        self.unspaced = bool(_UNSPACED.search(self.text))
        self.counted: dict[WordList, int] = {}

    def begins(self, stem: str) -> bool:
        at = bisect_left(self._ordered, stem)
        return at < len(self._ordered) and self._ordered[at].startswith(stem)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Words:
    """The vocabulary: ``kinds`` (strong and weak lists) score a text; sets name fields."""

    kinds: Mapping[IncidentKind, tuple[WordList, WordList]]
    fields: Mapping[str, frozenset[str]]
    before: Mapping[str, frozenset[str]]
    report: WordList
    starters: frozenset[str]  # first words of phrases

    def phrases(self, text: str) -> Phrases:
        return _phrases(text, self.starters)

    def kind_of(self, subject: str, text: str) -> IncidentKind | None:
        """What the words speak of most; None where they speak of nothing."""
        scores = self.scores(subject, text)
        best = max(scores.values())
        if best <= _WEAK:
            return None
        if best == scores[IncidentKind.OTHER] and scores[IncidentKind.PROXY] >= _STRONG:
            return IncidentKind.PROXY  # an open proxy is an open service, and more
        return next(kind for kind in _PRECEDENCE if scores[kind] == best)

    def kind_hinted(self, subject: str, text: str) -> IncidentKind | None:
        """What a single weak word hints at, where there is no better."""
        scores = self.scores(subject, text)
        hinted = [kind for kind in reversed(_PRECEDENCE) if scores[kind]]
        return hinted[0] if hinted else None

    def speaks_of_abuse(self, subject: str, text: str) -> int:
        """How many words that reports use occur; one in the subject counts for two."""
        head = self.phrases(subject[:_LONGEST_SUBJECT])
        body = self.phrases(text[:_MOST_LOOKED_AT])
        lists = [self.report, *(strong for strong, _ in self.kinds.values())]
        return sum(2 * words.count(head) + words.count(body) for words in lists)

    def scores(self, subject: str, text: str) -> dict[IncidentKind, int]:
        head = self.phrases(subject[:_LONGEST_SUBJECT])
        body = self.phrases(text[:_MOST_LOOKED_AT])
        return {
            kind: _SUBJECT_COUNTS * _score(lists, head) + _score(lists, body)
            for kind, lists in self.kinds.items()
        }


@lru_cache(maxsize=16)  # one mail's texts are asked several things
def _phrases(text: str, starters: frozenset[str]) -> Phrases:
    return Phrases(text, starters)


def _score(lists: tuple[WordList, WordList], text: Phrases) -> int:
    strong, weak = lists
    return _STRONG * strong.count(text) + _WEAK * weak.count(text)


def default_words() -> Words:
    """The vocabulary that is shipped."""
    return compiled(_load(_PLACE.read_text("utf-8")))


def words_with(extra: str) -> Words:
    """The shipped vocabulary and an operator's own, TOML of the same form.

    Raises Misconfigured for what cannot be read.
    """
    return compiled(_load(_PLACE.read_text("utf-8")), _load(extra))


def _load(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"report words: not TOML: {error}") from None


def compiled(*tables: Mapping[str, Any]) -> Words:
    unknown = {name for t in tables for name in t.get("kinds", {})} - {*IncidentKind}
    if unknown:
        raise Misconfigured(f"report words: no such kind: {sorted(unknown)}")
    return Words(
        starters=_starters(tables),
        kinds={
            kind: (
                _word_list(_listed(tables, "kinds", kind, "strong")),
                _word_list(_listed(tables, "kinds", kind, "weak")),
            )
            for kind in IncidentKind
        },
        report=_word_list(_listed(tables, "report", "words")),
        fields={n: frozenset(_listed(tables, "fields", n)) for n in tables[0]["fields"]},
        before={n: frozenset(_listed(tables, "before", n)) for n in tables[0]["before"]},
    )


def _starters(tables: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    kinds = [(_listed(tables, "kinds", k, weight)) for k in IncidentKind for weight in _WEIGHTS]
    words = [w for one in [*kinds, _listed(tables, "report", "words")] for w in one]
    parted = [_TOKEN.findall(word) for word in words]
    return frozenset(tokens[0] for tokens in parted if len(tokens) > 1)


def _listed(tables: Iterable[Mapping[str, Any]], *path: str) -> list[str]:
    found: list[str] = []
    for table in tables:
        place: Any = table
        for key in path:
            place = place.get(key, {}) if isinstance(place, Mapping) else {}
        if place and not (isinstance(place, list) and all(isinstance(w, str) for w in place)):
            raise Misconfigured(f"report words: {'.'.join(path)} is no list of words")
        found += [word.lower() for word in place]
    return found


def _word_list(words: list[str]) -> WordList:
    spaced = [w for w in words if not _UNSPACED.search(w)]
    phrases = {w: " ".join(_TOKEN.findall(w)) for w in spaced}
    return WordList(
        whole=frozenset(p for w, p in phrases.items() if not w.endswith("*")),
        stems=_by_start({p for w, p in phrases.items() if w.endswith("*")}),
        inside=tuple(w for w in words if _UNSPACED.search(w)),
    )


def _by_start(stems: set[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for stem in sorted(stems):
        found.setdefault(stem[:_START], []).append(stem)
    return {start: tuple(same) for start, same in found.items()}
