"""What is known beside the flows: lists, indicators, places, and what the operator says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.tables import Lake
from headwater.measures.prefixes import NO_PREFIX, PrefixTable
from headwater.pipeline.answer import Place
from headwater.records.settings import Settings
from headwater.records.window import Window

ACCUSING = ("proxy", "spam")  # what a list must mean to count against a host

LISTINGS = pa.schema([("host", pa.string()), ("lists", pa.int64())])
ROLES = pa.schema(
    [
        ("host", pa.string()),
        ("mail_server", pa.bool_()),
        ("lawful_proxy", pa.bool_()),
    ]
)
INDICATED = pa.schema([("server", pa.string())])


@dataclass(frozen=True, slots=True)
class Known:
    """Answers about addresses, from the lake's small tables and the settings."""

    settings: Settings
    listed: pa.Table  # sightings that accuse: subject, subject_kind, source
    indicated: pa.Table  # servers known as masters: server
    networks: pa.Table

    def listings(self, hosts: Sequence[str]) -> pa.Table:
        """How many lists name each of these hosts, by address or by prefix."""
        lists: dict[str, set[str]] = {}
        asked = pa.array(hosts, pa.string())
        whole = pc.equal(self.listed.column("subject_kind"), "address")
        plain = self.listed.filter(whole)
        plain = plain.filter(pc.is_in(plain.column("subject"), value_set=asked))
        for row in plain.to_pylist():
            lists.setdefault(row["subject"], set()).add(row["source"])
        for source, table in self._listed_networks(pc.invert(whole)):
            for host in np.flatnonzero(table.holds_text(asked)):
                lists.setdefault(hosts[int(host)], set()).add(source)
        rows = [{"host": host, "lists": len(names)} for host, names in lists.items()]
        return pa.Table.from_pylist(rows, schema=LISTINGS)

    def _listed_networks(self, chosen: pa.ChunkedArray) -> list[tuple[str, PrefixTable]]:
        by_source: dict[str, list[str]] = {}
        for row in self.listed.filter(chosen).to_pylist():
            if row["subject_kind"] == "network":
                by_source.setdefault(row["source"], []).append(row["subject"])
        return [(source, PrefixTable(prefixes)) for source, prefixes in by_source.items()]

    def roles(self, hosts: Sequence[str]) -> pa.Table:
        """What the settings say of each of these hosts."""
        named = (self.settings.mail_servers, self.settings.lawful_proxies)
        mail, lawful = (PrefixTable(prefixes).holds_text(hosts) for prefixes in named)
        return pa.table([hosts, mail, lawful], schema=ROLES)

    def spare(self, addresses: Sequence[str]) -> list[bool]:
        """Whether the settings say never to accuse each of these."""
        spared = PrefixTable(self.settings.never_accuse).holds_text(addresses)
        return [bool(each) for each in spared]

    def locate(self, addresses: Sequence[str]) -> list[Place]:
        """The autonomous system and country of each address, by the longest prefix."""
        table = PrefixTable(self.networks.column("prefix").to_pylist())
        rows = self.networks.select(["as_number", "country"]).to_pylist()
        return [
            Place() if row == NO_PREFIX else Place(**rows[int(row)])
            for row in table.match_text(pa.array(addresses, pa.string()))
        ]


def known(lake: Lake, settings: Settings, window: Window) -> Known:
    """Read the small tables once. What had run out before the window accuses nobody."""
    sightings = lake.read(
        "sightings", columns=["subject", "subject_kind", "kind", "means", "source", "until"]
    )
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
            ["subject", "subject_kind", "source"]
        ),
        indicated=pa.table(
            [pc.unique(indicators.filter(addresses).column("subject"))], schema=INDICATED
        ),
        networks=lake.read(
            "networks", columns=["prefix", "as_number", "country", "as_of"]
        ).sort_by("as_of"),
    )
