"""Outcomes pooled over seeds, as tables: what was asked, how often it was right."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from benchmarks.accuracy.outcome import (
    FARM,
    SERVERS_ONLY,
    Hijacked,
    Outcome,
    Outsider,
    Outsiders,
)
from benchmarks.accuracy.shares import Share, share

STEPS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.99)  # where the rows of the reliability table begin
FEWEST_HOSTS = 2  # of which a driver or master is one that company can tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A title, a row of headings, rows of text."""

    title: str
    about: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def precision(outcomes: Iterable[Outcome]) -> Share:
    """Of the subscribers named, how many are hijacked."""
    told = list(outcomes)
    right = sum(host.found for each in told for host in each.hijacked)
    return Share(right, right + sum(len(each.innocent) for each in told))


def recall(
    outcomes: Iterable[Outcome], chosen: Callable[[Hijacked], bool] = lambda host: host.fair
) -> Share:
    """Of the hijacked subscribers chosen, how many are named."""
    hosts = chain.from_iterable(each.hijacked for each in outcomes)
    return share(host.found for host in hosts if chosen(host))


def kinds_right(outcomes: Iterable[Outcome]) -> Share:
    """Of those named rightly, how many with their kind."""
    hosts = chain.from_iterable(each.hijacked for each in outcomes)
    return share(host.said == host.kind for host in hosts if host.found)


def grouped(outcomes: Iterable[Outcome]) -> dict[tuple[str, str], list[Outcome]]:
    """By scenario and method, in the order in which they first appear."""
    groups: defaultdict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for each in outcomes:
        groups[each.scenario, each.method].append(each)
    return dict(groups)


def hosts(outcomes: Iterable[Outcome]) -> Table:
    rows = [
        (
            scenario,
            method,
            str(precision(told)),
            str(recall(told)),
            str(recall(told, lambda host: not host.fair)),
            str(kinds_right(told)),
        )
        for (scenario, method), told in grouped(outcomes).items()
        if method not in SERVERS_ONLY
    ]
    return Table(
        title="Hijacked hosts",
        about="Recall counts hosts of which at least 20 packets of abuse could be expected in"
        " the records; the rest are in the column beside it.",
        head=("records", "method", "precision", "recall", "recall of the rest", "kind right"),
        rows=tuple(rows),
    )


def by_manner(outcomes: Iterable[Outcome], method: str) -> Table:
    """Recall for each kind and manner of operation."""
    groups = {key[0]: told for key, told in grouped(outcomes).items() if key[1] == method}
    named = sorted(
        {(h.kind, h.manner) for told in groups.values() for o in told for h in o.hijacked}
    )
    rows = [(kind, manner, *(_of(told, kind, manner) for told in groups.values()))
            for kind, manner in named]  # fmt: skip
    return Table(
        title="Recall by kind and manner",
        about="Of the hosts with 20 packets of abuse or more in the records.",
        head=("kind", "manner", *groups),
        rows=tuple(rows),
    )


def _of(told: Sequence[Outcome], kind: str, manner: str) -> str:
    found = recall(told, lambda h: h.fair and h.kind == kind and h.manner == manner)
    return "-" if found.value is None else f"{found.value:.2f} of {found.of}"


def confusion(outcomes: Sequence[Outcome]) -> Table:
    counts = Counter((h.kind, h.said) for o in outcomes for h in o.hijacked if h.found)
    said = sorted({kind for _, kind in counts})
    rows = [
        (kind, *(str(counts[kind, each] or "") for each in said))
        for kind in sorted({kind for kind, _ in counts})
    ]
    return Table(
        title="Kinds, unsampled",
        about="Rows: what they are. Columns: what they were called.",
        head=("", *said),
        rows=tuple(rows),
    )


