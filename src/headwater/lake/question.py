"""A question: SQL in named steps, each one select; the last step is the answer.

-- step: calls_home
select client, server, count(*) as calls from sessions group by client, server

-- step: often
select * from calls_home where calls > 10

``-- shared step: calls_home`` tells that other questions have the very same step: an engine
may make it once for all of them.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from headwater.records.errors import Misconfigured
from headwater.records.tables import TABLES

STEP: Final = re.compile(r"--\s*(?P<shared>shared\s+)?step:\s*(?P<name>.*?)\s*")
NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
# Strings, quoted names and comments: where a word is not a word of the question.
QUIET: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
WORD: Final = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One select of a question and the name under which later steps read its rows."""

    name: str
    sql: str
    line: int  # of the question's text, where the step begins
    shared: bool = False  # with other questions


def parse(text: str) -> tuple[Step, ...]:
    """The steps of a question. Raises Misconfigured, naming the line, where it is not one."""
    steps: list[Step] = []
    for step in _cut(text):
        _check(step, {earlier.name for earlier in steps})
        steps.append(step)
    if not steps:
        raise Misconfigured("question line 1: no step; begin with '-- step: name'")
    return tuple(steps)


def words(sql: str) -> frozenset[str]:
    """Every bare word of the SQL, in lower case: among them the tables it reads."""
    return frozenset(word.lower() for word in WORD.findall(_spoken(sql)))


def bare(sql: str) -> str:
    """The SQL without its comments: two selects that do the same compare equal."""
    return QUIET.sub(lambda quiet: quiet[0] if quiet[0][0] in "'\"" else " ", sql).strip()


def tables_of(steps: Collection[Step]) -> frozenset[str]:
    """The tables of the lake that a question mentions."""
    return frozenset(TABLES) & frozenset().union(*(words(step.sql) for step in steps))


def needed(
    steps: Sequence[Step], ends: Collection[str], ready: Collection[str] = ()
) -> list[Step]:
    """Those from which ``ends`` are made. What is ``ready`` needs none of its own."""
    wanted = set(ends)
    names = {step.name for step in steps}
    for step in reversed(steps):
        if step.name in wanted and step.name not in ready:
            wanted |= words(step.sql) & names
    return [step for step in steps if step.name in wanted]


def let_go(steps: Sequence[Step]) -> dict[str, list[str]]:
    """By each step that is the last to read some, itself perhaps, which these are."""
    last: dict[str, str] = {}
    for step in steps:
        last.update(dict.fromkeys(words(step.sql) & last.keys(), step.name))
        last[step.name] = step.name
    return {end: [name for name in last if last[name] == end] for end in last.values()}


def _cut(text: str) -> Iterator[Step]:
    name, shared, begun, lines = "", False, 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        head = STEP.fullmatch(line.strip())
        if head:
            if begun:
                yield Step(name=name, sql="\n".join(lines).strip(), line=begun, shared=shared)
            name, shared, begun, lines = head["name"], bool(head["shared"]), number, []
        elif begun:
            lines.append(line)
        elif line.strip() and not line.strip().startswith("--"):
            raise Misconfigured(f"question line {number}: SQL before the first '-- step: name'")
    if begun:
        yield Step(name=name, sql="\n".join(lines).strip(), line=begun, shared=shared)


def _check(step: Step, earlier: Collection[str]) -> None:
    where = f"question line {step.line}: step {step.name!r}"
    if not NAME.fullmatch(step.name):
        raise Misconfigured(f"{where}: a name has small letters, digits and _")
    if step.name in earlier:
        raise Misconfigured(f"{where}: the name is taken by an earlier step")
    if step.name in TABLES:
        raise Misconfigured(f"{where}: the name is that of a table")
    said = _spoken(step.sql).strip()
    if said.split(None, 1)[:1] not in (["select"], ["with"]):
        raise Misconfigured(f"{where}: expected one select (or with), in small letters")
    if ";" in said:
        raise Misconfigured(f"{where}: one select only, without a semicolon")


def _spoken(sql: str) -> str:
    return QUIET.sub(" ", sql)
