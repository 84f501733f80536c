"""Conversations, their turns and packets: payload is kept, headers are added, order holds."""

import numpy as np
from benchmarks.generator.draws import owners, pick, ranks, zipf_weights
from benchmarks.generator.packets import count, sizes_of
from benchmarks.generator.talk import (
    FIN,
    REFUSED,
    SILENT,
    TCP,
    UDP,
    Talk,
    in_bursts,
    keep,
    single,
)
from hypothesis import given, settings
from hypothesis import strategies as st


def some_talk(size: int, seed: int, protocol: int = TCP, ending: int = FIN) -> Talk:
    rng = np.random.default_rng(seed)
    return single(
        "example",
        client=rng.integers(0, 500, size),
        server=rng.integers(500, 900, size),
        port=25,
        protocol=protocol,
        opened=np.sort(rng.random(size) * 1000),
        span=rng.random(size) * 900,
        up=rng.integers(1, 200_000, size),
        down=rng.integers(0, 200_000, size),
        ending=ending,
    )


def not_six(talk: Talk) -> "np.typing.NDArray[np.bool_]":
    return np.zeros(len(talk), dtype=bool)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_owners_and_ranks_count_alike(counts: list[int]) -> None:
    sizes = np.array(counts, dtype=np.int64)
    expected = [(owner, rank) for owner, size in enumerate(counts) for rank in range(size)]
    assert list(zip(owners(sizes).tolist(), ranks(sizes).tolist(), strict=True)) == expected


def test_popular_things_are_picked_more_often() -> None:
    drawn = np.bincount(pick(np.random.default_rng(1), zipf_weights(50, 1.0), 20_000))
    assert drawn[0] > 3 * drawn[9] > 3 * drawn[45]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(0, 1000), st.floats(5, 300))
def test_bursts_stay_within_their_conversation(size: int, seed: int, gap: float) -> None:
    talk = some_talk(size, seed)
    rng = np.random.default_rng(seed)
    broken = in_bursts(rng, talk, gap, most=12)
    assert (np.diff(broken.turn_of) >= 0).all()
    assert set(broken.turn_of.tolist()) == set(range(size))
    end = talk.opened + talk.span
    assert (broken.at >= talk.opened[broken.turn_of] - 1e-6).all()
    assert (broken.at <= end[broken.turn_of] + 1e-6).all()
    sums = np.bincount(broken.turn_of, broken.up, size)
    turns = np.bincount(broken.turn_of, minlength=size)
    assert (np.abs(sums - talk.up) <= turns).all()  # whole octets


def test_keeping_some_keeps_their_turns() -> None:
    talk = in_bursts(np.random.default_rng(2), some_talk(40, 2), 60.0)
    chosen = np.arange(40) % 3 == 0
    kept = keep(talk, chosen)
    assert len(kept) == chosen.sum()
    assert kept.client.tolist() == talk.client[chosen].tolist()
    assert kept.up.sum() == talk.up[chosen[talk.turn_of]].sum()
    assert set(kept.turn_of.tolist()) == set(range(len(kept)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_packets_and_octets_agree(seed: int) -> None:
    talk = some_talk(50, seed)
    sizes = sizes_of(talk, not_six(talk))
    counted = count(np.random.default_rng(seed), talk, sizes)
    for packets, octets, payload in (
        (counted.up_packets, counted.up_bytes, talk.up),
        (counted.down_packets, counted.down_bytes, talk.down),
    ):
        assert (octets >= payload + packets * 40).all()
        assert (octets <= packets * 1500).all()
    assert (counted.up_packets >= 4).all()  # SYN, ACK, payload, farewell


def test_udp_is_payload_and_headers() -> None:
    talk = some_talk(50, 3, protocol=UDP)
    counted = count(np.random.default_rng(0), talk, sizes_of(talk, not_six(talk)))
    assert (counted.up_bytes == talk.up + 28 * counted.up_packets).all()


def test_no_answer_is_only_knocks() -> None:
    talk = some_talk(200, 4, ending=SILENT)
    counted = count(np.random.default_rng(0), talk, sizes_of(talk, not_six(talk)))
    assert counted.down_packets.sum() == 0
    assert set(counted.up_packets.tolist()) == {1, 2, 3, 4, 5}
    assert (counted.up_bytes <= counted.up_packets * 60).all()
    assert set(counted.span.tolist()) == {0.0, 1.0, 3.0, 7.0, 15.0}


def test_a_refusal_is_one_packet_each() -> None:
    talk = some_talk(20, 5, ending=REFUSED)
    counted = count(np.random.default_rng(0), talk, sizes_of(talk, not_six(talk)))
    assert set(counted.up_packets.tolist()) == {1}
    assert set(counted.down_bytes.tolist()) == {40}


def test_a_client_keeps_its_habits() -> None:
    talk = some_talk(300, 6)
    sizes = sizes_of(talk, not_six(talk))
    for client in set(talk.client.tolist()):
        mine = talk.client == client
        assert len(set(sizes.mtu[mine].tolist())) == 1
        assert len(set(sizes.header[mine].tolist())) == 1
