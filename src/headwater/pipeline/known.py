"""What is known beside the flows: lists, indicators, places, and what the operator says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.tables import Lake
from headwater.measures.prefixes import NO_PREFIX, PrefixTable
from headwater.pipeline.answer import Place
from headwater.pipeline.subjects import NOBODY_MOVED, Subjects
from headwater.records.lease import FOREVER_US
from headwater.records.settings import Network, Settings
from headwater.records.window import Window, from_us

ACCUSING = ("proxy", "spam")  # what a list must mean to count against a host

LISTINGS = pa.schema([("host", pa.string()), ("lists", pa.string())])  # names, as JSON
ROLES = pa.schema(
    [
        ("host", pa.string()),
        ("mail_server", pa.bool_()),
        ("lawful_proxy", pa.bool_()),
    ]
)
INDICATED = pa.schema([("server", pa.string())])


class Places:
    """Where addresses are, by the networks that somebody announces."""

    def __init__(self, networks: pa.Table) -> None:
        self._networks = networks

    def of(self, addresses: Sequence[str]) -> list[Place]:
        """The autonomous system and country of each address, by the longest prefix."""
        rows = self._rows
        return [
            Place() if row == NO_PREFIX else Place(**rows[int(row)])
            for row in self._table.match_text(pa.array(addresses, pa.string()))
        ]

    # A full routing table takes seconds to sort, and is asked several times.
    @cached_property
    def _table(self) -> PrefixTable:
        return PrefixTable(self._networks.column("prefix").to_pylist())

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        return list(self._networks.select(["as_number", "country"]).to_pylist())


@dataclass(frozen=True, slots=True)
class Known:
    """Answers about addresses, from the lake's small tables and the settings."""

    settings: Settings
    listed: pa.Table  # sightings that accuse: subject, subject_kind, source, seen_at
    indicated: pa.Table  # servers known as masters: server
    places: Places
    subjects: Subjects = NOBODY_MOVED  # what the names of hosts mean that are no addresses

    def listings(self, hosts: Sequence[str]) -> pa.Table:
        """Which lists name each of these hosts, by address or by prefix.

        Of an address that is not the host's all the time, what was seen in the host's time.
        """
        lists: dict[str, set[str]] = {}
        named, asked = self._meant(hosts)
        whole = pc.equal(self.listed.column("subject_kind"), "address")
        plain = self.listed.filter(whole)
        plain = plain.filter(pc.is_in(plain.column("subject"), value_set=asked))
        for row in plain.to_pylist():
            for host in named[row["subject"]]:
                if self._in_time(host, row):
                    lists.setdefault(host, set()).add(row["source"])
        for source, table in self._listed_networks(pc.invert(whole)):
            for address in asked.filter(pa.array(table.holds_text(asked))).to_pylist():
                for host in named[str(address)]:
                    lists.setdefault(host, set()).add(source)
        rows = [
            {"host": host, "lists": json.dumps(sorted(names))} for host, names in lists.items()
        ]
        return pa.Table.from_pylist(rows, schema=LISTINGS)

    def _meant(self, hosts: Sequence[str]) -> tuple[dict[str, list[str]], pa.StringArray]:
        """The hosts by each of their addresses; the addresses."""
        named: dict[str, list[str]] = {}
        for host in hosts:
            for address in set(self.subjects.addresses(host)):
                named.setdefault(address, []).append(host)
        return named, pa.array(named, pa.string())

    def _in_time(self, host: str, row: dict[str, Any]) -> bool:
        held = self.subjects.of(host)
        return not held or any(
            one.address == row["subject"]
            and from_us(one.since_us) <= row["seen_at"] < from_us(min(one.until_us, FOREVER_US))
            for one in held
        )

    def _listed_networks(self, chosen: pa.ChunkedArray) -> list[tuple[str, PrefixTable]]:
        by_source: dict[str, list[str]] = {}
        for row in self.listed.filter(chosen).to_pylist():
            if row["subject_kind"] == "network":
                by_source.setdefault(row["source"], []).append(row["subject"])
        return [(source, PrefixTable(prefixes)) for source, prefixes in by_source.items()]

    def roles(self, hosts: Sequence[str]) -> pa.Table:
        """What the settings say of each of these hosts."""
        named = (self.settings.mail_servers, self.settings.lawful_proxies)
        mail, lawful = (self._held(prefixes, hosts) for prefixes in named)
        return pa.table([hosts, mail, lawful], schema=ROLES)

    def spare(self, addresses: Sequence[str]) -> list[bool]:
        """Whether the settings say never to accuse each of these."""
        return self._held(self.settings.never_accuse, addresses)

    def _held(self, prefixes: Sequence[Network], hosts: Sequence[str]) -> list[bool]:
        """Whether any address of each of these hosts is in the prefixes."""
        named, addresses = self._meant(hosts)
        inside = addresses.filter(pa.array(PrefixTable(prefixes).holds_text(addresses)))
        held = {host for address in inside.to_pylist() for host in named[str(address)]}
        return [host in held for host in hosts]

    def locate(self, addresses: Sequence[str]) -> list[Place]:
        """The autonomous system and country of each address, by the longest prefix."""
        return self.places.of(addresses)


def known(
    lake: Lake, settings: Settings, window: Window, subjects: Subjects = NOBODY_MOVED
) -> Known:
    """Read the small tables once. What had run out before the window accuses nobody."""
    columns = ["subject", "subject_kind", "kind", "means", "source", "until", "seen_at"]
    sightings = lake.read("sightings", columns=columns)
    ended = pc.less(
        sightings.column("until"), pa.scalar(window.start, pa.timestamp("us", "UTC"))
    )
    valid = sightings.filter(pc.invert(pc.fill_null(ended, False)))
    kind = valid.column("kind").cast(pa.string())
    means = valid.column("means").cast(pa.string())
    accuses = pc.is_in(means, value_set=pa.array(ACCUSING))
    indicators = valid.filter(pc.equal(kind, "indicator"))
    addresses = pc.equal(indicators.column("subject_kind").cast(pa.string()), "address")
    return Known(
        settings=settings,
        listed=valid.filter(pc.and_(pc.equal(kind, "listed"), accuses)).select(
            ["subject", "subject_kind", "source", "seen_at"]
        ),
        indicated=pa.table(
            [pc.unique(indicators.filter(addresses).column("subject"))], schema=INDICATED
        ),
        places=Places(
            lake.read("networks", columns=["prefix", "as_number", "country", "as_of"]).sort_by(
                "as_of"
            )
        ),
        subjects=subjects,
    )
