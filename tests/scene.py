"""A small scene for tests: hosts in reserved networks that browse, relay, poll and mail.

What happens is written as flow records into a real lake and oriented by the real engine,
so that every question is asked of the tables it will meet.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from headwater.lake.duck import DuckEngine
from headwater.lake.engine import NO_TABLES
from headwater.lake.layout import HOUR_US
from headwater.lake.tables import Lake
from headwater.measures import votes
from headwater.pipeline.facts import whole_hours
from headwater.pipeline.gateways import GATEWAYS
from headwater.pipeline.hunt import SUSPECTS
from headwater.pipeline.living import living
from headwater.pipeline.mailed import MAILED
from headwater.pipeline.orient import orient
from headwater.pipeline.questions import question
from headwater.pipeline.side_by_side import side_by_side
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.tables import TABLES
from headwater.records.window import Window, from_us

BASE_US = 490_000 * HOUR_US
S = 1_000_000
HEADERS = 46  # octets a packet, on average: with and without TCP timestamps
SYN, RST_ACK, OPENED, GOING_ON, WHOLE = 0x02, 0x14, 0x1A, 0x18, 0x1B

Row = dict[str, Any]


def own(number: int) -> str:
    return f"192.0.2.{number}"


def outside(number: int) -> str:
    """An outside address; after the first 250 in another network, then IPv6."""
    if number < 250:
        return f"198.51.100.{number}"
    if number < 500:
        return f"203.0.113.{number - 250}"
    return f"2001:db8:{number:x}::1"


def outsiders(count: int, first: int = 1) -> list[str]:
    return [outside(first + number) for number in range(count)]


def window(hours: float = 2) -> Window:
    return Window(from_us(BASE_US), from_us(BASE_US + int(hours * HOUR_US)))


def is_own(names: pa.StringArray) -> Any:
    ours = ("192.0.2.", "2001:db8:ffff:")
    return np.array([name.startswith(ours) for name in names.to_pylist()], bool)


class Scene:
    """Say what happens, then ``ask``; times are seconds after the window's start."""

    def __init__(self, folder: Path, *, hours: float = 2, sampling: int = 1) -> None:
        self.lake = Lake(folder / "lake")
        self.engine = DuckEngine(self.lake, spill_dir=folder / "spill", threads=1)
        self.window = window(hours)
        self.lasts_s = hours * 3600
        self.sampling = sampling
        self.chance = random.Random(7)
        self.rows: list[Row] = []
        self._port = 10_000
        self._settled = False

    def at(self, seconds: float) -> int:
        return BASE_US + round(seconds * S)

    def times(
        self, count: int, start_s: float = 100, end_s: float | None = None
    ) -> list[float]:
        """So many instants, spread by chance over the window, to the millisecond."""
        end_s = self.lasts_s - 100 if end_s is None else end_s
        return sorted(round(self.chance.uniform(start_s, end_s), 3) for _ in range(count))

    def size(self) -> int:
        """A payload that is hardly met twice."""
        return self.chance.randint(3_000, 60_000)

    def talk(
        self, at_s: float, client: str, server: str, port: int, *,
        up: int = 2_000, down: int = 4_000, lasts_s: float = 2.0, protocol: int = 6,
        flags: int | None = WHOLE, client_port: int | None = None,
    ) -> None:  # fmt: skip
        """One conversation, or one exported piece of it; sizes are payloads."""
        ports = (client_port or self._next_port(), port)
        self._record(at_s, client, server, ports, up, lasts_s, protocol, flags)
        if down:
            back_s = at_s + 0.02
            self._record(back_s, server, client, ports[::-1], down, lasts_s, protocol, flags)

    def knock(self, at_s: float, source: str, host: str, port: int) -> None:
        """A SYN, answered by a refusal."""
        ports = (self._next_port(), port)
        self._record(at_s, source, host, ports, 0, 0, 6, SYN)
        self._record(at_s + 0.02, host, source, ports[::-1], 0, 0, 6, RST_ACK)

    def relay(
        self, host: str, port: int, visitors: Sequence[str], targets: Sequence[str], *,
        times: Iterable[float], onward_port: int = 25, delay_s: float = 0.3, extra: int = 20,
        protocol: int = 6,
    ) -> None:  # fmt: skip
        """Each visit is passed on: the same payload but for the proxy's own ``extra``."""
        for number, at_s in enumerate(times):
            up, down = self.size(), self.size()
            visitor, target = (
                visitors[number % len(visitors)],
                targets[number % len(targets)],
            )
            self.talk(at_s, visitor, host, port, up=up + extra, down=down, protocol=protocol)
            self.talk(at_s + delay_s, host, target, onward_port, up=up, down=down)

    def serve(
        self, host: str, port: int, visitors: Sequence[str], times: Iterable[float]
    ) -> None:
        for number, at_s in enumerate(times):
            visitor = visitors[number % len(visitors)]
            self.talk(at_s, visitor, host, port, up=self.size(), down=self.size())

    def browse(self, host: str, sites: Sequence[str], times: Iterable[float]) -> None:
        for number, at_s in enumerate(times):
            site = sites[number % len(sites)]
            self.talk(at_s, host, site, 443, up=self.size(), down=10 * self.size())

    def mail(
        self, host: str, servers: Sequence[str], times: Iterable[float], *, cut: float = 0.0
    ) -> None:
        """Deliveries; of them a share, ``cut``, is refused after the greeting."""
        for number, at_s in enumerate(times):
            refused = int((number + 1) * cut) > int(number * cut)
            up = 100 if refused else self.size()
            self.talk(at_s, host, servers[number % len(servers)], 25, up=up, down=400)

    def poll(self, host: str, server: str, port: int, every_s: float, **said: Any) -> None:
        at_s = said.pop("start_s", self.chance.uniform(0, every_s))
        while at_s < self.lasts_s - 5:
            self.talk(at_s, host, server, port, **({"up": 300, "down": 500} | said))
            at_s += every_s

    def tunnel(
        self, host: str, peer: str, port: int, targets: Sequence[str], *, pieces: int = 20,
        dials_out: bool = True, errand_port: int = 443, start_s: float = 300,
        client_port: int = 45_000, carries: float = 1.0, piece_s: int = 60, older: bool = False,
        protocol: int = 6,
    ) -> None:  # fmt: skip
        """A session exported in pieces; what each brings, times ``carries``, leaves.

        ``older``: it was opened before the records begin.
        """
        for number in range(pieces):
            at_s = start_s + piece_s * number
            there, back = self.size(), self.size()
            ends = (host, peer) if dials_out else (peer, host)
            up, down = (back, there) if dials_out else (there, back)
            flags = GOING_ON if number or older else OPENED
            self.talk(
                at_s, *ends, port, up=up, down=down, lasts_s=piece_s - 1, flags=flags,
                client_port=client_port, protocol=protocol,
            )  # fmt: skip
            sent, got = int(there * carries), int(back * carries)
            target = targets[number % len(targets)]
            self.talk(at_s + 20, host, target, errand_port, up=sent, down=got)

    def ask(self, detector: Detector, extra: Mapping[str, pa.Table] = NO_TABLES) -> pa.Table:
        """The answer to a detector's question about all that happened."""
        self.settle()
        asked = question("detectors", detector.question)
        beside = {
            "side_by_side": side_by_side(self.engine, self.window),
            "living": living(self._lit()),
            "gateways": GATEWAYS.empty_table(),
            "mailed_for": MAILED.empty_table(),
        }
        given = {"popular": self._popular(), **beside, **extra}
        return self.engine.ask(asked, self.window, given)

    def _popular(self) -> pa.Table:
        return self.engine.ask(question("pipeline", "popular.sql"), self.window)

    def _lit(self) -> pa.Table:
        return self.engine.ask(question("pipeline", "lit.sql"), whole_hours(self.window))

    def findings(
        self, detector: Detector, extra: Mapping[str, pa.Table] = NO_TABLES
    ) -> list[Finding]:
        return list(detector.weigh(self.ask(detector, extra), self.window))

    def write(self, name: str, rows: Iterable[Row]) -> None:
        """Rows for another table of the lake; a row's instants in microseconds."""
        with self.lake.append(name, f"scene {name}") as change:
            change.write(table(name, rows))

    def settle(self) -> None:
        """Write what happened and tell clients from servers."""
        if not self._settled:
            with self.lake.append("flows", "scene") as change:
                change.write(table("flows", self.rows))
            orient(self.lake, is_own, "own")
            self._settled = True

    def _next_port(self) -> int:
        self._port = self._port + 1 if self._port < 60_000 else 10_000
        return self._port

    def _record(
        self, at_s: float, src: str, dst: str, ports: tuple[int, int], payload: int,
        lasts_s: float, protocol: int, flags: int | None,
    ) -> None:  # fmt: skip
        sent = payload // 1000 + (4 if payload else 1)
        each = payload / sent + HEADERS
        seen = sent
        if self.sampling > 1:
            seen = sum(self.chance.random() < 1 / self.sampling for _ in range(sent))
            flags = GOING_ON if flags not in (SYN, RST_ACK) else flags
            at_s, lasts_s = at_s + self.chance.uniform(0, lasts_s), 0
        if seen:
            self.rows.append({
                "started_at": self.at(at_s),
                "ended_at": self.at(at_s + lasts_s),
                "src": src,
                "dst": dst,
                "src_port": ports[0],
                "dst_port": ports[1],
                "protocol": protocol,
                "tcp_flags": flags if protocol == 6 else None,
                "packets": seen * self.sampling,
                "bytes": int(each * seen * self.sampling),
                "exporter": "203.0.113.254",
                "sampling": self.sampling,
            })  # fmt: skip


