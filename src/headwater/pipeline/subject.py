"""Subject: all that is known about one address, inside or outside, or one subscriber."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.engine import LakeEngine
from headwater.lake.tables import Lake
from headwater.measures.prefixes import PrefixTable
from headwater.pipeline.answer import Place, compose
from headwater.pipeline.holdings import Holding, holders_of, holdings_of, met_within
from headwater.pipeline.known import known
from headwater.pipeline.questions import question
from headwater.pipeline.runs import KeptRun
from headwater.pipeline.subjects import HELD, Subjects, by_subject, subjects_in
from headwater.pipeline.subscribers import with_subscribers
from headwater.pipeline.tenures import Tenure
from headwater.pipeline.turned import put_right
from headwater.records.answer import Answer, Master, NextSuspect, Proxy, Upstream
from headwater.records.finding import Finding
from headwater.records.settings import Settings
from headwater.records.window import Window, from_us, to_us

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
    """Everything there is to say about one address, or one subscriber."""

    address: str | None  # of a subscriber, the one held last within the window
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
    subscriber: str | None = None  # where the page is about one
    # Of an address, who held it within the window; of a subscriber, all it ever held.
    holdings: tuple[Holding, ...] = ()

    @property
    def known(self) -> bool:
        return bool(self.findings or self.named_by or self.contacts or self.listings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the kept run comes to: with the names it used, and published."""

    run: KeptRun
    subjects: Subjects
    named: Answer
    published: Answer
    spared: Callable[[Sequence[str]], list[bool]]
    locate: Callable[[Sequence[str]], Sequence[Place]]

    def proxy(self, names: Collection[str]) -> Proxy | None:
        both = zip(self.named.proxies, self.published.proxies, strict=True)
        return next((shown for said, shown in both if said.address in names), None)

    def suspected_by(self, names: Collection[str]) -> tuple[str, ...]:
        return tuple(
            master.address
            for master in self.named.masters
            if any(one.address in names for one in master.next_suspects)
        )


def _told(lake: Lake, settings: Settings, run: KeptRun) -> _Told:
    subjects = subjects_in(run.findings)
    beside = known(lake, settings, run.window, subjects)
    named = compose(run.findings, run.window, run.counts, beside.locate, beside.spare)
    return _Told(
        run=run,
        subjects=subjects,
        named=named,
        published=with_subscribers(named, lake, settings, subjects),
        spared=beside.spare,
        locate=beside.locate,
    )


def subject(
    lake: Lake, settings: Settings, engine: LakeEngine, run: KeptRun, address: str
) -> Subject:
    """What the run and the tables say of a canonical address."""
    told = _told(lake, settings, run)
    names = {address, *_names_at(told, address)}
    spared = told.spared([address])[0]
    place = told.locate([address])[0]
    return Subject(
        address=address,
        settings=tuple(_roles(settings, [address])),
        as_number=place.as_number,
        country=place.country,
        proxy=told.proxy(names),
        upstream=_by_address(told.published.upstreams, address),
        master=_by_address(told.published.masters, address),
        suspected_by=told.suspected_by(names),
        findings=() if spared else _about(run.findings, names),
        named_by=() if spared else tuple(_naming(run.findings, names)),
        contacts=_contacts(put_right(engine, run.window), run, address),
        listings=_listings(lake, [address]),
        holdings=holders_of(lake, settings, address, run.window),
    )


def _asked_of(engine: LakeEngine, run: KeptRun, moved: Subjects) -> LakeEngine:
    return by_subject(put_right(engine, run.window), moved)


def subscriber(
    lake: Lake, settings: Settings, engine: LakeEngine, run: KeptRun, name: str
) -> Subject:
    """What the run and the tables say of a subscriber, over all that it held."""
    told = _told(lake, settings, run)
    holdings = holdings_of(lake, settings, name)
    within = [one for one in holdings if _meets(one, run.window)]
    moved = _moves(engine, run, within, name)
    names = {proxy.address for proxy in _proxies_of(told, name)} | _names_of(told, within)
    addresses = [one.address for one in moved.of(name)] or [one.held for one in within]
    spared = any(told.spared(sorted(names)))
    return Subject(
        address=addresses[-1] if addresses else None,
        settings=tuple(_roles(settings, addresses)),
        as_number=None,
        country=None,
        proxy=told.proxy(names),
        upstream=None,
        master=None,
        suspected_by=told.suspected_by(names),
        findings=() if spared else _about(run.findings, names),
        named_by=() if spared else tuple(_naming(run.findings, names)),
        contacts=_contacts(_asked_of(engine, run, moved), run, name) if moved.tenures else (),
        listings=_in_time(_listings(lake, {one.held for one in holdings}), holdings),
        subscriber=name,
        holdings=tuple(holdings),
    )


def _meets(one: Holding, window: Window) -> bool:
    return one.since < window.end and one.until > window.start


