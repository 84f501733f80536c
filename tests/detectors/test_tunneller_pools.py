"""What is made of a team and its hosts, once it is known what goes along with it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.detectors.pools import SCENE, Piece, pieces, pool
from tests.scene import outside, own

from headwater.detectors.tunneller import (
    FARM_WEIGHT,
    _findings,
    _in_packets,
    _labelled,
    _may_be_passed_on,
    _parties,
    _sides,
    _small,
    _teams,
)
from headwater.measures.columns import Ints
from headwater.measures.outsiders import Outsiders
from headwater.measures.pieces import Pieces
from headwater.records.finding import Finding

HOSTS = range(4)
DRIVER, MATE = 5, 6
LABEL = 999  # what a team's pieces carry in the place of who holds them
ERRANDS = [Piece(host=host, peer=20 + host) for host in HOSTS]
MAILS = [Piece(host=host, peer=20 + host, port=25) for host in HOSTS]


def held_by(*peers: int, **said: Any) -> list[Piece]:
    """A session into each host, held by these in turn."""
    return [
        Piece(**{"host": host, "peer": peer, "port": 7000, "conversation": 100 + host} | said)
        for host, peer in enumerate(peers)
    ]


def said(
    outer: Sequence[Piece] = ERRANDS,
    inner: Sequence[Piece] = (),
    crowds: Sequence[int] = (1,) * 20,
    **changed: Any,
) -> list[Finding]:
    inner = inner or held_by(*[DRIVER] * 4)
    holders = Outsiders(
        conversation=np.array([piece.conversation for piece in inner]),
        peer=np.array([piece.peer for piece in inner]),
    )
    teamed = [
        Piece(
            host=piece.host, peer=LABEL, port=piece.port, conversation=piece.conversation,
            sent=piece.sent, got=piece.got,
        )
        for piece in inner
    ]  # fmt: skip
    of = pool(teamed, outer, outsider=LABEL, **changed)
    return list(_findings(of, SCENE, holders, np.array(crowds)))


def weight(found: Sequence[Finding]) -> float:
    return max(float(finding.proof["weight"]) for finding in found)


FARM = FARM_WEIGHT + math.log(4 / 3)  # of four hosts: three say as much as they say


def test_hosts_that_one_address_holds_are_its_farm() -> None:
    found = said()
    assert {finding.subject for finding in found} == set(SCENE.hosts[:4])
    assert {finding.kind for finding in found} == {"carries"}
    assert {finding.proof["alike"] for finding in found} == {3}
    assert 6 < weight(found) <= FARM


@pytest.mark.parametrize(
    ("changed", "hosts"),
    [
        ({"bursts": 4.0}, 4),
        ({"bursts": 3.9}, 0),
        ({"members": [0.9, 0.51, 0.29, 0.29]}, 2),
        ({"members": [0.9, 0.5, 0.5, 0.5]}, 0),
        ({"strength": 3.3}, 4),
        ({"strength": 2.8}, 0),  # two ways were tried
    ],
)
def test_the_limits(changed: dict[str, Any], hosts: int) -> None:
    assert len(said(**changed)) == hosts


def test_as_sure_as_its_weakest_witness() -> None:
    (even, *_) = said(strength=3.3, members=[1.0] * 4)
    (few, *_) = said(bursts=4.0, members=[1.0] * 4)
    (unsure, *_) = said(members=[0.5, 1, 1, 1])
    assert even.confidence == pytest.approx(0.5, abs=0.01)
    assert few.confidence == pytest.approx(0.91, abs=0.01)
    assert unsure.confidence == pytest.approx(0.5, abs=0.01)
    assert float(unsure.proof["weight"]) < float(few.proof["weight"]) < 7


def test_mail_weighs_most_and_a_pair_or_neighbours_least() -> None:
    mailed = weight(said(MAILS))
    farm, pair = weight(said()), weight(said(ERRANDS[:2], held_by(DRIVER, DRIVER)))
    neighbours = weight(said(inner=held_by(5, 6, 7, 8)))
    assert 7.5 < mailed <= 8
    assert 6 < farm <= FARM < mailed
    assert 3 < pair <= 3.5
    assert neighbours == pair


def test_two_of_four_in_one_hand_are_a_farm_if_both_likely_are() -> None:
    shared = held_by(DRIVER, DRIVER, MATE, 7)
    assert weight(said(inner=shared)) > 6
    assert weight(said(inner=shared, members=[0.99, 0.4, 0.99, 0.99])) <= 3.5


def test_two_of_five_who_met_the_same_peer_are_no_farm() -> None:
    """Sharers of files, each with neighbours of one large network."""
    met = held_by(DRIVER, DRIVER, MATE, 7, 8)
    errands = [Piece(host=host, peer=20 + host) for host in range(5)]
    assert weight(said(errands, met, members=[0.99] * 5)) <= 3.5
    assert weight(said(errands, held_by(DRIVER, DRIVER, MATE, MATE, 8))) > 6


def at_their_firms(carriers: int, hosts: int) -> list[Piece]:
    """Into each host a session from each of a few of a carrier's addresses, as they come."""
    return [
        Piece(host=host, peer=50 + (3 * host + turn) % carriers, port=7000, conversation=of)
        for of, (host, turn) in enumerate(((h, t) for h in range(hosts) for t in range(4)), 100)
    ]


