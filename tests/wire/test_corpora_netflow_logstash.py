"""Every payload of logstash-codec-netflow's tests gives its expected values."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.wire.export_writer import Readings, datagrams, sorted_out

from headwater.wire.flow_export import FlowDecoder

CORPORA = os.environ.get("HEADWATER_CORPORA")
FOLDER = Path(CORPORA or ".") / "netflow" / "logstash"
pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="HEADWATER_CORPORA has no netflow/logstash"),
]

# Logstash's names (NetFlow v9 style and IPFIX style) of the fields that our table has. Where
# an exporter sends two of one row, the first counts.
NAMES = {
    "src": ("ipv4_src_addr", "sourceIPv4Address", "ipv6_src_addr", "sourceIPv6Address"),
    "dst": (
        "ipv4_dst_addr", "destinationIPv4Address", "ipv6_dst_addr", "destinationIPv6Address",
    ),
    "src_port": ("l4_src_port", "sourceTransportPort"),
    "dst_port": ("l4_dst_port", "destinationTransportPort"),
    "protocol": ("protocol", "protocolIdentifier"),
    "tcp_flags": ("tcp_flags", "tcpControlBits"),
    "packets": ("in_pkts", "packetDeltaCount", "packetTotalCount"),
    "bytes": ("in_bytes", "octetDeltaCount", "in_permanent_bytes", "octetTotalCount"),
    "src_as": ("src_as", "bgpSourceAsNumber"),
    "dst_as": ("dst_as", "bgpDestinationAsNumber"),
    "input_if": ("input_snmp", "ingressInterface"),
    "output_if": ("output_snmp", "egressInterface"),
    "started_at": ("flowStartMilliseconds", "flowStartSeconds", "first_switched"),
    "ended_at": ("flowEndMilliseconds", "flowEndSeconds", "last_switched"),
}  # fmt: skip
PORTLESS = {1, 2, 50, 58, 89}

# Judged wrong: times that Logstash works out from an uptime are one second late, in v9
# always, in v5 where the subtraction must borrow from the seconds. Its flows end after the
# packet that reports them was sent (netflow5.dat: 08.476 against 08.280), while export time
# - (uptime - stamp), as RFC 3954 section 8 has it, is ours.
SECOND_TOO_LATE = timedelta(seconds=1)

# Judged wrong, besides: fields of our table that are not compared.
JUDGED_WRONG = {
    # The stamp is from before the 32-bit uptime wrapped: Logstash says seven weeks later.
    "Netflow 5 valid 01": ("started_at",),
}

# Payloads whose records Headwater refuses on purpose.
REFUSED = {
    "Netflow 9 macaddress": "records have no counter at all",
    "IPFIX Nokia BRAS": "address translations, without a counter",
    "IPFIX Procera": "counters are an enterprise's own, 15397/3 and /4",
    "Netflow 9 Fortigate FortiOS 5.2.1": "starts a week after the packet that reports it",
}

# Flows and refusals where they are not one flow per event.
COUNTED_OTHERWISE: dict[str, tuple[int, dict[str, int]]] = {
    # Two records are the packet; what follows in the file are more packets.
    "Netflow 5 valid 01": (2, {"trailing octets": 1}),
    # One event is an option of the exporter.
    "Netflow 9 multiple netflow exporters": (8, {}),
    # Three messages in one file; Logstash reads the first: six flows and an option.
    "IPFIX": (12, {}),
    # Fifteen connections with initiator and responder, four without a counter.
    "Netflow 9 Cisco ASA #2": (30, {"not a flow record": 4}),
    # Templates 259 and 262 were sent before the capture; Logstash drops those sets, too.
    "Netflow 9 ipt_netflow reduced size encoding": (12, {"no template": 6}),
    "IPFIX Netscaler with variable length fields": (3, {"no template": 1}),
    "configured with template caching": (3, {"no template": 1}),
    "configured with include_flowset_id for ipfix": (3, {"no template": 1}),
    "missing templates, no template caching configured": (0, {"no template": 4}),
    # All events are options: no flows.
    "IPFIX options template from Juniper MX240 JunOS 15.1 R6 S3": (0, {}),
    "Juniper SRX options template with 0 scope field length": (0, {}),
    "Netflow 9 Cisco ASR 9000 series options template 256": (0, {}),
    "Netflow 9 Cisco NBAR options template 260": (0, {}),
    # Its flow set is 17 octets longer than its one record, and they are not zero.
    "Netflow 9 nprobe DPI L7": (1, {"record cut short": 1}),
    # A biflow with an answer, a biflow without, and an option of the exporter.
    "IPFIX YAF basic with applabel": (4, {}),
    # See REFUSED.
    "IPFIX Nokia BRAS": (0, {"not a flow record": 1}),
    "IPFIX Procera": (0, {"not a flow record": 8}),
    "Netflow 9 Fortigate FortiOS 5.2.1": (0, {"clock in the future": 1}),
    # Radio clients' records: no addresses.
    "Netflow 9 Cisco WLC": (0, {"not a flow record": 19}),
}

DOCUMENT: dict[str, Any] = (
    json.loads((FOLDER / "expected.json").read_text()) if FOLDER.is_dir() else {"tests": []}
)
TESTS: list[dict[str, Any]] = DOCUMENT["tests"]


def readings(test: dict[str, Any]) -> Readings:
    decoder = FlowDecoder("corpus")
    before, feed = (
        datagrams(((FOLDER / "payloads" / name).read_bytes() for name in names), received_us=0)
        for names in (test.get("feed_before", []), test["feed"])
    )
    earlier = sorted_out(decoder.feed(before))
    assert earlier is not None
    return sorted_out([*decoder.feed(feed), *decoder.finish()])


def wanted(event: dict[str, Any]) -> dict[str, Any]:
    """What an expected event says of the fields of our table; empty where it is no flow."""
    whole = event.get("whole", {}).get("netflow", {})
    said = dict(event.get("fields", {})) | whole
    row = {
        ours: next(said[name] for name in theirs if name in said)
        for ours, theirs in NAMES.items()
        if any(name in said for name in theirs)
    }
    if whole and "src" not in row:  # options, or records without addresses
        return {}
    if row.get("protocol") in PORTLESS:
        row |= {port: 0 for port in ("src_port", "dst_port") if port in row}
    for time, name in (("started_at", "first_switched"), ("ended_at", "last_switched")):
        if name in said:
            row[time] = corrected(said[name], said["version"], event["whole"]["@timestamp"])
    return row


def corrected(stamp: str, version: int, exported: str) -> datetime:
    time, sent = datetime.fromisoformat(stamp), datetime.fromisoformat(exported)
    late = version == 9 or time.microsecond > sent.microsecond
    return time - SECOND_TOO_LATE * late


def agrees(row: dict[str, Any], expected: dict[str, Any]) -> bool:
    return all(same(row[name], value) for name, value in expected.items())


def same(ours: object, theirs: object) -> bool:
    if not isinstance(ours, datetime):
        return str(ours) == str(theirs)
    if isinstance(theirs, int):
        return ours.timestamp() == theirs
    time = theirs if isinstance(theirs, datetime) else datetime.fromisoformat(str(theirs))
    # Logstash 7 and 8 differ in what they leave of a millisecond.
    return abs(ours - time) < timedelta(milliseconds=1)


def subject(test: dict[str, Any]) -> str:
    return str(test["name"]).partition(" / ")[0]


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test["name"])
def test_every_event_is_a_flow_with_its_values(test: dict[str, Any]) -> None:
    rows = readings(test).rows
    for event in test["events"]:
        expected = wanted(event) if subject(test) not in REFUSED else {}
        for name in JUDGED_WRONG.get(subject(test), ()):
            expected.pop(name, None)
        if expected:
            found = next((row for row in rows if agrees(row, expected)), None)
            assert found is not None, expected
            rows.remove(found)


@pytest.mark.parametrize(
    "test", [test for test in TESTS if "n_events" in test], ids=lambda test: test["name"]
)
def test_there_are_as_many_flows_as_events(test: dict[str, Any]) -> None:
    answer = readings(test)
    flows, reasons = COUNTED_OTHERWISE.get(subject(test), (test["n_events"], {}))
    assert (len(answer.rows), answer.reasons) == (flows, reasons)


@pytest.mark.parametrize("name", sorted(DOCUMENT.get("payloads", ())))
def test_every_payload_alone_is_read_or_refused(name: str) -> None:
    answer = readings({"feed": [name]})
    assert all(refused.records > 0 for refused in answer.refused)
