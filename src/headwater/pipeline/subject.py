"""Subject: all that is known about one address, inside or outside."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.engine import Engine
from headwater.lake.tables import Lake
from headwater.measures.prefixes import PrefixTable
from headwater.pipeline.answer import compose
from headwater.pipeline.known import known
from headwater.pipeline.questions import question
from headwater.pipeline.runs import KeptRun
from headwater.pipeline.subscribers import with_subscribers
from headwater.records.answer import Master, NextSuspect, Proxy, Upstream
from headwater.records.finding import Finding
from headwater.records.settings import Settings
from headwater.records.window import from_us

Row = TypeVar("Row", Proxy, Upstream, Master, NextSuspect)
ROLES = ("own_networks", "mail_servers", "lawful_proxies", "never_accuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Somebody else's word on the address or on a prefix that holds it."""

    subject: str
    kind: str
    means: str
    source: str
    seen_at: datetime
    until: datetime | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A service the address offers or calls (``peer`` None), or somebody it meets often."""

    part: str  # offers | calls
    peer: str | None
    port: int
    protocol: int
    peers: int  # of a service: distinct others; of a peer: distinct ports
    sessions: int
    answered: int
    bytes_in: int
    bytes_out: int
    first_seen: datetime
    last_seen: datetime
    places: int  # how many such rows there are; only the busiest are here


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everything there is to say about one address."""

    address: str
    settings: tuple[str, ...]  # keys of the settings that hold the address
    as_number: int | None
    country: str | None
    proxy: Proxy | None
    upstream: Upstream | None
    master: Master | None
    suspected_by: tuple[str, ...]  # masters of which it is a next suspect
    findings: tuple[Finding, ...]
    named_by: tuple[Finding, ...]  # findings about others that name it
    contacts: tuple[Contact, ...]
    listings: tuple[Listing, ...]

    @property
    def known(self) -> bool:
        return bool(self.findings or self.named_by or self.contacts or self.listings)


def subject(
    lake: Lake, settings: Settings, engine: Engine, run: KeptRun, address: str
) -> Subject:
    """What the run and the tables say of a canonical address."""
    beside = known(lake, settings, run.window)
    said = compose(run.findings, run.window, run.counts, beside.locate, beside.spare)
    answer = with_subscribers(said, lake, settings)
    spared = beside.spare([address])[0]
    place = beside.locate([address])[0]
    return Subject(
        address=address,
        settings=tuple(_roles(settings, address)),
        as_number=place.as_number,
        country=place.country,
        proxy=_by_address(answer.proxies, address),
        upstream=_by_address(answer.upstreams, address),
        master=_by_address(answer.masters, address),
        suspected_by=tuple(
            m.address for m in answer.masters if _by_address(m.next_suspects, address)
        ),
        findings=() if spared else _about(run.findings, address),
        named_by=() if spared else tuple(_naming(run.findings, address)),
        contacts=_contacts(engine, run, address),
        listings=_listings(lake, address),
    )


def _roles(settings: Settings, address: str) -> Iterator[str]:
    for key in ROLES:
        if PrefixTable(getattr(settings, key)).holds_text([address])[0]:
            yield key


def _by_address(rows: Iterable[Row], address: str) -> Row | None:
    return next((row for row in rows if row.address == address), None)


def _about(findings: Sequence[Finding], address: str) -> tuple[Finding, ...]:
    mine = [finding for finding in findings if finding.subject == address]
    return tuple(sorted(mine, key=lambda f: (f.detector != "hijacked", -f.confidence)))


def _naming(findings: Sequence[Finding], address: str) -> Iterator[Finding]:
    for finding in findings:
        if finding.subject != address and any(
            address == value or (isinstance(value, list | dict) and address in value)
            for value in finding.proof.values()
        ):
            yield finding


def _contacts(engine: Engine, run: KeptRun, address: str) -> tuple[Contact, ...]:
    asked = pa.table({"address": [address]})
    rows = engine.ask(question("pipeline", "subject.sql"), run.window, {"subject": asked})
    return tuple(_contact(row) for row in rows.to_pylist())


def _contact(row: dict[str, int | str]) -> Contact:
    row.pop("place")
    moments = {name: from_us(int(row[name])) for name in ("first_seen", "last_seen")}
    return Contact(**(row | moments))  # type: ignore[arg-type]


def _listings(lake: Lake, address: str) -> tuple[Listing, ...]:
    """By address, or by a prefix that holds it: each of its prefixes is looked for."""
    bits = ip_address(address).max_prefixlen
    prefixes = [str(ip_network(f"{address}/{n}", strict=False)) for n in range(bits + 1)]
    columns = ["subject", "kind", "means", "source", "seen_at", "until", "detail"]
    rows = lake.read("sightings", columns=columns)
    wanted = pc.is_in(rows.column("subject"), value_set=pa.array([address, *prefixes]))
    newest = rows.filter(wanted).sort_by([("seen_at", "descending")])
    return tuple(Listing(**row) for row in newest.to_pylist())
