"""Living: hosts of one area and one network have the same numbers."""

import pyarrow as pa

from headwater.pipeline.living import LIVING, living


def test_neighbours_have_the_same_numbers() -> None:
    hosts = [
        "198.18.0.1", "198.18.0.255", "198.18.1.1", "198.51.100.1",
        "2001:db8:1::5", "2001:db8:1:7::5", "2001:db8:2::5", "2001:db8::1",
    ]  # fmt: skip
    found = living(pa.table({"host": hosts}))
    assert found.schema == LIVING
    assert found.column("host").to_pylist() == hosts
    assert groups(found, "area") == [0, 0, 0, 1, 2, 2, 2, 2]
    assert groups(found, "network") == [0, 0, 1, 2, 3, 3, 4, 5]


def test_a_name_is_a_place_by_itself() -> None:
    found = living(pa.table({"host": ["alice", "bob", "alice.home"]}))
    assert len(set(found.column("network").to_pylist())) == 3


def test_where_nobody_lives_there_is_no_place() -> None:
    assert living(pa.table({"host": pa.array([], pa.string())})).num_rows == 0


def groups(found: pa.Table, name: str) -> list[int]:
    """The numbers in the order met."""
    numbers = found.column(name).to_pylist()
    return [list(dict.fromkeys(numbers)).index(number) for number in numbers]
