"""Visits added up by party."""

import numpy as np

from headwater.measures.visits import Visits, joined


def visits(party: list[int], host: list[int], **columns: list[int]) -> Visits:
    flags = np.zeros(len(party), bool)
    zeros = [0] * len(party)
    names = (
        "reached",
        "bytes",
        "up_bytes",
        "held_us",
        "on_relay_port",
        "received",
        "elsewhere",
        "sampling",
        "first_seen",
        "last_seen",
    )
    return Visits(
        party=np.array(party),
        host=np.array(host),
        parties=[f"198.51.100.{number}" for number in range(max(party) + 1)],
        hosts=[f"192.0.2.{number}" for number in range(max(host) + 1)],
        confidence=np.where(np.array(host) == 0, 0.9, 0.0),
        suspect=np.array(host) == 0,
        faint=flags,
        met=np.array(columns.get("reached", zeros)) > 0,
        on_purpose=flags,
        fellow=np.array(columns.get("fellow", zeros), np.float64),
        mailed=np.array(columns.get("mailed", zeros), np.float64),
        columns={name: np.array(columns.get(name, zeros), np.int64) for name in names},
        all_hosts=9,
        all_suspects=1,
        all_visits=9,
        all_sources=9,
    )


def test_pairs_of_one_party_and_host_become_one() -> None:
    told = visits(
        [0, 1, 2], [0, 0, 1], reached=[2, 3, 4], bytes=[10, 20, 30], received=[90, 90, 80],
        first_seen=[7, 5, 6], last_seen=[8, 9, 6], up_bytes=[4, 5, 6], on_relay_port=[1, 1, 0],
        elsewhere=[3, 3, 0], fellow=[1, 2, 0], mailed=[1, 0, 0],
    )  # fmt: skip
    by_party = joined(told, np.array([0, 0, 2]), told.parties)
    assert by_party.party.tolist() == [0, 2]
    assert by_party.host.tolist() == [0, 1]
    assert by_party["reached"].tolist() == [5, 4]
    assert by_party["bytes"].tolist() == [30, 30]
    assert by_party["up_bytes"].tolist() == [9, 6]
    assert by_party["on_relay_port"].tolist() == [2, 0]
    assert by_party["received"].tolist() == [90, 80]
    assert by_party["elsewhere"].tolist() == [3, 0]
    assert by_party.fellow.tolist() == [2.0, 0.0]
    assert by_party.mailed.tolist() == [1.0, 0.0]
    assert by_party["first_seen"].tolist() == [5, 6]
    assert by_party["last_seen"].tolist() == [9, 6]
    assert by_party.suspect.tolist() == [True, False]
    assert by_party.confidence.tolist() == [0.9, 0.0]
    assert by_party.met.tolist() == [True, True]


def test_parties_of_their_own_stay_as_they_were() -> None:
    told = visits([0, 0, 1], [1, 0, 0], reached=[1, 0, 2])
    same = joined(told, np.arange(2), told.parties)
    assert same.per_party(same.met).tolist() == told.per_party(told.met).tolist() == [1, 1]
