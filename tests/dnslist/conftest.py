"""One small world of ages for the list's tests."""

import random
from collections.abc import Callable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from headwater.dnslist.answers.age_rows import AGE_ROWS, build_snapshot
from headwater.dnslist.answers.dal import DalZone
from headwater.dnslist.answers.keyed_hash import KEY_BYTES
from headwater.dnslist.answers.snapshot import Snapshot
from headwater.dnslist.answers.young import YoungZone
from headwater.dnslist.answers.zone import DAY, Apex, Moment, make_apex

SECRET = random.Random(20050101).randbytes(KEY_BYTES)
RULES = ("com", "net", "org", "example", "jp", "co.jp", "*.kobe.jp", "!city.kobe.jp", "*.ck",
         "!www.ck", "pvt.k12.example")  # fmt: skip
EPOCH = date(1970, 1, 1)
TODAY = date(2026, 3, 10)
NOON = Moment((TODAY - EPOCH).days * DAY + DAY // 2)

Row = tuple[str, str | None, str | None]


def day(text: str | None) -> int | None:
    return None if text is None else (date.fromisoformat(text) - EPOCH).days


def age_batch(rows: Sequence[Row]) -> pa.RecordBatch:
    """Rows of name, registered, changed (ISO days); no registration: no such domain."""
    return pa.RecordBatch.from_pylist(
        [
            {
                "name": name,
                "registered": day(registered),
                "changed": day(changed),
                "registrar": "Example Registrar",
                "source": "rdap",
                "as_of": day("2026-03-09"),
                "state": "known" if registered else "no-such-domain",
            }
            for name, registered, changed in rows
        ],
        AGE_ROWS,
    )


ROWS: list[Row] = [
    ("fresh.example", "2026-03-08", None),
    ("today.example", "2026-03-10", None),
    ("tomorrow.example", "2026-03-12", None),  # the registry's clock is ahead of ours
    ("moved.example", "2003-09-26", "2026-03-03"),
    ("old.example", "2003-09-26", "2004-01-01"),
    ("shop.co.jp", "2026-02-01", None),
    ("city.kobe.jp", "2020-01-01", None),
    ("a.b.kobe.jp", "2026-03-01", None),
    ("www.ck", "2026-03-02", None),
    ("kobe.jp", "2001-01-01", None),
    ("gone.example", None, None),
    ("edge.example", "2026-02-08", None),  # 30 days old
    ("inside.example", "2026-02-09", None),  # 29 days old
]


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    made, refused = build_snapshot(
        [age_batch(ROWS)], rules=RULES, secret=SECRET, made_at=1_773_000_000
    )
    assert refused == 0
    return made


@pytest.fixture(scope="session")
def apex() -> Callable[[str], Apex]:
    def make(name: str) -> Apex:
        return make_apex(name, servers=("ns.example.org",), mailbox="host.master@example.org")

    return make


@pytest.fixture(scope="session")
def dal(snapshot: Snapshot, apex: Callable[[str], Apex]) -> DalZone:
    return DalZone(apex("dal.example.org"), snapshot)


@pytest.fixture(scope="session")
def young(snapshot: Snapshot, apex: Callable[[str], Apex]) -> YoungZone:
    return YoungZone(apex("young.example.org"), snapshot)


@pytest.fixture(scope="session")
def world() -> Any:
    """What tests of several files need, by name."""
    return SimpleNamespace(now=NOON, rules=RULES, secret=SECRET, rows=ROWS, batch=age_batch)