def _proxies_of(told: _Told, name: str) -> Iterator[Proxy]:
    """As the run called them."""
    both = zip(told.named.proxies, told.published.proxies, strict=True)
    return (said for said, shown in both if shown.subscriber == name)


def _names_at(told: _Told, address: str) -> Iterator[str]:
    """Subjects that held the address for a time."""
    for name, held in told.subjects.tenures.items():
        if any(one.address == address for one in held):
            yield name


def _names_of(told: _Told, within: Sequence[Holding]) -> set[str]:
    """What the run called the holder of these: a subject, or the plain address.

    Where an address was not one subscriber's all the time, the plain address is nobody.
    """
    moved = {one.address for held in told.subjects.tenures.values() for one in held}
    names = {
        name
        for name, held in told.subjects.tenures.items()
        if any(_same_time(holding, held[-1]) for holding in within)
    }
    met = (
        {finding.subject for finding in told.run.findings} - moved - set(told.subjects.tenures)
    )
    return names | {
        each for each in met if any(one.covers(each) for one in within if _address_like(each))
    }


def _same_time(holding: Holding, tenure: Tenure) -> bool:
    return (
        holding.covers(tenure.address)
        and to_us(holding.since) < tenure.until_us
        and tenure.since_us < to_us(holding.until)
    )


def _address_like(name: str) -> bool:
    return "@" not in name and "/" not in name


def _moves(engine: LakeEngine, run: KeptRun, within: Sequence[Holding], name: str) -> Subjects:
    """The subscriber as one host: every address of its that was met, for its time."""
    prefixes = [one for one in within if "/" in one.held]
    met = met_within(engine, run.window, [one.held for one in prefixes]) if prefixes else []
    found = [(one.held, one) for one in within if "/" not in one.held]
    for address in met:
        found += [(address, one) for one in prefixes if one.covers(address)]
    held = [
        Tenure(address=address, since_us=to_us(one.since), until_us=to_us(one.until))
        for address, one in sorted(found, key=lambda pair: (pair[1].since, pair[0]))
    ]
    return Subjects(tenures={name: tuple(held)} if held else {})


def _in_time(listings: Iterable[Listing], holdings: Sequence[Holding]) -> tuple[Listing, ...]:
    """Of what was said about an address, what was said in the subscriber's time."""
    return tuple(
        each
        for each in listings
        if "/" in each.subject
        or any(
            one.covers(each.subject) and one.since <= each.seen_at < one.until
            for one in holdings
        )
    )


def _roles(settings: Settings, addresses: Sequence[str]) -> Iterator[str]:
    whole = [address.partition("/")[0] for address in addresses]
    for key in ROLES:
        if PrefixTable(getattr(settings, key)).holds_text(whole).any():
            yield key


def _by_address(rows: Iterable[Row], address: str) -> Row | None:
    return next((row for row in rows if row.address == address), None)


def _about(findings: Sequence[Finding], names: Collection[str]) -> tuple[Finding, ...]:
    mine = [f for f in findings if f.subject in names and f.kind != HELD]
    return tuple(sorted(mine, key=lambda f: (f.detector != "hijacked", -f.confidence)))


def _naming(findings: Sequence[Finding], names: Collection[str]) -> Iterator[Finding]:
    for finding in findings:
        if finding.subject not in names and any(
            (isinstance(value, str) and value in names)
            or (isinstance(value, list | dict) and any(name in value for name in names))
            for value in finding.proof.values()
        ):
            yield finding


def _contacts(engine: LakeEngine, run: KeptRun, address: str) -> tuple[Contact, ...]:
    asked = pa.table({"address": [address]})
    rows = engine.ask(question("pipeline", "subject.sql"), run.window, {"subject": asked})
    return tuple(_contact(row) for row in rows.to_pylist())


def _contact(row: dict[str, int | str]) -> Contact:
    row.pop("place")
    moments = {name: from_us(int(row[name])) for name in ("first_seen", "last_seen")}
    return Contact(**(row | moments))  # type: ignore[arg-type]


def _listings(lake: Lake, held: Collection[str]) -> tuple[Listing, ...]:
    """By address, or by a prefix that holds it: each of its prefixes is looked for.

    Of a prefix, also by any address in it.
    """
    around = {prefix for one in held for prefix in _around(one)}
    columns = ["subject", "kind", "means", "source", "seen_at", "until", "detail"]
    rows = lake.read("sightings", columns=columns)
    wanted = pc.is_in(rows.column("subject"), value_set=pa.array(sorted(around), pa.string()))
    if prefixes := [one for one in held if "/" in one]:
        inside = PrefixTable(prefixes).holds_text(rows.column("subject"))
        wanted = pc.or_(wanted, pa.array(inside))
    newest = rows.filter(wanted).sort_by([("seen_at", "descending")])
    return tuple(Listing(**row) for row in newest.to_pylist())


def _around(held: str) -> Iterator[str]:
    yield held
    whole = ip_network(held)
    for length in range(whole.prefixlen + 1):
        yield str(whole.supernet(new_prefix=length))
