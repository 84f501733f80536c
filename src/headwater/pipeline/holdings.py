"""Holdings: which subscriber held which address when, for pages about one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from headwater.lake import layout
from headwater.lake.engine import Engine
from headwater.lake.tables import Lake
from headwater.measures.prefixes import PrefixTable
from headwater.pipeline.questions import question
from headwater.pipeline.tenures import Held, Tenure, tenures
from headwater.pipeline.who import LeaseBook, rows_about
from headwater.records.lease import FOREVER_US
from headwater.records.settings import Settings
from headwater.records.window import Window, from_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An address or prefix that was one subscriber's, beyond doubt, for a time."""

    subscriber: str
    held: str
    since: datetime
    until: datetime

    def covers(self, address: str) -> bool:
        """Whether it is, or holds, the address (canonical)."""
        if "/" not in self.held:
            return self.held == address
        return "/" not in address and ip_address(address) in ip_network(self.held)


def holdings_of(lake: Lake, settings: Settings, subscriber: str) -> list[Holding]:
    """All that the subscriber ever held alone, in the order of time.

    Blocks of ports of a shared address are left out: what it did others may have done.
    """
    firsts = {held.partition("/")[0]: held for held in _ever_leased(lake, [subscriber])}
    if not firsts:
        return []
    found = [
        _holding(one, firsts[one.tenure.address])
        for one in _tenures(lake, settings, list(firsts))
        if one.subscriber == subscriber
    ]
    return sorted(found, key=lambda one: (one.since, one.held))


def holders_of(
    lake: Lake, settings: Settings, address: str, window: Window
) -> tuple[Holding, ...]:
    """Who held an address (canonical) within the window, in the order of time."""
    if not lake.manifest("leases").files:
        return ()
    found = [_holding(one, address) for one in _tenures(lake, settings, [address])]
    return tuple(one for one in found if one.since < window.end and one.until > window.start)


def known_subscriber(lake: Lake, name: str) -> bool:
    """Whether any lease names the subscriber."""
    return bool(_ever_leased(lake, [name], alone=False))


def _tenures(lake: Lake, settings: Settings, addresses: Sequence[str]) -> list[Held]:
    margin = settings.leases.clocks()
    return tenures(LeaseBook(rows_about(lake, addresses), margin), addresses)


def _holding(one: Held, held: str) -> Holding:
    tenure: Tenure = one.tenure
    return Holding(
        subscriber=one.subscriber,
        held=held,
        since=from_us(tenure.since_us),
        until=from_us(min(tenure.until_us, FOREVER_US)),
    )


def leased_by(
    lake: Lake, engine: Engine, subscribers: Sequence[str], window: Window
) -> list[str]:
    """Addresses that leases ever gave these subscribers; of prefixes, those met in them."""
    held = _ever_leased(lake, subscribers)
    prefixes = [one for one in held if "/" in one]
    met = met_within(engine, window, prefixes) if prefixes else []
    return [*(one for one in held if "/" not in one), *met]


def met_within(engine: Engine, window: Window, prefixes: Sequence[str]) -> list[str]:
    """Own addresses of the prefixes (IPv6) that the window's sessions show."""
    met = engine.ask(question("pipeline", "own_v6.sql"), window)["address"].cast(pa.string())
    inside = PrefixTable(prefixes).holds_text(met)
    return [str(address) for address in met.filter(pa.array(inside)).to_pylist()]


def _ever_leased(lake: Lake, subscribers: Sequence[str], *, alone: bool = True) -> list[str]:
    """Every address and prefix that any lease gives one of the subscribers."""
    if not lake.manifest("leases").files:
        return []
    wanted = ds.field("subscriber").isin(list(subscribers))
    if alone:
        wanted &= ds.field("port_from").is_null()
    with lake.reading(["leases"]):
        paths = [str(path) for path in lake.files("leases")]
        schema = layout.stored_shape("leases")
        rows: pa.Table = ds.dataset(paths, schema=schema, format="parquet").to_table(
            columns=["held"], filter=wanted
        )
    return [str(held) for held in pc.unique(rows["held"]).to_pylist()]
