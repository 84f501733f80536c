"""For the report: what upstreams push through proxies, and where the proxies' mail goes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.lake.engine import Engine
from headwater.lake.tables import Lake
from headwater.measures.columns import codes, ints
from headwater.measures.prefixes import NO_PREFIX, PrefixTable
from headwater.pipeline.questions import question
from headwater.records.answer import Answer
from headwater.records.report import Delivery, Tie
from headwater.records.window import Window

MOST_UPSTREAMS: Final = 400  # whose traffic is told pair by pair: the first of the answer

PAIRS = pa.schema([("upstream", pa.string()), ("proxy", pa.string())])
HOSTS = pa.schema([("host", pa.string())])


class Places:
    """Autonomous systems by name, from the table the operator gave."""

    def __init__(self, lake: Lake) -> None:
        rows = lake.read("networks").sort_by("as_of").to_pylist()
        self._names = [_as_label(row["as_number"], row["as_name"]) for row in rows]
        self._countries = [row["country"] for row in rows]
        self._table = PrefixTable([row["prefix"] for row in rows])

    def labels(self, addresses: Sequence[str]) -> dict[str, str]:
        """AS, name and country of each address that the table knows."""
        found = self._table.match_text(pa.array(addresses, pa.string()))
        return {
            address: ", ".join(filter(None, (self._names[row], self._countries[row])))
            for address, row in zip(addresses, found.tolist(), strict=True)
            if row != NO_PREFIX
        }

    def networks(self, addresses: Sequence[str]) -> list[str]:
        """The AS that each address is in; where none is known its /24 or /48."""
        found = self._table.match_text(pa.array(addresses, pa.string()))
        return [
            self._names[row] if row != NO_PREFIX and self._names[row] else _around(address)
            for address, row in zip(addresses, found.tolist(), strict=True)
        ]


def _as_label(number: int | None, name: str | None) -> str:
    numbered = f"AS{number}" if number is not None else ""
    return " ".join(filter(None, (numbered, name)))


def _around(address: str) -> str:
    return str(ip_network(f"{address}/{48 if ':' in address else 24}", strict=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarters:
    """An upstream's sessions by quarter of an hour since 1970."""

    upstream: str
    quarters: tuple[int, ...]
    sessions: tuple[int, ...]


def pairs_of(answer: Answer, most: int | None = None) -> pa.Table:
    """PAIRS: each upstream (``most`` of them) with each of its proxies."""
    rows = [
        {"upstream": u.address, "proxy": p} for u in answer.upstreams[:most] for p in u.proxies
    ]
    return pa.Table.from_pylist(rows, schema=PAIRS)


def hosts_of(answer: Answer) -> pa.Table:
    """HOSTS: every proxy."""
    return pa.table([[p.address for p in answer.proxies]], schema=HOSTS)


def ties(
    engine: Engine, answer: Answer, window: Window
) -> tuple[tuple[Tie, ...], tuple[Quarters, ...]]:
    """Each pair's traffic, and when each upstream was at work."""
    pairs = pairs_of(answer, MOST_UPSTREAMS)
    rows = engine.ask(question("pipeline", "report_ties.sql"), window, {"pairs": pairs})
    quarters: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    found = []
    for row in rows.to_pylist():
        if row["proxy"] is None:
            quarters[row["upstream"]].append((row["quarter"], row["sessions"]))
        else:
            row.pop("quarter")
            found.append(Tie(**row))
    worked = (
        Quarters(
            upstream=upstream,
            quarters=tuple(quarter for quarter, _ in counts),
            sessions=tuple(sessions for _, sessions in counts),
        )
        for upstream, counts in quarters.items()
    )
    return tuple(found), tuple(worked)


def deliveries(
    engine: Engine, answer: Answer, window: Window, places: Places
) -> tuple[Delivery, ...]:
    """Each proxy's mail by the network it went to."""
    rows = engine.ask(
        question("pipeline", "report_mail.sql"), window, {"proxies": hosts_of(answer)}
    )
    if not rows.num_rows:
        return ()
    proxy, proxies = codes(rows, "proxy")
    server, servers = codes(rows, "server")
    names, network_of = np.unique(np.array(places.networks(servers)), return_inverse=True)
    keys = proxy * len(names) + network_of.reshape(-1)[server]
    distinct, group = np.unique(keys, return_inverse=True)
    counted, sessions, carried = (
        np.bincount(group.reshape(-1), weights=weights).astype(np.int64).tolist()
        for weights in (None, ints(rows, "sessions"), ints(rows, "bytes"))
    )
    return tuple(
        Delivery(
            proxy=proxies[key // len(names)],
            network=str(names[key % len(names)]),
            servers=counted[at],
            sessions=sessions[at],
            bytes=carried[at],
        )
        for at, key in enumerate(distinct.tolist())
    )
