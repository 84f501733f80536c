"""One connection becomes a flow for each side that sent anything."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.wire.flow_rows import Places, Portion
from headwater.wire.zeek import NEEDED, check_columns, read

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
CONNECTION: dict[str, str | None] = {
    "ts": "1714564800.250000",
    "id.orig_h": "192.0.2.1",
    "id.orig_p": "40000",
    "id.resp_h": "198.51.100.1",
    "id.resp_p": "25",
    "proto": "tcp",
    "duration": "1.500000",
    "history": "ShADadFf",
    "orig_pkts": "7",
    "orig_ip_bytes": "420",
    "resp_pkts": "5",
    "resp_ip_bytes": "300",
}


def rows(*connections: dict[str, str | None]) -> tuple[list[dict[str, object]], list[Refused]]:
    batch = pa.RecordBatch.from_pylist(
        list(connections), pa.schema([(name, pa.string()) for name in CONNECTION])
    )
    found = list(read(batch, Places(unit="line", numbers=np.arange(9, 9 + len(batch))), "a"))
    flows = [row for got in found if isinstance(got, Portion) for row in got.flows.to_pylist()]
    return flows, [got for got in found if isinstance(got, Refused)]


def test_both_sides() -> None:
    (there, back), refused = rows(CONNECTION)
    start = NOON + timedelta(milliseconds=250)
    for flow in (there, back):
        assert flow["started_at"] == start
        assert flow["ended_at"] == start + timedelta(seconds=1.5)
        assert (flow["protocol"], flow["tcp_flags"], flow["sampling"]) == (6, 0x13, 1)
    assert (there["src"], there["src_port"], there["dst_port"]) == ("192.0.2.1", 40000, 25)
    assert (back["src"], back["src_port"], back["dst_port"]) == ("198.51.100.1", 25, 40000)
    assert (there["packets"], there["bytes"], there["initiator"]) == (7, 420, True)
    assert (back["packets"], back["bytes"], back["initiator"]) == (5, 300, False)
    assert refused == []


def test_a_silent_side_is_no_flow() -> None:
    unanswered = CONNECTION | {"resp_pkts": "0", "resp_ip_bytes": "0", "history": "S"}
    flows, refused = rows(unanswered)
    assert [flow["src"] for flow in flows] == ["192.0.2.1"]
    assert refused == []


def test_nothing_counted_is_said() -> None:
    silent = CONNECTION | {"orig_pkts": "0", "resp_pkts": "0"}
    flows, refused = rows(CONNECTION, silent)
    assert len(flows) == 2
    assert refused == [Refused(source="a", position="line 10", reason="no packets counted")]


def test_no_guess_who_opened() -> None:
    flows, _ = rows(CONNECTION | {"history": "DadA"})
    assert [flow["initiator"] for flow in flows] == [None, None]


def test_icmp_has_no_ports_and_no_duration_is_a_moment() -> None:
    echo = CONNECTION | {
        "proto": "icmp",
        "id.orig_p": "8",
        "id.resp_p": "0",
        "duration": None,
        "history": None,
    }
    flows, refused = rows(echo)
    assert refused == []
    assert {(flow["src_port"], flow["dst_port"]) for flow in flows} == {(0, 0)}
    assert all(flow["ended_at"] == flow["started_at"] for flow in flows)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ts", "today", "started_at not readable"),
        ("duration", "-1", "ended_at not readable"),
        ("id.orig_h", "host", "src not readable"),
        ("proto", "unknown_transport", "protocol not readable"),
        ("orig_pkts", None, "packets missing"),
    ],
)
def test_a_bad_value_is_refused_with_its_line(
    name: str, value: str | None, reason: str
) -> None:
    flows, refused = rows(CONNECTION, CONNECTION | {name: value})
    assert len(flows) >= 2
    assert (refused[0].position, refused[0].reason) == ("line 10", reason)


def test_columns_may_be_typed() -> None:
    typed = pa.RecordBatch.from_pylist([{
        "ts": 1714564800.25, "id.orig_h": "192.0.2.1", "id.orig_p": 40000,
        "id.resp_h": "198.51.100.1", "id.resp_p": 25, "proto": "tcp", "duration": 1.5,
        "history": "ShADadFf", "orig_pkts": 7, "orig_ip_bytes": 420, "resp_pkts": 5,
        "resp_ip_bytes": 300,
    }])  # fmt: skip
    (got,) = read(typed, Places(unit="line", numbers=np.array([1])), "a")
    assert isinstance(got, Portion)
    assert got.flows.to_pylist() == rows(CONNECTION)[0]


def test_missing_columns_are_named() -> None:
    with pytest.raises(MalformedInput, match="without orig_ip_bytes"):
        check_columns([name for name in NEEDED if name != "orig_ip_bytes"])
