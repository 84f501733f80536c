"""The public suffix list's ICANN rules as a table, for mapping millions of names at once."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Final, NamedTuple

from headwater.wire.names import ascii_name

_BEGIN: Final = "===BEGIN ICANN DOMAINS==="
_END: Final = "===END ICANN DOMAINS==="


class Rule(NamedTuple):
    """Names that end in ``ending`` have a public suffix of so many labels."""

    ending: str
    labels: int
    exception: bool = False  # wins over every other rule


def read_rules(lines: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of the ICANN section, one for each ending.

    ``*.ck`` says that names ending in ``ck`` have a suffix of two labels, ``!www.ck`` that
    those ending in ``www.ck`` have one of one label.
    """
    found: dict[str, Rule] = {}
    for text in _icann(lines):
        rule = _rule(text)
        if rule and (rule.exception or _is_longer(rule, found.get(rule.ending))):
            found[rule.ending] = rule
    return tuple(found.values())


def _icann(lines: Iterable[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        if _END in line:
            return
        inside = inside or _BEGIN in line
        words = line.split()
        if inside and words and not words[0].startswith("//"):
            yield words[0]


def _rule(text: str) -> Rule | None:
    ending = ascii_name(text.removeprefix("!").removeprefix("*."))
    if ending is None:
        return None
    labels = ending.count(".") + 1
    if text.startswith("!"):
        return Rule(ending, labels - 1, exception=True)
    return Rule(ending, labels + 1 if text.startswith("*.") else labels)


def _is_longer(rule: Rule, before: Rule | None) -> bool:
    return before is None or (not before.exception and rule.labels > before.labels)


def shipped_rules() -> tuple[Rule, ...]:
    """The rules of the list that is installed (package publicsuffixlist)."""
    place = files("publicsuffixlist") / "public_suffix_list.dat"
    return read_rules(place.read_text("utf-8").splitlines())
