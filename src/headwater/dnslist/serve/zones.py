"""From settings and files on disk to zones that answer; taken up anew when files change."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from headwater.dnslist.answers.age_rows import build_snapshot
from headwater.dnslist.answers.batch_zones import AgeZone
from headwater.dnslist.answers.dal import DalZone
from headwater.dnslist.answers.keyed_hash import KEY_BYTES
from headwater.dnslist.answers.proxies import PROXY_ROWS, ProxiesZone, ProxyTable
from headwater.dnslist.answers.snapshot import Snapshot
from headwater.dnslist.answers.young import YoungZone
from headwater.dnslist.answers.zone import Apex, Zone, make_apex
from headwater.dnslist.serve.public_suffixes import icann_rules
from headwater.dnslist.serve.snapshot_file import Watched, open_proxies, open_snapshot
from headwater.dnslist.settings import DnsSettings
from headwater.records.errors import MalformedInput, Misconfigured

Table = TypeVar("Table")


@dataclass(frozen=True, slots=True)
class Served:
    """The zones of one moment. ``ages`` are those that can be answered in batches."""

    zones: Sequence[Zone]
    ages: Sequence[AgeZone]

    @property
    def others(self) -> list[Apex]:
        batched = {id(age.zone) for age in self.ages}
        return [zone.apex for zone in self.zones if id(zone) not in batched]


class ZoneKeeper:
    """Holds the zones; ``refresh`` swaps in new snapshots whole and keeps the old on error."""

    __slots__ = (
        "_proxies",
        "_settings",
        "_snapshot",
        "_watched",
        "_workspace",
        "damaged",
        "served",
    )

    def __init__(self, settings: DnsSettings, workspace: Path) -> None:
        self._settings = settings
        self._workspace = workspace
        self.damaged = 0
        self._watched = (
            Watched(workspace / settings.snapshot),
            Watched(workspace / settings.proxy_table),
        )
        self._snapshot = _empty_snapshot()
        self._proxies = ProxyTable(PROXY_ROWS.empty_table(), 0)
        self._load_ages()
        self._load_proxies()
        self.served = self._build()

    def refresh(self) -> bool:
        """Whether anything was replaced. Never raises for a damaged file."""
        ages, proxies = (watched.changed() for watched in self._watched)
        if not ages and not proxies:
            return False
        try:
            if ages:
                self._load_ages()
            if proxies:
                self._load_proxies()
        except (MalformedInput, OSError):
            self.damaged += 1
            return False
        self.served = self._build()
        return True

    def _load_ages(self) -> None:
        path = self._workspace / self._settings.snapshot
        if path.exists():
            self._snapshot = _opened(open_snapshot, path)

    def _load_proxies(self) -> None:
        path = self._workspace / self._settings.proxy_table
        if path.exists():
            self._proxies = _opened(open_proxies, path)

    def _build(self) -> Served:
        have = self._settings
        ages: list[DalZone | YoungZone] = []
        zones: list[Zone] = []
        if have.dal:
            apex = self._apex(have.dal)
            ages.append(DalZone(apex, self._snapshot, details=have.dal_details))
        if have.young:
            ages.append(YoungZone(self._apex(have.young), self._snapshot, days=have.young_days))
        if have.proxies:
            apex = self._apex(have.proxies)
            zones.append(
                ProxiesZone(
                    apex, self._proxies, reason=have.proxies_reason, ttl=have.proxies_ttl
                )
            )
        return Served([*ages, *zones], [AgeZone(zone) for zone in ages])

    def _apex(self, name: str) -> Apex:
        have = self._settings
        try:
            return make_apex(
                name,
                servers=have.name_servers,
                mailbox=have.mailbox,
                unknown_ttl=have.unknown_ttl,
                absent_ttl=have.absent_ttl,
            )
        except MalformedInput as fault:
            raise Misconfigured(f"the zone {name!r} cannot be served: {fault}") from None


def _opened(opener: Callable[[Path], Table], path: Path) -> Table:
    try:
        return opener(path)
    except MalformedInput as fault:
        raise MalformedInput(f"{path}: {fault}") from None


def _empty_snapshot() -> Snapshot:
    """What is known before the first snapshot: nothing, so every name is asked about."""
    nothing: list[pa.RecordBatch] = []
    secret = secrets.token_bytes(KEY_BYTES)
    return build_snapshot(nothing, rules=icann_rules(), secret=secret, made_at=0)[0]
