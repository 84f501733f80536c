import pytest
from tests.wire.export_writer import NOW_US, Readings, address, sorted_out

from headwater.wire.flow_columns import Origin
from headwater.wire.sampled_flows import RECORDS, Sample, Shape, flows_of

ORIGIN = Origin("192.0.2.254", NOW_US, -1, 3)
TCP = bytes.fromhex("9c40 01bb 00000000 00000000 50 02 0000 0000 0000")


def packet(total: int) -> bytes:
    head = b"\x45\x00" + total.to_bytes(2, "big") + bytes.fromhex("00000000 40060000")
    return head + address("192.0.2.1") + address("198.51.100.2") + TCP


def sample(
    octets: bytes, frame: int, shape: Shape = Shape.ETHERNET, position: int = 3
) -> Sample:
    return Sample(shape, octets, frame, ORIGIN._replace(position=position), 10, 1, 2)


def flows(*samples: Sample) -> Readings:
    return sorted_out(flows_of(samples, "capture"))


FRAME = bytes(12) + b"\x08\x00"


@pytest.mark.parametrize(
    ("total", "frame", "octets"),
    [
        (1_500, 1_514, 1_500),
        (40, 60, 40),  # Ethernet pads its frames to 60 octets
        (40, 64, 40),  # and adds a check sum, which some agents count
        (0, 1_514, 1_500),  # the sender left the length to its network card
        (9_000, 1_514, 1_500),
        (40, 5, 0),
    ],
)
def test_octets_are_those_of_the_ip_packet(total: int, frame: int, octets: int) -> None:
    (row,) = flows(sample(FRAME + packet(total), frame)).rows
    assert row["bytes"] == octets


def test_octets_of_a_packet_without_a_frame() -> None:
    (row,) = flows(sample(packet(1_000), 1_000, Shape.IP)).rows
    assert (row["bytes"], row["dst_port"]) == (1_000, 443)


def test_both_families_of_one_datagram_are_rows() -> None:
    six = b"\x60" + bytes(5) + b"\x06\x40" + address("2001:db8::1") + address("2001:db8::2")
    answer = flows(
        sample(packet(52), 52, Shape.IP), sample(six + TCP, 60, Shape.IP), sample(b"", 0)
    )
    assert [row["src"] for row in answer.rows] == ["192.0.2.1", "2001:db8::1"]
    assert answer.reasons == {"not an IP packet": 1}
    assert answer.refused[0].reason == "not an IP packet: frame of 0 octets"


def test_refusals_name_the_datagram() -> None:
    answer = flows(sample(b"\xff" * 60, 60, position=8), sample(FRAME + packet(52), 66))
    assert [refused.position for refused in answer.refused] == ["packet 8"]
    assert len(answer.rows) == 1


@pytest.mark.parametrize("shape", [Shape.IPV4_RECORD, Shape.IPV6_RECORD])
def test_a_record_cut_short_is_refused(shape: Shape) -> None:
    size = RECORDS[shape].itemsize
    whole, cut = sample(bytes(size), 0, shape), sample(bytes(size - 1), 0, shape)
    answer = flows(whole, cut)
    assert (len(answer.rows), answer.reasons) == (1, {"not an IP packet": 1})


def test_layouts_match_the_published_sizes() -> None:
    assert RECORDS[Shape.IPV4_RECORD].itemsize == 32
    assert RECORDS[Shape.IPV6_RECORD].itemsize == 56
