"""A run of packets is the packets that it was made of."""

import numpy as np
from tests.wire.run_writer import OTHER, packets_of, run_of

from headwater.wire.datagram_runs import cut

PACKETS = packets_of([(b"\x00\x09abc", False), (b"\x00\x0a", True), (b"\x00\x09", False)])
WORDS = np.dtype([("first", ">u2"), ("second", ">u2")])


def test_a_run_gives_its_packets() -> None:
    run = run_of(PACKETS)
    assert list(run) == PACKETS
    assert list(run[1:]) == PACKETS[1:]
    assert run[-1] == PACKETS[2]


def test_packets_of_one_version_stay_in_their_order() -> None:
    assert {version: list(run) for version, run in run_of(PACKETS).by_version()} == {
        b"\x00\x09": [PACKETS[0], PACKETS[2]],
        b"\x00\x0a": [PACKETS[1]],
    }


def test_a_run_of_one_version_is_not_copied() -> None:
    run = run_of(PACKETS[:1])
    ((_, same),) = run.by_version()
    assert same is run


def test_columns() -> None:
    run = run_of(PACKETS)
    assert run.sizes.tolist() == [5, 2, 2]
    assert run.starts.tolist() == [0, 5, 7]
    assert run.received.tolist() == run.received_us
    names, codes = run.senders
    assert names[codes[1]] == OTHER
    assert codes.tolist() == [0, 1, 0]
    assert run.heads(WORDS)["first"].tolist() == [9, 10, 9]


def test_nothing_is_read_beyond_the_end() -> None:
    octets = np.frombuffer(b"\x01\x02\x03", np.uint8)
    (found,) = cut(octets, np.array([2]), WORDS)
    assert found["first"] == 0x0303
    assert len(cut(octets, np.array([], np.int64), WORDS)) == 0
    assert cut(octets[:0], np.array([0]), WORDS)["first"].tolist() == [0]
