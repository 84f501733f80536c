"""The report as plain text for mail: 78 columns, addresses whole, no colour."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from textwrap import wrap
from typing import Final

from headwater.outputs.report.story import story, stretch
from headwater.outputs.wording import counted, grouped, moment, octets, period, printable, share
from headwater.records.answer import Master, Proxy, Scanning, Upstream
from headwater.records.report import Report

WIDTH: Final = 78  # RFC 5322 section 2.1.1: lines of a mail should not be longer
GAP: Final = 2
MOST_ROWS: Final = 50
MOST_REASONS: Final = 3
NUMBERS: Final = frozenset(
    {
        "port",
        "sure",
        "mails",
        "proxies",
        "sessions",
        "bytes",
        "clean clients",
        "every",
        "tried",
        "opened",
    }
)

Rows = Sequence[Sequence[str]]


def render_text(report: Report, zone: tzinfo, *, only_new: bool = False) -> str:
    """The whole text; with ``only_new`` what the earlier hunt did not know."""
    lines = [f"Hijacked proxies, {stretch(report.answer.window, zone)}", ""]
    if report.changes is not None:
        lines += [*_changed(report, zone), ""]
    if not only_new:
        lines += [*_wrapped(" ".join(story(report, zone))), ""]
    lines += _tables(report, zone, only_new=only_new)
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _changed(report: Report, zone: tzinfo) -> Iterator[str]:
    changes = report.changes
    if changes is None:
        return
    if changes.before:
        against = stretch(changes.before, zone)
        yield from _wrapped(f"New since the hunt through {against}:")
    else:
        yield from _wrapped("There was no earlier hunt to compare with: everything is new.")
    new = [
        counted(len(changes.proxies), "proxy", "proxies"),
        counted(len(changes.upstreams), "upstream"),
        counted(len(changes.masters), "master"),
        counted(len(changes.next_suspects), "next suspect"),
    ]
    yield from _wrapped(f"{', '.join(new)}.")
    for moved in changes.moved:
        yield from _wrapped(f"{moved.address} was {moved.before}, now looks {moved.now}.")
    for words, gone in (
        ("Proxies not found again", changes.gone_proxies),
        ("Upstreams not found again", changes.gone_upstreams),
        ("Masters not found again", changes.gone_masters),
    ):
        if gone:
            more = f" and {len(gone) - MOST_ROWS} more" if len(gone) > MOST_ROWS else ""
            yield from _wrapped(f"{words}: {', '.join(gone[:MOST_ROWS])}{more}.")


def _tables(report: Report, zone: tzinfo, *, only_new: bool) -> Iterator[str]:
    answer, changes = report.answer, report.changes if only_new else None
    proxies = [p for p in answer.proxies if changes is None or p.address in changes.proxies]
    drivers = [u for u in answer.upstreams if changes is None or u.address in changes.upstreams]
    masters = [m for m in answer.masters if changes is None or m.address in changes.masters]
    yield from _proxies(proxies, zone)
    yield from _reasons(proxies)
    yield from _upstreams(report, drivers, zone)
    yield from _masters(masters)
    suspects = [(s.address, share(s.confidence), m.address)
                for m in answer.masters for s in m.next_suspects
                if changes is None or s.address in changes.next_suspects]  # fmt: skip
    yield from _table("Next suspects", ("address", "sure", "calls"), suspects)
    if not only_new:
        yield from _scanning(answer.scanning, zone)


def _proxies(rows: Sequence[Proxy], zone: tzinfo) -> Iterator[str]:
    cells = [
        (
            p.address, p.kind, str(p.port or "-"), share(p.confidence),
            grouped(p.mail_sessions), moment(p.first_seen, zone), moment(p.last_seen, zone),
            printable(p.subscriber or "", 40),
        )
        for p in rows
    ]  # fmt: skip
    heads = ("address", "kind", "port", "sure", "mails", "since", "until", "subscriber")
    yield from _table("Proxies", heads, cells)


def _reasons(rows: Sequence[Proxy]) -> Iterator[str]:
    """Why, of each proxy: its first reasons."""
    if rows:
        yield "Why"
    for proxy in rows[:MOST_ROWS]:
        yield f"  {proxy.address}"
        for reason in proxy.reasons[:MOST_REASONS]:
            yield from _wrapped(f"- {printable(reason)}", "    ")
    if rows:
        yield ""


def _upstreams(report: Report, rows: Sequence[Upstream], zone: tzinfo) -> Iterator[str]:
    cells = [
        (
            u.address, u.role, share(u.confidence), grouped(len(u.proxies)),
            grouped(u.sessions), octets(u.bytes), moment(u.first_seen, zone),
            printable(report.places.get(u.address, ""), 30),
        )
        for u in rows
    ]  # fmt: skip
    heads = ("address", "role", "sure", "proxies", "sessions", "bytes", "since", "network")
    yield from _table("Upstreams", heads, cells)


def _masters(rows: Sequence[Master]) -> Iterator[str]:
    cells = [
        (
            m.address, share(m.confidence), grouped(len(m.proxies)), grouped(m.clean_clients),
            period(m.period_s), ", ".join(map(str, m.ports[:4])),
        )
        for m in rows
    ]  # fmt: skip
    heads = ("address", "sure", "proxies", "clean clients", "every", "ports")
    yield from _table("Masters", heads, cells)


def _scanning(rows: Sequence[Scanning], zone: tzinfo) -> Iterator[str]:
    cells = [
        (
            s.address, str(s.port or "many"), share(s.confidence), grouped(s.targets),
            grouped(s.opened), moment(s.first_seen, zone), moment(s.last_seen, zone),
        )
        for s in rows
    ]  # fmt: skip
    heads = ("address", "port", "sure", "tried", "opened", "since", "until")
    yield from _table("Own hosts that scan", heads, cells)


def _table(title: str, heads: Sequence[str], rows: Rows) -> Iterator[str]:
    """Without the last columns, as many as do not fit; nothing where there are no rows."""
    if not rows:
        return
    widths = [
        max(len(head), *(len(row[at]) for row in rows[:MOST_ROWS]))
        for at, head in enumerate(heads)
    ]
    kept = len(heads)
    while kept > 1 and sum(widths[:kept]) + GAP * (kept - 1) > WIDTH:
        kept -= 1
    yield title
    for row in (heads, *rows[:MOST_ROWS]):
        yield (" " * GAP).join(
            cell.rjust(width) if head in NUMBERS else cell.ljust(width)
            for cell, width, head in zip(row[:kept], widths, heads, strict=False)
        )
    if len(rows) > MOST_ROWS:
        yield f"... and {grouped(len(rows) - MOST_ROWS)} more"
    yield ""


def _wrapped(text: str, indent: str = "") -> Iterable[str]:
    return wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  " if indent else "",
        break_on_hyphens=False,
        break_long_words=False,
    )
