"""From facts about domains to the snapshot that the DNS server answers from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from headwater.dnslist.answers.age_rows import AGE_ROWS, build_snapshot
from headwater.dnslist.answers.snapshot import snapshot_pieces
from headwater.dnslist.serve.public_suffixes import icann_rules
from headwater.lake.duck import DuckEngine
from headwater.lake.question import parse
from headwater.outputs.files import deliver
from headwater.pipeline.questions import question
from headwater.records.errors import MalformedInput
from headwater.records.window import EPOCH, Window

QUESTION = "age_list.sql"
BATCH_ROWS = 1 << 17
NO_WINDOW = Window(EPOCH, EPOCH)  # the table of domains is read whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A snapshot as written. ``refused``: rows that were no registrable names."""

    names: int
    refused: int
    size: int


def age_rows(engine: DuckEngine) -> Iterator[pa.RecordBatch]:
    """What the lake knows of domains' ages, as AGE_ROWS."""
    *before, last = parse(question("pipeline", QUESTION))
    with engine.open({"domains"}, NO_WINDOW) as connection:
        for step in before:
            connection.execute(f"create temporary view {step.name} as {step.sql}")
        for batch in connection.sql(last.sql).to_arrow_reader(BATCH_ROWS):
            yield _shaped(batch)


def rows_in(path: Path) -> Iterator[pa.RecordBatch]:
    """AGE_ROWS from a Parquet file. Raises MalformedInput where it holds something else."""
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH_ROWS):
                yield _shaped(batch)
    except (pa.ArrowException, KeyError) as fault:
        raise MalformedInput(f"{path}: not a table of ages: {fault}") from None


def _shaped(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [batch.column(field.name).cast(field.type) for field in AGE_ROWS]
    return pa.RecordBatch.from_arrays(columns, schema=AGE_ROWS)


def publish_ages(
    rows: Iterable[pa.RecordBatch], path: Path, *, secret: bytes, made_at: int
) -> Built:
    """Build the snapshot whole and swap it in; running servers take it up."""
    snapshot, refused = build_snapshot(
        rows, rules=icann_rules(), secret=secret, made_at=made_at
    )
    size = deliver(snapshot_pieces(snapshot), path)
    return Built(names=len(snapshot.ages), refused=refused, size=size)