def table(name: str, rows: Iterable[Row]) -> pa.Table:
    """Rows in the shape of a table of the lake; what they do not say is null."""
    given, schema = list(rows), TABLES[name]
    columns = [
        pa.array([row.get(field.name) for row in given], _plain(field.type)).cast(field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def suspects(ports: Mapping[str, int | None], confidence: float = 0.99) -> pa.Table:
    """Hosts under suspicion, each with the port on which it relays."""
    rows = [
        {"host": host, "port": port, "confidence": confidence, "relays": port is not None}
        for host, port in ports.items()
    ]
    return pa.Table.from_pylist(rows, schema=SUSPECTS)


def fellows(sick: int, well: int, base: float = 0.002) -> dict[str, float]:
    """What is said of a caller's others: so many sick, and so many of whom nothing is known."""
    ratio = votes.ratios(
        np.array([1.0] * sick + [0.0] * (well + 1)),
        np.ones(sick + well + 1),
        hosts=1000,
        sick=1000 * base,
        met_in_all=1000,
    )
    share, unshown = votes.others_share(ratio, np.array([1.0] * sick + [0.0] * (well + 1)))
    shares = {"share": float(share[-1]), "unshown": float(unshown[-1])}
    return {"other_suspects": sick, "others_sick": sick, **shares}


def indicators(*servers: str) -> pa.Table:
    """Servers that somebody who took malware apart found in it."""
    return pa.table({"server": pa.array(servers, pa.string())})


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return pa.string()
    return pa.int64() if pa.types.is_timestamp(kind) else kind
