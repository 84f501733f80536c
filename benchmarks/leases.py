"""How fast leases are imported, and how many look-ups a second many of them allow.

python -m benchmarks.leases [MILLIONS]
"""

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.lake.tables import Lake
from headwater.pipeline.import_leases import LeaseSource, import_leases
from headwater.pipeline.who import LeaseBook, who
from headwater.records.tables import INSTANT
from headwater.records.window import from_us, to_us

NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
MARGIN: Final = timedelta(seconds=5)
SECOND: Final = 1_000_000
IMPORTED: Final = 200_000
QUESTIONS: Final = 500_000
KINDS: Final = ("IPv4 addresses", "delegated prefixes", "port blocks")


def held(kind: str, count: int) -> list[str]:
    """Distinct addresses or prefixes."""
    if kind == "delegated prefixes":
        return [f"2001:db8:{n >> 8:x}:{(n & 0xFF) << 8:x}::/56" for n in range(count)]
    return [f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(count)]


def rows(kind: str, count: int) -> pa.Table:
    """Ten leases after another on each address, or on each of 16 blocks of its ports."""
    blocks = 16 if kind == "port blocks" else 1
    holders = max(count // 10 // blocks, 1)
    texts = pa.array(held(kind, holders))
    number = np.arange(count)
    holder, block = number % holders, number // holders % blocks
    turn = number // (holders * blocks)
    starts = to_us(NOW) + (turn * 3600 + holder % 3600) * SECOND
    instants = {
        "starts_at": starts,
        "sure_until": starts + 3000 * SECOND,
        "ends_at": starts + 3000 * SECOND,
        "told_at": starts + 3000 * SECOND,
    }
    names = pa.array([f"subscriber-{n}" for n in range(holders)])
    whole = blocks == 1
    ports = {"port_from": block * 4096, "port_to": block * 4096 + 4095}
    return pa.table(
        {
            "held": pa.DictionaryArray.from_arrays(pa.array(holder), texts).cast(pa.string()),
            **{n: pa.nulls(count, pa.int32()) if whole else p for n, p in ports.items()},
            **{n: pa.array(v, pa.int64()).cast(INSTANT) for n, v in instants.items()},
            "subscriber": pa.DictionaryArray.from_arrays(
                pa.array((holder * 7 + turn) % holders), names
            ).cast(pa.string()),
            "session": pa.repeat("", count),
            "source": pa.repeat("bench", count),
        }
    )


def look_ups(kind: str, count: int) -> None:
    """Bulk look-ups over ``count`` leases in memory."""
    table = rows(kind, count)
    began = time.perf_counter()
    book = LeaseBook(table, MARGIN)
    made = time.perf_counter() - began
    dice = np.random.default_rng(1)
    addresses = table["held"].take(pa.array(dice.integers(0, count, QUESTIONS)))
    asked = [text.partition("/")[0] for text in addresses.to_pylist()]
    moments = to_us(NOW) + dice.integers(0, 11 * 3600, QUESTIONS) * SECOND
    ports = dice.integers(0, 65_536, QUESTIONS)
    began = time.perf_counter()
    named = book.subscribers(asked, moments, ports)
    took = time.perf_counter() - began
    share = sum(name is not None for name in named) / QUESTIONS
    print(
        f"{count:,} leases of {kind}: ready in {made:.1f} s,"
        f" {QUESTIONS / took:,.0f} look-ups a second, {share:.0%} named"
    )


def imports(folder: Path) -> None:
    """An import, the same file grown by a little, and one question to the disk."""
    file, lake = folder / "leases.csv", Lake(folder / "lake")
    lines = [
        f"10.{n >> 16}.{n >> 8 & 255}.{n & 255},"
        f"{from_us(to_us(NOW) + n * SECOND).isoformat()},,subscriber-{n}"
        for n in range(IMPORTED + 1000)
    ]
    for count in (IMPORTED, IMPORTED + 1000):
        file.write_text("\n".join(["address,starts,ends,subscriber", *lines[:count], ""]))
        source = LeaseSource(file=str(file), name="bench", zone=UTC, now=NOW)
        began = time.perf_counter()
        report = import_leases(file, source, lake)
        took = time.perf_counter() - began
        print(
            f"import: {report.rows:,} new of {count:,} in {took:.1f} s, {count / took:,.0f}/s"
        )
    began = time.perf_counter()
    found = who(lake, "10.0.0.9", None, NOW + timedelta(hours=1), MARGIN)
    print(f"one question to the disk: {time.perf_counter() - began:.3f} s: {found.verdict}")


def main(millions: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        imports(Path(folder))
    for kind in KINDS:
        look_ups(kind, int(millions * 1_000_000))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