def reliability(outcomes: Sequence[Outcome]) -> Table:
    """Of those given so much confidence, how many were right."""
    sorts = ([o for o in outcomes if o.sampling == 1], [o for o in outcomes if o.sampling > 1])
    given = [[*map(_given, told)] for told in sorts]
    rows = [
        (f"{low:g} to {min(high, 1):g}", *chain(*(_right(each, low, high) for each in given)))
        for low, high in zip(STEPS, (*STEPS[1:], 1.01), strict=True)
    ]
    return Table(
        title="Reliability",
        about="Of the hosts named with such a confidence, the share that is hijacked.",
        head=("confidence", "unsampled: mean", "right", "sampled: mean", "right"),
        rows=tuple(rows),
    )


def _given(outcome: Outcome) -> list[tuple[float, bool]]:
    return [
        *((host.confidence, True) for host in outcome.hijacked),
        *((host.confidence, False) for host in outcome.innocent),
    ]


def _right(given: Iterable[list[tuple[float, bool]]], low: float, high: float) -> list[str]:
    here = [(sure, right) for sure, right in chain(*given) if low <= sure < high]
    mean = sum(sure for sure, _ in here) / len(here) if here else None
    return ["-" if mean is None else f"{mean:.3f}", str(share(right for _, right in here))]


def innocents(outcomes: Sequence[Outcome]) -> Table:
    """Who was accused wrongly, by what they are in law."""
    wrong = Counter(role for o in outcomes for h in o.innocent for role in h.roles or ("home",))
    everyone: Counter[str] = Counter()
    for each in outcomes:
        everyone.update(each.population)
    rows = [
        (role, str(n), str(everyone[role]) if role in everyone else "the rest")
        for role, n in wrong.most_common()
    ]
    return Table(
        title="Wrongly accused, by lawful role",
        about="In all views of the records together; a host with two roles counts in both.",
        head=("role", "accused", "of"),
        rows=tuple(rows),
    )


def outsiders(outcomes: Iterable[Outcome]) -> Table:
    """Drivers and masters: the big ones by rank, all with two hosts or more by being named."""
    rows = []
    for (scenario, method), told in grouped(outcomes).items():
        both = {"drivers": [o.drivers for o in told], "masters": [o.masters for o in told]}
        for role, each in both.items():
            if any(one.true or one.wrong for one in each):
                rows.append((scenario, method, role, *_outside(each)))
    return Table(
        title="Drivers and masters",
        about=f"Of {FARM} hosts or more: named before anything that is none, and named at all."
        " Wrong names: by what they are.",
        head=("records", "method", "role", "big: first", "big: named", "2 hosts or more: named",
              "wrong", "which"),
        rows=tuple(rows),
    )  # fmt: skip


def _outside(told: Sequence[Outsiders]) -> tuple[str, ...]:
    true = [each for one in told for each in one.true]
    big = [each for each in true if each.hosts >= FARM]
    some = [each for each in true if each.hosts >= FEWEST_HOSTS]
    wrong = Counter(each.role for one in told for each in one.wrong)
    return (
        str(share(each.first for each in big)),
        str(_named(big)),
        str(_named(some)),
        str(wrong.total()),
        ", ".join(f"{role} {n}" for role, n in wrong.most_common()),
    )


def _named(true: Iterable[Outsider]) -> Share:
    return share(each.rank is not None for each in true)


def orientation(outcomes: Iterable[Outcome]) -> Table:
    rows = []
    for (scenario, method), told in grouped(outcomes).items():
        right: Counter[str] = Counter()
        of: Counter[str] = Counter()
        for how, (hits, compared) in chain(*(each.oriented.items() for each in told)):
            right[how] += hits
            of[how] += compared
        if of:
            parts = [f"{how} {right[how] / n:.4f} of {n:,}" for how, n in of.most_common()]
            whole = f"{right.total() / of.total():.4f} of {of.total():,}"
            rows.append((scenario, method, whole, ", ".join(parts)))
    return Table(
        title="Orientation",
        about="Of the conversations in the records, how many got their true client; by what"
        " decided.",
        head=("records", "method", "right", "by"),
        rows=tuple(rows),
    )