def test_staff_of_many_firms_behind_a_carriers_addresses_are_no_crew() -> None:
    """Each address is met at two firms; a crew's at a fifth of its hosts, or at four."""
    errands = [Piece(host=host, peer=20 + host) for host in range(10)]
    sure = [0.99] * 10
    firms = at_their_firms(carriers=40, hosts=10)
    assert weight(said(errands, firms, members=sure)) <= 3.5
    crew = at_their_firms(carriers=8, hosts=10)
    assert weight(said(errands, crew, members=sure)) > 6


def test_one_who_works_at_two_firms_makes_no_crew_of_all_their_staff() -> None:
    """Of four of each firm one is met at the next one, too."""
    assert weight(said(inner=at_their_firms(carriers=13, hosts=4))) <= 3.5
    assert weight(said(inner=at_their_firms(carriers=5, hosts=4))) > 6


def test_mail_of_neighbours_who_share_nobody_weighs_no_more_than_a_pair() -> None:
    assert weight(said(MAILS, held_by(5, 6, 7, 8))) <= 3.5


def test_one_that_mails_something_of_its_own_makes_no_farm_that_mails() -> None:
    own_letter = Piece(host=0, peer=20, port=25, share=9)
    assert weight(said([own_letter, *ERRANDS[1:]])) <= FARM
    assert weight(said([own_letter, *MAILS[1:2], *ERRANDS[2:]])) > FARM


@pytest.mark.parametrize(("rest", "least", "most"), [(2.0, 6.0, FARM), (1.99, 3.0, 3.5)])
def test_a_gateway_and_two_who_seem_to_are_no_farm(
    rest: float, least: float, most: float
) -> None:
    assert least < weight(said(rest=rest)) <= most


@pytest.mark.parametrize(("crowd", "most"), [(30, FARM), (31, 1.0)])
def test_a_host_that_a_crowd_holds_sessions_into_is_a_gateway(crowd: int, most: float) -> None:
    found = {f.subject: f for f in said(crowds=[crowd, 1, 1, 1])}
    assert most - 0.5 < float(found[SCENE.hosts[0]].proof["weight"]) <= most
    assert float(found[SCENE.hosts[1]].proof["weight"]) > 6


@pytest.mark.parametrize(("elsewhere", "hosts"), [(1.0, 4), (1.1, 0)])
def test_sharers_of_files_have_a_port_each(elsewhere: float, hosts: int) -> None:
    """Half of what goes along goes to one port, or nobody offers a service."""
    others = [Piece(host=h, peer=40 + h, port=20_000 + h, share=elsewhere) for h in HOSTS]
    assert len(said([*ERRANDS, *others])) == hosts


def test_one_reads_who_holds_the_sessions_and_what_left() -> None:
    inner = [
        Piece(host=0, peer=DRIVER, port=7000, conversation=100, sent=10, got=20),
        Piece(host=0, peer=MATE, port=7000, conversation=101, sent=500, got=20),
        Piece(host=0, peer=DRIVER, port=22, conversation=102, sent=10, got=20),
        *held_by(DRIVER, DRIVER)[1:],
    ]
    beside = Piece(host=0, peer=50, port=25, share=-1)
    again = Piece(host=0, peer=20, port=25, conversation=7)
    found = said([*MAILS[:2], beside, again, again], inner, members=[0.99, 0.9])[0]
    proof = found.proof
    assert list(proof["passed_for"].items()) == [
        (outside(1 + MATE), 20 * 520.0), (outside(1 + DRIVER), 20 * 60.0),
    ]  # fmt: skip
    assert (proof["port"], proof["sampled"], proof["alike"]) == (7000, True, 1)
    assert (proof["onward_mail"], proof["onward_mail_servers"]) == (2, 1)
    assert outside(1 + MATE) in found.summary


def test_no_more_are_named_than_one_reads() -> None:
    inner = [Piece(host=n % 2, peer=n, port=7000, conversation=100 + n) for n in range(120)]
    assert len(said(ERRANDS[:2], inner)[0].proof["passed_for"]) == 50


