"""How long ten million names take to import.

python -m benchmarks.import_domains [MILLIONS]
"""

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from headwater.lake.tables import Lake
from headwater.pipeline.import_domains import Feed, import_domains

SUFFIXES = ("test", "example", "co.uk", "com", "net", "org", "com.au", "xyz", "tokyo.jp", "ck")
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def write_names(path: Path, count: int) -> None:
    """A feed: a name and its date a line, in random order, a tenth of them hosts."""
    numbers = np.random.default_rng(1).permutation(count)
    for start in range(0, count, 1_000_000):
        part = numbers[start : start + 1_000_000]
        names = [
            f"{'www.' if n % 10 == 3 else ''}name-{n:x}.{SUFFIXES[n % len(SUFFIXES)]}"
            for n in part.tolist()
        ]
        days = [f"2026-01-{1 + n % 2:02}" for n in part.tolist()]
        table = pa.table({"domain": names, "create_date": days})
        options = pc.WriteOptions(include_header=start == 0, quoting_style="none")
        with path.open("ab") as out:
            pc.write_csv(table, out, options)


def main(millions: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        feed = Path(folder) / "feed.csv"
        write_names(feed, int(millions * 1_000_000))
        told = Feed(name="feed", fact="registered", seen_at=NOW, now=NOW)
        began = time.perf_counter()
        report = import_domains(feed, told, Lake(Path(folder) / "lake"), Path(folder) / "spill")
        took = time.perf_counter() - began
        size = sum(p.stat().st_size for p in (Path(folder) / "lake").rglob("*.parquet"))
        print(f"{report.rows:,} facts in {took:.1f} s: {report.rows / took:,.0f} a second")
        print(f"{size / report.rows:.1f} bytes a fact on disk; refused: {report.refused}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
