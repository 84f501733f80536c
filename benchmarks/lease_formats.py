"""Leases by format: how many are read right, and how fast.

    HEADWATER_CORPORA=DIR python -m benchmarks.lease_formats [LEASES]

Synthetic files with a known truth, then files of real servers (left out where there are
none): what is read of those is checked by tests/wire/leases/test_corpora_leases.py.
"""

import gzip
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from headwater.records.intake import Refused
from headwater.records.lease import Lease, LeaseFormat
from headwater.records.window import from_us, to_us
from headwater.wire.leases.detect import LINES_LOOKED_AT, detect, read_leases

START_S: Final = to_us(datetime(2026, 3, 1, tzinfo=UTC)) // 1_000_000
LASTS_S: Final = 3600
SECOND: Final = 1_000_000


class Truth(NamedTuple):
    """What one synthetic lease says."""

    held: str
    starts_s: int
    subscriber: str
    mac: str

    @property
    def ends_s(self) -> int:
        return self.starts_s + LASTS_S


def truths(count: int) -> list[Truth]:
    return [
        Truth(
            held=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}",
            starts_s=START_S + n % 80_000,
            subscriber=f"subscriber-{n}",
            mac=f"00:00:5e:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}",
        )
        for n in range(count)
    ]


def written(seconds: int, shape: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
    return from_us(seconds * SECOND).strftime(shape)


def isc(one: Truth) -> str:
    shape = "%w %Y/%m/%d %H:%M:%S"
    return (
        f"lease {one.held} {{\n  starts {written(one.starts_s, shape)};\n"
        f"  ends {written(one.ends_s, shape)};\n  binding state active;\n"
        f"  hardware ethernet {one.mac};\n}}\n"
    )


def kea(one: Truth) -> str:
    return f"{one.held},{one.mac},,{LASTS_S},{one.ends_s},1,0,0,,0,,0\n"


def detail(one: Truth) -> str:
    """The start and the stop of a session."""
    records = []
    for at, status, more in (
        (one.starts_s, "Start", ""),
        (one.ends_s, "Stop", f"\tAcct-Session-Time = {LASTS_S}\n"),
    ):
        records.append(
            f"{written(at, '%a %b %e %H:%M:%S %Y')}\n"
            f'\tUser-Name = "{one.subscriber}"\n\tAcct-Status-Type = {status}\n'
            f'\tAcct-Session-Id = "{one.subscriber}"\n\tFramed-IP-Address = {one.held}\n'
            f"{more}\tTimestamp = {at}\n"
        )
    return "\n".join(records) + "\n"


def radacct(one: Truth) -> str:
    times = [written(s, "%Y-%m-%d %H:%M:%S") for s in (one.starts_s, one.ends_s, one.ends_s)]
    return f"{one.subscriber},{one.subscriber},{one.held},{','.join(times)}\n"


def block(one: Truth) -> str:
    ends = written(one.ends_s)
    return f"{one.held},1024,2047,{written(one.starts_s)},{ends},{one.subscriber}\n"


def plain(one: Truth) -> str:
    return f"{one.held},{written(one.starts_s)},{written(one.ends_s)},{one.subscriber}\n"


KEA_HEAD: Final = (
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,"
    "state,user_context,pool_id\n"
)
RADACCT_HEAD: Final = (
    "acctuniqueid,username,framedipaddress,acctstarttime,acctupdatetime,acctstoptime\n"
)
FORMATS: Final[list[tuple[LeaseFormat, str, Callable[[Truth], str]]]] = [
    (LeaseFormat.ISC_DHCPD, "", isc),
    (LeaseFormat.KEA, KEA_HEAD, kea),
    (LeaseFormat.RADIUS_DETAIL, "", detail),
    (LeaseFormat.RADIUS_CSV, RADACCT_HEAD, radacct),
    (LeaseFormat.CGN_BLOCKS, "address,port_from,port_to,starts,ends,subscriber\n", block),
    (LeaseFormat.CSV, "address,starts,ends,subscriber\n", plain),
]


def is_right(lease: Lease, truth: Truth) -> bool:
    ends = lease.ends_us if lease.ends_us is not None else lease.sure_us
    return (
        lease.starts_us == truth.starts_s * SECOND
        and ends == truth.ends_s * SECOND
        and lease.subscriber in (truth.subscriber, truth.mac)
    )


def measure(kind: LeaseFormat, head: str, write: Callable[[Truth], str], count: int) -> None:
    planted = {one.held: one for one in truths(count)}
    lines = (head + "".join(map(write, planted.values()))).splitlines()
    found = detect(lines[:LINES_LOOKED_AT])
    began = time.perf_counter()
    told = list(read_leases(iter(lines), kind, "bench", UTC))
    took = time.perf_counter() - began
    leases = [one for one in told if isinstance(one, Lease)]
    right = {one.held for one in leases if is_right(one, planted[one.held])}
    wrong = {one.held for one in leases} - right
    cells = (count, len(right), len(told) - len(leases), len(wrong), f"{len(told) / took:,.0f}")
    print(f"| {kind}{'' if found is kind else ' (not detected)'} | "
          + " | ".join(map(str, cells)) + " |")  # fmt: skip


def real_files(folder: Path) -> Iterator[tuple[str, int, int, str]]:
    """Name, leases and refusals of each file that is recognised, and why."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in (".md", ".json") or "LICENSE" in path.name:
            continue
        data = path.read_bytes()
        lines = (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()
        if kind := detect(lines[:LINES_LOOKED_AT]):
            told = list(read_leases(iter(lines), kind, path.name, UTC))
            refused = [one.reason for one in told if isinstance(one, Refused)]
            yield path.name, len(told) - len(refused), len(refused), "; ".join(sorted(refused))


def main(count: int) -> None:
    print("| format | leases | right | refused | wrong | statements a second |")
    print("|---|---:|---:|---:|---:|---:|")
    for kind, head, write in FORMATS:
        measure(kind, head, write, count)
    if corpora := os.environ.get("HEADWATER_CORPORA"):
        for row in real_files(Path(corpora) / "leases"):
            print(*row, sep="  ")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
