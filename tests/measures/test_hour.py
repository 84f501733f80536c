from dataclasses import replace

import numpy as np

from headwater.measures.hour import NOBODY, Conversations, Counts, Slices
from headwater.measures.ports import MOST_TOLD


def conversations(count: int) -> Conversations:
    number = np.arange(count)
    return Conversations(
        conversation=number,
        client=number + 10,
        server=number + 20,
        inside=np.ones(count, np.int64),
        port=np.full(count, 443),
        protocol=np.full(count, 6),
        opened_us=number * 100,
        started_us=np.maximum(number * 100, 100),
        closed_us=number * 100 + 500,
        client_bytes=number + 1000,
        client_packets=number + 2000,
        server_bytes=number + 3000,
        server_packets=number + 4000,
        client_flags=number,
        server_flags=number,
        established=np.ones(count, bool),
        sampling=np.ones(count, np.int64),
    )


def test_what_came_over_from_the_hour_before_was_not_begun() -> None:
    assert conversations(3).begun.tolist() == [False, True, True]


def test_rows_are_taken_whole() -> None:
    taken = conversations(3).take(np.array([True, False, True]))
    assert (len(taken), taken.client.tolist(), taken.server_packets.tolist()) == (
        2,
        [10, 12],
        [4000, 4002],
    )
    pieces = Slices(
        conversation=np.arange(3),
        sliced_us=np.arange(3),
        ended_us=np.arange(3),
        client_bytes=np.arange(3),
        server_bytes=np.arange(3) * 2,
    )
    assert pieces.take(np.array([False, True, True])).server_bytes.tolist() == [2, 4]


def test_who_asks_for_names_or_the_time_is_told_in_few_octets() -> None:
    asked = replace(
        conversations(6),
        port=np.array([53, 123, 853, 53, 53, 443]),
        client_packets=np.array([10, 10, 10, 10, 10, 10]),
        client_bytes=10 * np.array([80, 80, 80, 80, MOST_TOLD + 1, 80]),
        server_packets=np.array([10, 10, 10, 0, 10, 10]),
        server_bytes=10 * np.array([MOST_TOLD, 80, MOST_TOLD + 1, 0, 80, 80]),
    )
    assert asked.asking.tolist() == [True, True, False, True, False, False]


def test_the_own_host_is_the_server_of_a_visit_and_the_client_of_a_call() -> None:
    legs = conversations(3).legs(np.array([0, 1]), np.array([True, False]))
    assert (legs.host.tolist(), legs.far.tolist()) == ([20, 11], [10, 21])
    assert (legs.up_bytes.tolist(), legs.down_bytes.tolist()) == ([1000, 1001], [3000, 3001])


def test_counts_are_chosen_row_by_row() -> None:
    number = np.arange(3)
    counts = Counts(
        kind="followed",
        host=number,
        peer=np.full(3, NOBODY),
        port=number,
        protocol=number,
        tries=number,
        hits=number,
        by_chance=number / 2,
    ).where(number > 1)
    assert (counts.kind, counts.hits.tolist(), counts.by_chance.tolist()) == (
        "followed",
        [2],
        [1.0],
    )
