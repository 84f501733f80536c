"""The age lists and the proxies as columns that the outputs render."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater.dnslist.answers.ages import stored_day
from headwater.dnslist.answers.dal import OLDEST
from headwater.dnslist.answers.proxies import CODES
from headwater.outputs.list_zone import Listed

LISTED = "127.0.0.2"
# Every address the age list can give, by age and quiet days.
ADDRESSES = pa.array([f"127.0.{x}.{y}" for x in range(OLDEST + 1) for y in range(OLDEST + 1)])


def aged_names(batches: Iterable[pa.RecordBatch], today: int) -> Iterator[Listed]:
    """Known names with today's 127.0.x.y and the registration day. ``today``: since 1970."""
    for batch in batches:
        rows = _known(batch)
        registered = _registered(rows)
        changed = rows["changed"].fill_null(-1).to_numpy().astype(np.int64)
        last = stored_day(np.maximum(changed, registered))
        stored = stored_day(registered)
        zero = today - stored_day(np.array([today]))[0]  # what a stored day counts from
        age = np.clip(today - zero - stored, 1, OLDEST)
        quiet = np.clip(today - zero - last, 0, OLDEST)
        addresses = ADDRESSES.take(pa.array(age * (OLDEST + 1) + quiet))
        yield Listed(rows["name"], addresses, _dates(registered))


def young_names(batches: Iterable[pa.RecordBatch], today: int, days: int) -> Iterator[Listed]:
    """Known names registered less than ``days`` days ago, as 127.0.0.2."""
    for batch in batches:
        rows = _known(batch)
        rows = rows.filter(pa.array(today - _registered(rows) < days))
        yield Listed(rows["name"], _repeated(LISTED, rows.num_rows), None)


def listed_proxies(rows: pa.Table, version: int) -> Listed:
    """PROXY_ROWS of one address family, with the kind as the reason."""
    functions: Any = pc
    colons = functions.match_substring(rows["address"], ":")
    chosen = rows.filter(colons if version == 6 else functions.invert(colons)).combine_chunks()
    kinds = chosen["kind"].to_pylist()
    addresses = pa.array([f"127.0.0.{CODES[kind]}" for kind in kinds], pa.string())
    return Listed(_one(chosen["address"]), addresses, _one(chosen["kind"]))


def _one(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _known(batch: pa.RecordBatch) -> pa.RecordBatch:
    functions: Any = pc
    known = functions.equal(batch["state"], "known")
    return batch.filter(functions.and_(known, functions.is_valid(batch["registered"])))


def _registered(rows: pa.RecordBatch) -> npt.NDArray[np.int64]:
    days: npt.NDArray[np.int64] = rows["registered"].to_numpy().astype(np.int64)
    return days


def _dates(days: npt.NDArray[np.int64]) -> "pa.StringArray":
    functions: Any = pc
    dates = pa.array(days.astype(np.int32), pa.int32()).cast(pa.date32())
    texts: pa.StringArray = functions.strftime(dates, format="%Y%m%d")
    return texts


def _repeated(text: str, count: int) -> "pa.StringArray":
    return pa.array([text]).take(pa.array(np.zeros(count, np.int32)))
