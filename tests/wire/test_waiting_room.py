from headwater.wire.flow_columns import Origin
from headwater.wire.waiting_room import MOST_OCTETS, MOST_SETS, WaitingRoom, WaitingSet

ORIGIN = Origin("192.0.2.254", 0, -1, 1)


def waiting(template: int, body: bytes = b"data") -> WaitingSet:
    return WaitingSet(("192.0.2.254", 1, template), body, ORIGIN)


def test_sets_are_taken_by_key_in_their_order() -> None:
    room = WaitingRoom()
    sets = [waiting(256, b"one"), waiting(257, b"two"), waiting(256, b"three")]
    assert [room.put(one) for one in sets] == [[], [], []]
    assert room.take(sets[0].key) == [sets[0], sets[2]]
    assert room.take(sets[0].key) == []
    assert room.take_all() == [sets[1]]
    assert room.take_all() == []


def test_the_oldest_leaves_when_there_are_too_many() -> None:
    room = WaitingRoom()
    for number in range(MOST_SETS):
        assert room.put(waiting(number)) == []
    assert room.put(waiting(MOST_SETS)) == [waiting(0)]
    assert len(room.take_all()) == MOST_SETS


def test_the_oldest_leave_when_they_are_too_large() -> None:
    room = WaitingRoom()
    half = bytes(MOST_OCTETS // 2)
    assert room.put(waiting(1, half)) == []
    assert room.put(waiting(2, half)) == []
    assert [one.key[2] for one in room.put(waiting(3, b"x"))] == [1]


def test_room_that_was_left_can_be_used_again() -> None:
    room = WaitingRoom()
    for _ in range(3):
        assert room.put(waiting(1, bytes(MOST_OCTETS))) == []
        assert len(room.take(waiting(1).key)) == 1
