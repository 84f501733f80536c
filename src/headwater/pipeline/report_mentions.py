"""For the report: what lists, reports and indicators say of its subjects."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.tables import Lake
from headwater.records.report import Mention

MOST_MENTIONS: Final = 12
LONGEST_DETAIL: Final = 200  # characters


def mentions(lake: Lake, addresses: Sequence[str]) -> dict[str, tuple[Mention, ...]]:
    """What lists and reports say of these addresses, by address or by prefix; newest first."""
    columns = ["subject", "kind", "means", "source", "seen_at", "detail"]
    rows = lake.read("sightings", columns=columns)
    holders: defaultdict[str, list[str]] = defaultdict(list)  # subject -> those it speaks of
    for address in addresses:
        for subject in (address, *_prefixes(address)):
            holders[subject].append(address)
    wanted = pc.is_in(rows.column("subject"), value_set=pa.array(list(holders), pa.string()))
    found: defaultdict[str, list[Mention]] = defaultdict(list)
    for row in rows.filter(wanted).to_pylist():
        for address in holders[row["subject"]]:
            found[address].append(_mention(row))
    return {
        address: tuple(sorted(said, key=lambda m: m.seen_at, reverse=True)[:MOST_MENTIONS])
        for address, said in found.items()
    }


def _prefixes(address: str) -> Iterator[str]:
    for length in range(ip_address(address).max_prefixlen + 1):
        yield str(ip_network(f"{address}/{length}", strict=False))


def _mention(row: Mapping[str, Any]) -> Mention:
    detail = row["detail"]
    return Mention(
        kind=row["kind"],
        source=row["source"],
        means=row["means"],
        seen_at=row["seen_at"],
        detail=detail[:LONGEST_DETAIL] if detail else None,
    )
