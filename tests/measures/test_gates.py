"""Gates: who opened a tunnel is told by a port of the outsider that own hosts share."""

from datetime import UTC, datetime

import pytest
from tests.scene import outside, own

from headwater.measures.gates import dialled
from headwater.records.finding import Finding
from headwater.records.window import Window

WINDOW = Window(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC))


def tunnel(
    host: int, near: int, far: int, *, guessed: bool = True, kind: str = "tunnel-in"
) -> Finding:
    return Finding(
        detector="tunnel",
        subject=own(host),
        kind=kind,
        confidence=0.9,
        window=WINDOW,
        summary="tunnel",
        proof={"peer": outside(1), "guessed": guessed, "near_port": near, "far_port": far},
    )


def kinds(*found: Finding) -> list[str]:
    return [each.kind for each in dialled(found)]


@pytest.mark.parametrize("kind", ["tunnel-in", "tunnel-out"])
def test_who_meets_others_at_one_port_of_an_outsider_called_him_there(kind: str) -> None:
    told = [tunnel(1, 41_000, 39_000), tunnel(2, 52_000, 39_000, kind=kind)]
    assert kinds(*told) == ["tunnel-out", "tunnel-out"]
    again = [tunnel(1, 41_000, 39_000), tunnel(1, 52_000, 39_000)]
    assert kinds(*again) == ["tunnel-out", "tunnel-out"]


def test_one_port_of_all_hosts_is_a_farms_own() -> None:
    assert kinds(tunnel(1, 41_000, 39_000), tunnel(2, 41_000, 39_000)) == ["tunnel-in"] * 2
    assert kinds(tunnel(1, 41_000, 39_000), tunnel(2, 52_000, 39_001)) == ["tunnel-in"] * 2


def test_a_port_of_the_hosts_to_which_he_comes_again_is_its_own() -> None:
    told = [tunnel(1, 41_000, 39_000), tunnel(1, 41_000, 39_001), tunnel(2, 52_000, 39_000)]
    assert kinds(*told) == ["tunnel-in", "tunnel-in", "tunnel-out"]


def test_what_the_records_tell_stands() -> None:
    told = [tunnel(1, 41_000, 39_000, guessed=False), tunnel(2, 52_000, 39_000)]
    assert kinds(*told) == ["tunnel-in", "tunnel-out"]
    relay = tunnel(3, 1, 2, kind="relay")
    assert kinds(relay) == ["relay"]