def test_who_shares_two_hosts_is_one_team_and_whom_one_host_tells_of_is_by_itself() -> None:
    outsider = np.array([7, 7, 8, 8, 8, 9, 9, 4, 5])
    host = np.array([1, 2, 1, 2, 3, 3, 6, 1, 6])
    team = _teams(outsider, host).tolist()
    assert team[0] == team[1] == team[2] == team[3] == team[4]
    assert team[5] == team[6]
    assert len(set(team)) == 4


@pytest.mark.parametrize(("hosts", "kept"), [(1, 0), (2, 2), (64, 64), (65, 0)])
def test_a_team_has_a_few_hosts(hosts: int, kept: int) -> None:
    """Whom more meet are met by chance: peers of a crowd."""
    rows = np.arange(hosts)
    chosen, label = _small(rows, np.zeros(hosts, np.int64), rows)
    assert len(chosen) == len(label) == kept


def test_strays_that_tie_a_farm_to_a_crowd_leave_it_one_at_its_port() -> None:
    crowd, farm = range(70), (0, 1, 2)
    scene = replace(SCENE, peers=["192.0.2.1", "198.51.100.1"])

    def held(peer: int, hosts: Iterable[int], port: int) -> list[Piece]:
        one = Piece(host=0, peer=peer, port=port, inward=True, asked=True, packets=50)
        return [replace(one, host=host) for host in hosts]

    parties = list(_parties(scene, pieces([*held(0, farm, 7000), *held(1, crowd, 443)])))
    assert [set(party.host[party.asked].tolist()) for party in parties] == [set(), set(farm)]


def sessions_of(rows: Pieces) -> Ints:
    return np.asarray(np.unique(rows.conversation, return_inverse=True)[1], np.int64)


def teamed(rows: Sequence[Piece]) -> Pieces:
    all_of = pieces(rows)
    mine = np.flatnonzero(all_of.asked)
    return _labelled(all_of, sessions_of(all_of), mine, np.zeros(len(mine), np.int64))


@pytest.mark.parametrize(("packets", "kept"), [(5, 3), (4.9, 1)])
def test_fewer_than_twenty_packets_make_no_series(packets: float, kept: int) -> None:
    """Of sessions in either direction together; what a host calls itself stays."""
    held = [
        Piece(host=host, peer=DRIVER, inward=True, asked=True, packets=packets)
        for host in (0, 1)
    ]
    found = teamed([*held, Piece(host=0, peer=20, sent=0, got=0)])
    assert len(found.host) == kept
    assert np.count_nonzero(found.asked) == kept - 1


def test_a_host_passes_on_no_more_than_came_in() -> None:
    """A film comes in pieces, of which each is smaller than all that came in."""
    rows = pieces(
        [
            Piece(host=0, peer=DRIVER, inward=True, asked=True, sent=500, got=500),
            Piece(host=0, peer=20, sent=500, got=500),
            Piece(host=0, peer=21, sent=500, got=501),
            Piece(host=0, peer=22, sent=300, got=300, conversation=9),
            Piece(host=0, peer=22, sent=300, got=300, conversation=9),
            Piece(host=0, peer=23, inward=True, sent=1, got=1),
            Piece(host=1, peer=20, sent=500, got=500),
        ]
    )
    passed = _may_be_passed_on(rows, sessions_of(rows), rows.asked)
    assert passed.tolist() == [False, True, False, False, False, False, False]


@pytest.mark.parametrize(("sampling", "sides"), [(1, [0, 0, 1, 2]), (20, [0, 0, 0, 0])])
def test_of_which_side_a_session_shows_anything(sampling: int, sides: list[int]) -> None:
    """A session's pieces speak for each other; of sampled ones either shows by chance."""
    rows = pieces([Piece(host=0, conversation=number) for number in (1, 1, 2, 3)])
    rows.sent_packets[:] = [4, 0, 0, 4]
    rows.got_packets[:] = [0, 4, 4, 0]
    scene = type(SCENE)(
        window=SCENE.window, sampling=sampling, hosts=[own(1)], peers=[outside(1)]
    )
    assert _sides(scene, rows, sessions_of(rows)).tolist() == sides


def test_in_packets_both_directions_tell_alike() -> None:
    rows = pieces([Piece(host=0), Piece(host=0)])
    rows.sent_packets[:] = [7, 0]
    rows.got_packets[:] = [0, 3]
    told = _in_packets(rows)
    for side in (told.sent, told.got, told.sent_packets, told.got_packets):
        assert side.tolist() == [7, 3]
