"""The answer of a hunt as tables for people; each fits 80 columns, addresses stay whole."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import islice
from typing import Final

from headwater.cli.printing import WIDTH, Column
from headwater.outputs.wording import grouped, moment, octets, period, share
from headwater.records.answer import Answer

GAP: Final = 2  # blanks between two columns
MOST_NAMED: Final = 4  # addresses in one cell
MOST_PORTS: Final = 2
ADDRESS_COLOUR: Final = "cyan"  # readable on dark and on light terminals


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table before it is printed. Columns beyond ``needed`` go where there is no room."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    needed: int
    total: int  # rows there are, shown or not

    def fitted(self, width: int = WIDTH) -> "Sheet":
        """Without the last columns, as many as do not fit in ``width``."""
        kept = len(self.columns)
        while kept > self.needed and self._width(kept) > width:
            kept -= 1
        return Sheet(
            title=self.title,
            columns=self.columns[:kept],
            rows=[row[:kept] for row in self.rows],
            needed=self.needed,
            total=self.total,
        )

    def _width(self, kept: int) -> int:
        widest = [
            max(
                len(line)
                for text in (column.name, *(str(row[at]) for row in self.rows))
                for line in text.split("\n") or [""]
            )
            for at, column in enumerate(self.columns[:kept])
        ]
        return sum(widest) + GAP * (kept - 1)


def proxies(answer: Answer, zone: tzinfo, most: int | None = None) -> Sheet:
    """Own hosts that are hijacked or misused."""
    return Sheet(
        title="Proxies",
        columns=[
            _address("address"), Column(name="kind", whole=True), _number("port"),
            _number("sure"), _number("mails"), Column(name="since", whole=True),
            Column(name="until", whole=True),
        ],
        rows=[
            (
                p.address, p.kind, p.port or "-", share(p.confidence), grouped(p.mail_sessions),
                moment(p.first_seen, zone), moment(p.last_seen, zone),
            )
            for p in islice(answer.proxies, most)
        ],
        needed=4,
        total=len(answer.proxies),
    )  # fmt: skip


def upstreams(answer: Answer, zone: tzinfo, most: int | None = None) -> Sheet:
    """Outsiders that drive proxies or test them."""
    return Sheet(
        title="Upstreams",
        columns=[
            _address("address"), Column(name="role", whole=True), _number("sure"),
            _number("proxies"), _number("sessions"), _number("bytes"),
            Column(name="since", whole=True), _number("AS"), Column(name="in", whole=True),
        ],
        rows=[
            (
                u.address, u.role, share(u.confidence), len(u.proxies), grouped(u.sessions),
                octets(u.bytes), moment(u.first_seen, zone), u.as_number or "-",
                u.country or "-",
            )
            for u in islice(answer.upstreams, most)
        ],
        needed=5,
        total=len(answer.upstreams),
    )  # fmt: skip


def masters(answer: Answer, _zone: tzinfo, most: int | None = None) -> Sheet:
    """Outside servers that hijacked hosts call home to.

    Beside its proxies: clean clients, next suspects, and proxies that go dark without it.
    """
    return Sheet(
        title="Masters",
        columns=[
            _address("address"), Column(name="ports"), _number("sure"), _number("proxies"),
            _number("clean"), _number("every"), _number("next"), _number("go dark"),
        ],
        rows=[
            (
                m.address, _ports(m.ports), share(m.confidence), len(m.proxies),
                m.clean_clients, period(m.period_s), len(m.next_suspects), m.goes_dark,
            )
            for m in islice(answer.masters, most)
        ],
        needed=5,
        total=len(answer.masters),
    )  # fmt: skip


def next_suspects(answer: Answer, _zone: tzinfo, most: int | None = None) -> Sheet:
    """Own hosts that call a master and show nothing else yet."""
    rows = [(s.address, share(s.confidence), m.address) for m in answer.masters
            for s in m.next_suspects]  # fmt: skip
    return Sheet(
        title="Next suspects",
        columns=[_address("address"), _number("sure"), _address("master")],
        rows=rows[:most],
        needed=2,
        total=len(rows),
    )


def operations(answer: Answer, zone: tzinfo, most: int | None = None) -> Sheet:
    """What belongs together, and what it was called before."""
    return Sheet(
        title="Operations",
        columns=[
            Column(name="name", whole=True), _number("proxies"), _address("upstreams"),
            _address("masters"), Column(name="since", whole=True), Column(name="was"),
        ],
        rows=[
            (
                o.name, len(o.proxies), listed(o.upstreams), listed(o.masters),
                moment(o.since, zone) if o.since else "-", listed(o.was),
            )
            for o in islice(answer.operations, most)
        ],
        needed=2,
        total=len(answer.operations),
    )  # fmt: skip


SHEETS: Final = {
    "proxies": proxies,
    "upstreams": upstreams,
    "masters": masters,
    "next suspects": next_suspects,
    "operations": operations,
}


def counts(answer: Answer, zone: tzinfo) -> list[str]:
    """What the hunt looked at, and what it could not see; a line each."""
    seen = answer.counts
    start, end = (t.astimezone(zone) for t in (answer.window.start, answer.window.end))
    both = math.floor(seen.both_directions * 100)
    sizes = [grouped(number) for number in (seen.flows, seen.sessions, seen.own_hosts)]
    lines = [
        f"from {start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S %Z}",
        "{} flows, {} sessions of {} own hosts".format(*sizes),
        f"both directions {both} %; of the other sessions one side was silent or not exported",
    ]
    if seen.sessions and not seen.own_hosts:
        lines.append("no session touches own_networks: are they right in headwater.toml?")
    return lines


def listed(texts: Sequence[str], between: str = "\n") -> str:
    """The first few, and how many more there are."""
    more = [f"and {len(texts) - MOST_NAMED} more"] if len(texts) > MOST_NAMED else []
    return between.join([*texts[:MOST_NAMED], *more])


def _ports(ports: Sequence[int]) -> str:
    """The first few in one short line: the columns beside them matter more."""
    more = [f"+{len(ports) - MOST_PORTS}"] if len(ports) > MOST_PORTS else []
    return ", ".join([*map(str, ports[:MOST_PORTS]), *more])


def _address(name: str) -> Column:
    return Column(name=name, whole=True, colour=ADDRESS_COLOUR)


def _number(name: str) -> Column:
    return Column(name=name, whole=True, right=True)
