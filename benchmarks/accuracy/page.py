"""The tables on a page, and the worst failures one by one."""

from collections.abc import Iterable, Sequence

from benchmarks.accuracy import tables
from benchmarks.accuracy.outcome import FARM, Hijacked, Innocent, Outcome
from benchmarks.accuracy.tables import Table
from benchmarks.accuracy.trial import OWN

MOST_REASONS = 4
INTRODUCTION = """\
# How right the answers are

<!-- Made by `make bench-accuracy`: do not edit by hand. -->

Synthetic worlds with a known truth (`benchmarks/generator`), exported, imported, oriented and
hunted as an operator's records would be. What counts is the subscriber, not the flow; a host
is named when it is given a confidence of 0.5 or more. Behind each share are the hits, how many
there were, and Wilson's 95 % interval, pooled over the seeds. A generator is not the
world: the look-alikes are those we thought of."""


def all_tables(outcomes: Sequence[Outcome]) -> list[Table]:
    own = [each for each in outcomes if each.method == OWN]
    unsampled = [each for each in own if each.scenario.endswith("1:1")]
    compared = {o.scenario for o in outcomes if o.method != OWN}
    return [
        tables.hosts(own),
        tables.by_manner(outcomes, OWN),
        tables.confusion(unsampled),
        tables.reliability(own),
        tables.innocents(own),
        tables.outsiders(own),
        tables.orientation(outcomes),
        _ablations(tables.hosts([o for o in outcomes if o.scenario in compared])),
        _compared(tables.outsiders([o for o in outcomes if o.scenario in compared])),
    ]


def _ablations(table: Table) -> Table:
    return Table(
        title="What each kind of evidence is worth, and other methods",
        about="The same records hunted without lists, without the company a host keeps (its"
        " drivers and masters), with sizes shuffled among sessions, with the lower port always"
        " the server's; and by two well-known rules.",
        head=table.head,
        rows=table.rows,
    )


def _compared(table: Table) -> Table:
    return Table(
        title="Drivers and masters by the other methods",
        about=table.about,
        head=table.head,
        rows=table.rows,
    )


def markdown(outcomes: Sequence[Outcome], made: str) -> str:
    """The whole page. ``made``: how, in one line."""
    parts = [INTRODUCTION, made, *map(_markdown, all_tables(outcomes))]
    return "\n\n".join(parts) + "\n"


def _markdown(table: Table) -> str:
    lines = [_row(table.head), _row(tuple("---" for _ in table.head)), *map(_row, table.rows)]
    return f"## {table.title}\n\n{table.about}\n\n" + "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def text(outcomes: Sequence[Outcome]) -> str:
    """The same tables for a terminal."""
    return "\n\n".join(map(_text, all_tables(outcomes)))


def _text(table: Table) -> str:
    rows = [table.head, *table.rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([table.title.upper(), *lines])


def failures(outcomes: Iterable[Outcome]) -> str:
    """Every wrong name and every missed host of our own method, with what was said of it."""
    lines = []
    for each in outcomes:
        if each.method != OWN:
            continue
        where = f"{each.scenario} seed {each.seed}"
        lines += [f"{where}: {_accused(host)}" for host in each.innocent]
        lines += [f"{where}: {_missed(h)}" for h in each.hijacked if h.fair and not h.found]
        for role, those in (("driver", each.drivers), ("master", each.masters)):
            lines += [
                f"{where}: WRONG {role.upper()} {wrong.address} is {wrong.role}"
                f" ({wrong.confidence:.2f}, {wrong.hosts} hosts, {wrong.detail})"
                for wrong in those.wrong
            ]
            lines += [
                f"{where}: {role} not first: {true.address} {true.operation}"
                f" {true.hosts} hosts, rank {true.rank}, {true.wrong_above} wrong before it"
                for true in those.true
                if true.hosts >= FARM and not true.first
            ]
    return "\n".join(lines) + "\n"


def _accused(host: Innocent) -> str:
    roles = "+".join(host.roles) or "home"
    return f"ACCUSED {host.address} {roles} {host.confidence:.3f} {host.said}{_why(host)}"


def _missed(host: Hijacked) -> str:
    return (
        f"MISSED {host.address} {host.kind}/{host.manner}/{host.abuse}"
        f" {host.packets:.0f} packets {host.confidence:.3f} {host.said}{_why(host)}"
    )


def _why(host: Innocent | Hijacked) -> str:
    told = [f"{weight:+.1f} {text}" for weight, text in host.reasons[:MOST_REASONS]]
    weighed = "; ".join(told) or "nothing weighed"
    return f": {weighed} <- {'; '.join(host.claims) or 'nothing claimed'}"
