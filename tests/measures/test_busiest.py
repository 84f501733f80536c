"""Busiest: what each driver does of a host's work, beside the one that does most."""

import numpy as np
import pytest

from headwater.measures.busiest import UNSEEN_OCTETS, beside_the_busiest
from headwater.measures.columns import Floats, Ints
from headwater.measures.visits import Visits, joined

KB = 1000


def visits(sent: list[tuple[int, int, int, int]], sampling: int = 1) -> Visits:
    """Of each (source, host, sessions, octets), sorted."""
    party, host, sessions, octets = np.array(sent, np.int64).T
    whole = np.ones(len(sent), np.int64)
    parties, hosts = int(party.max()) + 1, int(host.max()) + 1
    columns: dict[str, Ints] = dict.fromkeys(
        ("up_bytes", "held_us", "on_relay_port", "received", "elsewhere"), whole
    )
    columns |= {"reached": sessions, "bytes": octets, "sampling": sampling * whole}
    columns |= {"first_seen": 0 * whole, "last_seen": whole}
    return Visits(
        party=party,
        host=host,
        parties=[f"198.51.100.{number}" for number in range(parties)],
        hosts=[f"192.0.2.{number}" for number in range(hosts)],
        confidence=np.ones(len(sent)),
        suspect=whole > 0,
        faint=whole > 0,
        met=whole > 0,
        on_purpose=whole > 0,
        fellow=np.zeros(len(sent)),
        mailed=np.zeros(len(sent)),
        columns=columns,
        all_hosts=hosts,
        all_suspects=hosts,
        all_visits=len(sent),
        all_sources=parties,
    )


def parts(of: Visits, drives: list[bool] | None = None, called: Ints | None = None) -> Floats:
    party = np.arange(len(of.parties)) if called is None else called
    whole = joined(of, party, list(of.parties))
    chosen = np.array(drives if drives is not None else [True] * len(of.parties))
    return beside_the_busiest(of, party, whole, chosen)


def test_who_does_most_of_a_hosts_work_has_it_whole_and_others_their_part() -> None:
    told = parts(visits([(0, 0, 99, 900 * KB), (0, 1, 9, 90 * KB), (1, 0, 9, 90 * KB)]))
    assert told == pytest.approx([1.0, 1.0, 0.1], abs=0.01)


def test_each_host_is_asked_about_by_itself() -> None:
    told = parts(
        visits([(0, 0, 99, 99 * KB), (0, 1, 1, KB), (1, 0, 1, KB), (1, 1, 99, 99 * KB)])
    )
    assert told[[0, 3]].tolist() == [1.0, 1.0]
    assert max(told[[1, 2]]) < 0.05


def test_one_tunnel_that_carries_all_is_as_much_as_many_visits() -> None:
    told = parts(visits([(0, 0, 1, 900 * KB), (1, 0, 900, 9 * KB)]))
    assert told.tolist() == [1.0, 1.0]


def test_who_is_no_driver_is_not_compared() -> None:
    of = visits([(0, 0, 900, 900 * KB), (1, 0, 1, KB)])
    assert parts(of, drives=[False, True]).tolist() == [0.0, 1.0]


def test_who_changes_its_address_does_ones_work() -> None:
    of = visits([(0, 0, 500, 500 * KB), (1, 0, 250, 250 * KB), (2, 0, 250, 250 * KB)])
    assert parts(of, called=np.array([0, 1, 1])).tolist() == pytest.approx(
        [1.0, 1.0, 1.0], abs=0.01
    )


def test_one_visit_more_of_sampled_ones_is_chance() -> None:
    of = [(0, 0, 2, 1500 * KB), (1, 0, 1, 40 * KB)]
    sampled, counted = (parts(visits(of, sampling=each))[1] for each in (1000, 1))
    assert sampled == pytest.approx(2 / 3)
    assert UNSEEN_OCTETS < 40 * KB
    assert counted == pytest.approx(2 / 3)
