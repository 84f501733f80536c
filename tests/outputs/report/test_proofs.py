"""What the pictures of single sessions say in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

import pytest

from headwater.outputs.report.proofs import balance, mirror
from headwater.records.report import Coupling, Piece, Report, Tunnel


@pytest.fixture
def coupling(report: Report) -> Coupling:
    found = report.evidence[0].coupling
    assert found
    return found


@pytest.fixture
def tunnel(report: Report) -> Tunnel:
    found = report.evidence[1].tunnel
    assert found
    return found


@pytest.mark.parametrize(
    ("pair", "alike"),
    [
        ((20_000, 22_800), 1),
        ((20_000, 23_000), 0),  # beyond 600 octets and a tenth
        ((100, 700), 1),
        ((100, 900), 0),
    ],
)
def test_as_much_out_as_in(coupling: Coupling, pair: tuple[int, int], alike: int) -> None:
    label = balance(replace(coupling, balance=(pair,)))
    assert f"Bytes of 1 pairs, inbound against outbound: {alike} carry as much" in label


def test_sizes_that_are_all_alike_have_an_axis_of_two_decades(coupling: Coupling) -> None:
    drawn = balance(replace(coupling, balance=((150, 200),)))
    assert all(words in drawn for words in (">100 B<", ">1 kB<"))


def pieces(came_in: Sequence[int]) -> tuple[Piece, ...]:
    return tuple(
        Piece(at_us=at * 1_000_000, came_in=came, sent_on=came, fetched=7, went_back=7)
        for at, came in enumerate(came_in, 1)
    )


def test_records_of_the_other_direction_alone_are_no_gaps(tunnel: Tunnel) -> None:
    said = mirror(replace(tunnel, pieces=pieces([10, 0, 30])), UTC)
    assert "2 pieces, piece by piece" in said
    assert "3 pieces" in mirror(replace(tunnel, pieces=pieces([10, 0, 30])), UTC, back=True)


def test_steps_of_time_in_which_nothing_came_are_shown(tunnel: Tunnel) -> None:
    stepped = replace(tunnel, step="five minutes at a time", pieces=pieces([10, 0, 30]))
    assert "3 pieces, five minutes at a time" in mirror(stepped, UTC)
