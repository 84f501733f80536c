"""What nfdump prints, in its pipe format and its CSVs, becomes the same flows."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import cast

import numpy as np
import pyarrow as pa
import pytest

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.wire import nfdump
from headwater.wire.flow_rows import Places, Portion

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_MS = 1_714_564_800_000
ONE = Places(unit="record", numbers=np.array([1]))


def words(address: str) -> list[int]:
    packed = ip_address(address).packed.rjust(16, b"\0")
    return [int.from_bytes(packed[place : place + 4], "big") for place in (0, 4, 8, 12)]


def pipe(*, src: str = "192.0.2.1", dst: str = "192.0.2.2", **changed: int) -> dict[str, int]:
    row = dict.fromkeys(nfdump.PIPE_NAMES, 0) | {
        "family": 10 if ":" in src else 2,
        "first": NOON_MS,
        "last": NOON_MS + 1500,
        "protocol": 6,
        "src_port": 40000,
        "dst_port": 25,
        "src_as": 64496,
        "tcp_flags": 27,
        "packets": 7,
        "bytes": 420,
    }
    row |= {f"src{place}": word for place, word in enumerate(words(src))}
    row |= {f"dst{place}": word for place, word in enumerate(words(dst))}
    return row | changed


def flows(found: list[Portion | Refused]) -> list[dict[str, object]]:
    assert all(got.scaled for got in found if isinstance(got, Portion))
    return [row for got in found if isinstance(got, Portion) for row in got.flows.to_pylist()]


def read_pipe(*rows: dict[str, int], sampling: int = 1) -> list[Portion | Refused]:
    batch = pa.RecordBatch.from_pylist(list(rows))
    places = Places(unit="record", numbers=np.arange(1, len(rows) + 1))
    return list(nfdump.read_pipe(batch, places, "a", "198.51.100.1", sampling))


def test_pipe() -> None:
    (flow,) = flows(read_pipe(pipe(), sampling=100))
    assert flow["started_at"] == NOON
    assert flow["ended_at"] == NOON + timedelta(seconds=1.5)
    assert (flow["src"], flow["src_port"]) == ("192.0.2.1", 40000)
    assert (flow["dst"], flow["dst_port"]) == ("192.0.2.2", 25)
    assert (flow["tcp_flags"], flow["packets"], flow["bytes"]) == (27, 7, 420)
    assert (flow["src_as"], flow["exporter"], flow["sampling"]) == (64496, "198.51.100.1", 100)


def test_pipe_with_both_families() -> None:
    found = flows(read_pipe(pipe(), pipe(src="2001:db8::1", dst="fe80::20c:29ff:fe83:3b6e")))
    assert [(flow["src"], flow["dst"]) for flow in found] == [
        ("192.0.2.1", "192.0.2.2"),
        ("2001:db8::1", "fe80::20c:29ff:fe83:3b6e"),
    ]


def test_times_taken_for_each_other_are_put_right() -> None:
    found = flows(read_pipe(pipe(first=NOON_MS + 90_000, last=NOON_MS), pipe()))
    times = [(flow["started_at"], flow["ended_at"]) for flow in found]
    assert times == [(NOON, NOON + timedelta(seconds=n)) for n in (90, 1.5)]


def test_times_days_apart_are_not_put_right() -> None:
    (flow,) = flows(read_pipe(pipe(first=NOON_MS + 2 * 86_400_000)))
    assert flow["started_at"] == NOON + timedelta(days=2)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (pipe(family=7), "src not readable"),
        (pipe(src3=-1), "src not readable"),
        (pipe(dst0=1 << 32), "dst not readable"),
        (pipe(first=1 << 62), "started_at not readable"),
        (pipe(src_port=70000), "src_port out of range"),
    ],
)
def test_numbers_that_are_none_of_nfdumps(row: dict[str, int], reason: str) -> None:
    found = read_pipe(row, pipe())
    assert [got.reason.partition(":")[0] for got in found if isinstance(got, Refused)] == [
        reason
    ]
    assert len(flows(found)) == 1


def test_answers() -> None:
    row = {
        "started_at": "2024-05-01 12:00:00.250",
        "ended_at": "2024-05-01 12:00:01.000",
        "src": "       192.0.2.2",
        "dst": "       192.0.2.1",
        "src_port": "    25",
        "dst_port": " 40000",
        "protocol": "6    ",
        "packets": "5",
        "bytes": "300",
    }
    batch = pa.RecordBatch.from_pylist([row])
    (flow,) = flows(list(nfdump.read_answers(batch, ONE, "a", None, 1)))
    assert flow["started_at"] == NOON + timedelta(milliseconds=250)
    assert (flow["src"], flow["src_port"], flow["packets"]) == ("192.0.2.2", 25, 5)
    assert (flow["tcp_flags"], flow["exporter"]) == (None, None)
    turned = row | {"started_at": row["ended_at"], "ended_at": row["started_at"]}
    batch = pa.RecordBatch.from_pylist([turned])
    assert flows(list(nfdump.read_answers(batch, ONE, "a", None, 1))) == [flow]


OLDER = {
    "ts": "2024-05-01 12:00:00",
    "te": "2024-05-01 12:00:01",
    "td": "1.500",
    "sa": "192.0.2.1",
    "da": "192.0.2.2",
    "sp": "40000",
    "dp": "25",
    "pr": "TCP",
    "flg": "...AP.SF",
    "ipkt": "7",
    "ibyt": "420",
    "opkt": "0",
    "obyt": "0",
    "in": "1",
    "out": "2",
    "sas": "64496",
    "das": "64497",
}
NEWER = {
    "firstSeen": "2024-05-01 12:00:00.000",
    "duration": "1.500",
    "proto": "6",
    "srcAddr": "192.0.2.1",
    "srcPort": "40000",
    "dstAddr": "192.0.2.2",
    "dstPort": "25",
    "packets": "7",
    "bytes": "420",
    "flows": "1",
}


def read_csv(row: dict[str, str]) -> list[Portion | Refused]:
    return list(nfdump.read_csv(pa.RecordBatch.from_pylist([row]), ONE, "a"))


@pytest.mark.parametrize("row", [OLDER, NEWER], ids=["1.7.1", "later"])
def test_csv(row: dict[str, str]) -> None:
    found = read_csv(row)
    (flow,) = flows(found)
    assert (flow["started_at"], flow["ended_at"]) == (NOON, NOON + timedelta(seconds=1.5))
    assert (flow["src"], flow["dst"], flow["protocol"]) == ("192.0.2.1", "192.0.2.2", 6)
    assert (flow["src_port"], flow["dst_port"], flow["packets"]) == (40000, 25, 7)
    assert flow["tcp_flags"] == (27 if row is OLDER else None)
    assert cast(Portion, found[0]).without_zone == 1


@pytest.mark.parametrize("te", ["2024-05-01 11:58:30", "2024-05-01 12:01:30"])
def test_csv_of_times_taken_for_each_other(te: str) -> None:
    """Its duration is below zero, which nfdump prints as a number without a sign."""
    (flow,) = flows(read_csv(OLDER | {"te": te, "td": "18446744073709552.000"}))
    times = flow["started_at"], flow["ended_at"]
    assert times == tuple(sorted((NOON, datetime.fromisoformat(te + "+00:00"))))


def test_csv_without_an_end_that_can_be_read() -> None:
    (refused,) = read_csv(OLDER | {"te": "soon", "td": "18446744073709552.000"})
    assert isinstance(refused, Refused)
    assert refused.reason.startswith("ended_at not readable")


def test_csv_with_both_directions_in_a_line() -> None:
    said = {"opkt": "5", "obyt": "300", "ra": "198.51.100.1"}
    there, back = flows(read_csv(OLDER | said))
    assert there["exporter"] == back["exporter"] == "198.51.100.1"
    there, back = flows(read_csv(OLDER | {"opkt": "5", "obyt": "300"}))
    assert (there["src"], there["packets"]) == ("192.0.2.1", 7)
    assert (back["src"], back["src_port"], back["packets"]) == ("192.0.2.2", 25, 5)
    assert (back["tcp_flags"], back["bytes"]) == (None, 300)


@pytest.mark.parametrize("row", [OLDER, NEWER], ids=["1.7.1", "later"])
def test_csv_columns_that_are_needed(row: dict[str, str]) -> None:
    for name in ("td", "ts", "pr", "ipkt") if row is OLDER else ("duration", "proto", "bytes"):
        with pytest.raises(MalformedInput, match=f"without .*{name}"):
            nfdump.check_csv([other for other in row if other != name])
