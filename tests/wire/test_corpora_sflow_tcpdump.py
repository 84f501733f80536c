"""Captures of tcpdump's tests: what it prints of their samples is what we read."""

import os
import re
from ipaddress import ip_address
from pathlib import Path
from struct import unpack_from

import pytest
from tests.wire.export_writer import Readings, sorted_out

from headwater.records.intake import Datagram
from headwater.wire.flow_export import FlowDecoder

CORPORA = os.environ.get("HEADWATER_CORPORA")
FOLDER = Path(CORPORA or ".") / "sflow" / "tcpdump"
pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="HEADWATER_CORPORA has no sflow/tcpdump"),
]
IPV6_ETHERTYPE = b"\x86\xdd"


def capture(name: str) -> list[Datagram]:
    """The UDP payloads of one pcap with Ethernet frames."""
    octets = (FOLDER / f"{name}.pcap").read_bytes()
    sent: list[Datagram] = []
    position = 24
    while position + 16 <= len(octets):
        seconds, micros, size = unpack_from("<III", octets, position)
        frame = octets[position + 16 : position + 16 + size]
        position += 16 + size
        six = frame[12:14] == IPV6_ETHERTYPE
        start = 14 + (40 if six else 4 * (frame[14] & 0xF)) + 8
        source = frame[22:38] if six else frame[26:30]
        sent.append(
            Datagram(
                payload=frame[start:],
                exporter=str(ip_address(source)),
                received_us=seconds * 1_000_000 + micros,
                position=len(sent) + 1,
            )
        )
    return sent


def read(name: str) -> tuple[Readings, dict[str, int]]:
    decoder = FlowDecoder("capture")
    return sorted_out([*decoder.feed(capture(name)), *decoder.finish()]), dict(decoder.skipped)


def printed(name: str) -> str:
    return (FOLDER / f"{name}.out").read_text()


def test_samples_of_an_agent_on_ipv6() -> None:
    answer, skipped = read("sflow-print-v6")
    text = printed("sflow-print-v6")
    lengths = [
        int(frame) - int(stripped) - 14  # Ethernet
        for frame, stripped in re.findall(r"length (\d+), stripped bytes (\d+)", text)
    ]
    interfaces = [int(number) for number in re.findall(r"input (\d+) output", text)]
    assert [row["bytes"] for row in answer.rows] == lengths
    assert [row["input_if"] for row in answer.rows] == interfaces
    assert {row["sampling"] for row in answer.rows} == {1}
    assert skipped == {"counter samples": text.count("counter sample (")}
    assert (answer.refused, answer.gaps) == ([], [])


def test_counters_of_many_agents() -> None:
    answer, skipped = read("sflow_multiple_counter_30_pdus")
    text = printed("sflow_multiple_counter_30_pdus")
    assert skipped == {"counter samples": text.count("counter sample (")}
    assert answer.refused == []
    # tcpdump prints "sFlow version 327681 not supported", or 327682, for five packets.
    # Judged wrong: 0x00050001 is NetFlow version 5 with one record, 0x00050002 with two.
    versions = re.findall(r"sFlow version (\d+) packet not supported", text)
    assert len(answer.rows) == sum(int(version) & 0xFFFF for version in versions)


def test_a_damaged_datagram_is_refused() -> None:
    answer, skipped = read("sflow_print-segv")
    assert (answer.rows, skipped) == ([], {})
    assert set(answer.reasons) == {"sample cut short"}
