"""From findings to the table of proxies that the DNS server answers from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from headwater.dnslist.answers.proxies import CODES, PROXY_ROWS
from headwater.lake.tables import Lake
from headwater.measures.prefixes import PrefixTable
from headwater.outputs.files import deliver
from headwater.records.settings import Settings

LEAST_CONFIDENCE: Final = 0.9
KEEP: Final = timedelta(days=7)  # an address that is not found again is let go
COLUMNS: Final = ["found_at", "subject", "kind", "confidence"]
SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyTerms:
    """What it takes to be listed, and for how long."""

    confidence: float = LEAST_CONFIDENCE
    keep: timedelta = KEEP


def proxy_rows(lake: Lake, settings: Settings, terms: ProxyTerms, now: datetime) -> pa.Table:
    """PROXY_ROWS: each address with its surest kind, until ``keep`` after it was last found.

    Addresses that may never be accused are left out, here as at every output.
    """
    functions: Any = pc
    found = lake.read("findings", columns=COLUMNS)
    kinds = functions.is_in(found["kind"], value_set=pa.array([str(kind) for kind in CODES]))
    sure = functions.greater_equal(found["confidence"], terms.confidence)
    fresh = functions.greater(found["found_at"], pa.scalar(now - terms.keep))
    rows = _in_addresses(found.filter(functions.and_(functions.and_(kinds, sure), fresh)))
    spared = PrefixTable(settings.never_accuse).holds_text(rows["subject"].combine_chunks())
    rows = rows.filter(pa.array(~spared))
    surest = rows.sort_by([("confidence", "descending"), ("found_at", "descending")])
    last = surest.group_by("subject", use_threads=False).aggregate(
        [("kind", "first"), ("found_at", "min"), ("found_at", "max")]
    )
    since = functions.divide(last["found_at_min"].cast(pa.int64()), SECOND)
    until = functions.divide(last["found_at_max"].cast(pa.int64()), SECOND)
    ends = functions.add(until, int(terms.keep.total_seconds()))
    return pa.table([last["subject"], last["kind_first"], since, ends], schema=PROXY_ROWS)


def _in_addresses(found: pa.Table) -> pa.Table:
    """Who changed address is listed by the one held last: what stands before the instant."""
    parts = pc.split_pattern(found["subject"], "@")
    place = found.schema.get_field_index("subject")
    address = pc.list_element(parts, 0) if found.num_rows else found["subject"]
    return found.set_column(place, "subject", address)


def publish_proxies(rows: pa.Table, path: Path) -> int:
    """Swap the table in; running servers take it up. How many rows it has."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, PROXY_ROWS) as writer:
        writer.write_table(rows)
    deliver([sink.getvalue().to_pybytes()], path)
    return rows.num_rows
