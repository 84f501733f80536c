"""The recordings that ship: whole files, and a truth that fits them."""

import gzip
import struct
from datetime import datetime
from ipaddress import ip_address, ip_network

import pytest

from headwater.lab.exporters import Exporter
from headwater.lab.recordings import Recording, shipped

VERSIONS = {
    Exporter.V9.description: 9,
    Exporter.IPFIX.description: 10,
    Exporter.V5.description: 5,
    Exporter.FPROBE.description: 5,
}
RECORDINGS = shipped()
MEGABYTES = 1 << 20


@pytest.fixture(params=RECORDINGS, ids=lambda recording: recording.name)
def recording(request: pytest.FixtureRequest) -> Recording:
    assert isinstance(request.param, Recording)
    return request.param


def _packets(recording: Recording) -> list[tuple[float, bytes]]:
    with recording.packets() as path:
        data = gzip.decompress(path.read_bytes())
    assert data[:4] == b"\xd4\xc3\xb2\xa1"
    position, packets = 24, []
    while position < len(data):
        seconds, micros, kept, length = struct.unpack_from("<IIII", data, position)
        frame = data[position + 16 : position + 16 + kept]
        assert kept == length == len(frame)
        packets.append((seconds + micros / 1e6, frame[42:]))
        position += 16 + kept
    return packets


def test_each_exporter_has_its_recording() -> None:
    assert {recording.truth.exporter for recording in RECORDINGS} == set(VERSIONS)
    seeds = [recording.truth.seed for recording in RECORDINGS]
    assert len(set(seeds)) == len(seeds)


def test_recordings_are_a_few_megabytes_in_all() -> None:
    total = 0
    for recording in RECORDINGS:
        with recording.packets() as path:
            total += path.stat().st_size
    assert 0 < total < 4 * MEGABYTES


def test_packets_are_whole_and_of_the_promised_version(recording: Recording) -> None:
    packets = _packets(recording)
    assert len(packets) > 100
    versions = {struct.unpack("!H", payload[:2])[0] for _, payload in packets}
    assert versions == {VERSIONS[recording.truth.exporter]}


def test_packets_lie_in_the_window(recording: Recording) -> None:
    start = datetime.fromisoformat(recording.truth.window.start).timestamp()
    end = datetime.fromisoformat(recording.truth.window.end).timestamp()
    moments = [moment for moment, _ in _packets(recording)]
    assert moments == sorted(moments)
    assert start - 10 < moments[0]
    assert moments[-1] < end + 15
    assert moments[-1] - moments[0] > 0.9 * (end - start)


def test_every_address_of_the_truth_is_where_it_should_be(recording: Recording) -> None:
    truth = recording.truth
    own = [ip_network(network) for network in truth.own_networks]
    inside = [proxy.address for proxy in truth.proxies]
    inside += [entry.address for entry in truth.lawful]
    inside += [client for master in truth.masters for client in master.clients]
    inside += [*truth.mail_servers_lawful, *truth.dark, *truth.sleepers]
    outside = [*truth.drivers, *truth.testers, *truth.scanners, *truth.strangers]
    outside += [master.address for master in truth.masters]
    assert all(any(ip_address(a) in net for net in own) for a in inside)
    assert not any(ip_address(a) in net for net in own for a in outside)


def test_every_proxy_was_really_used(recording: Recording) -> None:
    start = datetime.fromisoformat(recording.truth.window.start)
    end = datetime.fromisoformat(recording.truth.window.end)
    for proxy in recording.truth.proxies:
        assert proxy.relayed >= 60
        assert start <= datetime.fromisoformat(proxy.started_at) < end
