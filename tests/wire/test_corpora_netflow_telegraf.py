"""Every payload of Telegraf's netflow plugin's tests gives its expected values."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.wire.export_writer import Readings, datagrams, sorted_out

from headwater.wire.flow_export import FlowDecoder

CORPORA = os.environ.get("HEADWATER_CORPORA")
FOLDER = Path(CORPORA or ".") / "netflow" / "telegraf"
pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="HEADWATER_CORPORA has no netflow/telegraf"),
]
RECEIVED_US = 1_767_225_600_000_000

# Telegraf's names of the fields that our table has; the first that is there counts.
NAMES = {
    "src": ("src",),
    "dst": ("dst",),
    "src_port": ("src_port",),
    "dst_port": ("dst_port",),
    "protocol": ("protocol",),
    "tcp_flags": ("tcp_flags",),
    "packets": ("in_packets", "in_total_packets"),
    "bytes": ("in_bytes", "in_total_bytes", "ipv4_total_len"),
    "sampling": ("sampling_interval",),
    "src_as": ("bgp_src_as",),
    "dst_as": ("bgp_dst_as",),
    "input_if": ("in_snmp",),
    "output_if": ("out_snmp",),
    "started_at": ("flow_start_ms",),
    "ended_at": ("flow_end_ms",),
}
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "hopopt": 0}
FLAG_LETTERS = "CEUAPRSF"

# Fields that are not compared, and why ours are right.
JUDGED_WRONG = {
    # Telegraf counts the switch's pool of packets, names the sampled port twice, and takes
    # the first IPv6 extension header for the protocol.
    "sflow_issue_15918": ("packets", "input_if", "output_if", "protocol"),
    # "0" is how v5 says that nothing is sampled: one in one.
    "netflow_v5_example": ("sampling",),
}

# Flows and refusals, where there is not one flow per event.
COUNTED_OTHERWISE: dict[str, tuple[int, dict[str, int]]] = {
    # 27 biflows and two records of one direction; the other two events are options. The
    # answers are rows of their own.
    "ipfix_example": (56, {}),
    "ipfix_options": (0, {}),
    "netflow_v9_options": (0, {}),
    # The template says that two times have no octets, the records have them: the first
    # record of each set is followed by 18 octets of no use. The message says that it is
    # 290 octets long, its sets need 292. Telegraf reads addresses out of the wrong places.
    "issue_14370": (
        1,
        {"header cut short": 1, "record cut short": 1, "set overruns its packet": 1},
    ),
    "missing_template": (0, {"no template": 1}),
    # A packet that was dropped, and counters: no flows.
    "sflow_issue_15375": (0, {}),
    "sflow_issue_18876": (0, {}),
    "sflow_v5_example": (0, {}),
    # The first of seven samples holds counters.
    "sflow_issue_15918": (6, {}),
}
NOT_COMPARED = {"issue_14370"}

CASES: dict[str, dict[str, Any]] = (
    json.loads((FOLDER / "expected.json").read_text())["cases"] if FOLDER.is_dir() else {}
)


def readings(name: str) -> Readings:
    decoder = FlowDecoder("corpus")
    payloads = ((FOLDER / name / file).read_bytes() for file in CASES[name]["feed"])
    # sFlow has no clock of its own; the others are not judged by the time of arrival.
    received = RECEIVED_US if name.startswith("sflow") else 0
    sent = datagrams(payloads, received_us=received)
    return sorted_out([*decoder.feed(sent), *decoder.finish()])


def wanted(name: str, event: dict[str, Any]) -> dict[str, Any]:
    """What an expected event says of the fields of our table; empty where it is no flow."""
    said = event["fields"]
    if "src" not in said:
        return {}
    return {
        ours: value(ours, next(said[name] for name in theirs if name in said))
        for ours, theirs in NAMES.items()
        if any(name in said for name in theirs) and ours not in JUDGED_WRONG.get(name, ())
    }


def value(name: str, theirs: Any) -> Any:
    if name == "protocol":
        return PROTOCOLS[theirs]
    if name == "tcp_flags":
        return sum(
            128 >> place for place, letter in enumerate(FLAG_LETTERS) if theirs[place] == letter
        )
    if name in ("started_at", "ended_at"):
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=theirs)
    return theirs


@pytest.mark.parametrize("name", sorted(set(CASES) - NOT_COMPARED))
def test_every_event_is_a_flow_with_its_values(name: str) -> None:
    rows = readings(name).rows
    for event in CASES[name]["events"]:
        if expected := wanted(name, event):
            found = next((row for row in rows if expected.items() <= row.items()), None)
            assert found is not None, expected
            rows.remove(found)
    # What is left over are the answers of biflows.
    assert all(row["initiator"] is False for row in rows)


@pytest.mark.parametrize("name", sorted(CASES))
def test_there_are_as_many_flows_as_events(name: str) -> None:
    answer = readings(name)
    flows, reasons = COUNTED_OTHERWISE.get(name, (len(CASES[name]["events"]), {}))
    assert (len(answer.rows), answer.reasons) == (flows, reasons)
