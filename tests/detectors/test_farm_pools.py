"""What is made of an outsider and its hosts, once it is known what goes along with it."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.detectors.pools import SCENE, Piece, pool
from tests.scene import BASE_US, S, outside

from headwater.detectors.farm import (
    HEADQUARTERS_WEIGHT,
    UNASSIGNED,
    UNASSIGNED_WEIGHT,
    Lives,
    _findings,
)
from headwater.measures.homes import FILM_OCTETS
from headwater.records.finding import Finding

HOSTS = range(4)
DIALS = [Piece(host=host, port=7000) for host in HOSTS]
FETCHES = [Piece(host=host, peer=20 + host, port=443) for host in HOSTS]
MAILS = [Piece(host=host, peer=20 + host, port=25) for host in HOSTS]
VISITS = [Piece(host=host, peer=20 + host, port=443, inward=True) for host in HOSTS]


QUIET = Lives(film=np.zeros(len(SCENE.hosts)), usual=0.0)


def said(
    outer: list[Piece] = FETCHES,
    inner: list[Piece] = DIALS,
    lives: Lives = QUIET,
    **changed: Any,
) -> list[Finding]:
    again = [replace(piece, at_s=piece.at_s + 300) for piece in inner]
    return list(_findings(pool([*inner, *again], outer, **changed), SCENE, lives))


def named(findings: list[Finding]) -> set[str]:
    return {finding.subject for finding in findings}


def test_a_gateway_convicts_all_that_dial_it() -> None:
    found = said()
    assert named(found) == set(SCENE.hosts[:4])
    assert {finding.kind for finding in found} == {"carries-to"}
    most = HEADQUARTERS_WEIGHT + math.log(4 / 3)  # of four hosts
    assert all(most - 0.5 < float(finding.proof["weight"]) <= most for finding in found)


@pytest.mark.parametrize(
    ("ports", "surer"),
    [((UNASSIGNED - 1,), False), ((UNASSIGNED,), True), ((UNASSIGNED, UNASSIGNED + 1), False)],
)
def test_no_firm_listens_where_nothing_is_assigned(ports: tuple[int, ...], surer: bool) -> None:
    """All hosts call one such port: who meets each at another is the one that dials."""
    dials = [Piece(host=host, port=ports[host % len(ports)]) for host in HOSTS]
    usual, said_here = (
        float(found[0].proof["weight"]) for found in (said(), said(inner=dials))
    )
    assert (said_here > usual + UNASSIGNED_WEIGHT / 2) == surer


def test_where_films_are_watched_no_branch_is() -> None:
    """A firm's people fetch and hand over, too; they seldom watch films where they do."""
    film, weights = np.zeros(len(SCENE.hosts)), []
    for watching in (0, 2, 4):
        film[:watching] = FILM_OCTETS
        one, *_ = said(lives=Lives(film=film, usual=0.5))
        weights.append(float(one.proof["weight"]))
    assert weights[0] < weights[1] < weights[2]
    passed_on = [Piece(host=host, port=7000, sent=FILM_OCTETS) for host in HOSTS]
    one, *_ = said(inner=passed_on, lives=Lives(film=film, usual=0.5))
    assert float(one.proof["weight"]) == weights[0]  # it may all have been fetched for others
    mailing = [
        said(outer=MAILS, lives=each)[0] for each in (QUIET, Lives(film=film, usual=0.5))
    ]
    assert mailing[0].proof["weight"] == mailing[1].proof["weight"]


@pytest.mark.parametrize(
    ("changed", "hosts"),
    [
        ({"bursts": 4.0}, 4),
        ({"bursts": 3.9}, 0),
        ({"members": [0.9, 0.9, 0.51, 0.29]}, 3),
        ({"members": [0.9, 0.9, 0.5, 0.5]}, 0),
        ({"strength": 3.0}, 4),
        ({"strength": 2.5}, 0),
    ],
)
def test_the_limits(changed: dict[str, Any], hosts: int) -> None:
    assert len(said(**changed)) == hosts


def test_as_sure_as_its_weakest_witness() -> None:
    """Of a thousand outsiders one is a gateway: a chance of one in a thousand makes it even."""
    (even, *_) = said(strength=3.0, members=[1.0] * 4)
    (few, *_) = said(bursts=4.0, members=[1.0] * 4)
    (unsure, *_) = said(members=[0.5, 1, 1, 1])
    assert even.confidence == pytest.approx(0.5, abs=0.01)
    assert few.confidence == pytest.approx(0.91, abs=0.01)
    assert unsure.confidence == pytest.approx(0.5, abs=0.01)
    assert float(unsure.proof["weight"]) < float(few.proof["weight"]) < 8


def test_who_is_alike_are_the_others_that_likely_are() -> None:
    alike = {f.subject: f.proof["alike"] for f in said(members=[0.9, 0.9, 0.9, 0.4])}
    assert [alike[host] for host in SCENE.hosts[:4]] == [2, 2, 2, 3]


def test_who_gives_what_goes_to_the_web_is_no_gateway() -> None:
    """Pictures come from one place and pages from others: that is a web page."""
    assert said(there=True) == []


@pytest.mark.parametrize(("mailed", "hosts"), [(1.0, 4), (0.9, 0)])
def test_who_gives_what_is_mailed_is_one_if_half_is(mailed: float, hosts: int) -> None:
    letters = [Piece(host=h, peer=20 + h, port=25, share=mailed) for h in HOSTS]
    found = said([*FETCHES, *letters], there=True)
    assert len(found) == hosts
    assert {finding.kind for finding in found} <= {"carries-to"}
    assert all("is mailed" in finding.summary for finding in found)


@pytest.mark.parametrize(("mailing", "hosts"), [(2, 4), (1, 0)])
def test_visitors_of_a_site_are_no_mailers_because_a_few_bots_call_there_too(
    mailing: int, hosts: int
) -> None:
    assert len(said(MAILS[:mailing], there=True)) == hosts


@pytest.mark.parametrize(("beside", "hosts"), [(0.11, 4), (0.13, 0)])
def test_an_origin_gives_to_the_visitors_and_hardly_to_others(
    beside: float, hosts: int
) -> None:
    others = [Piece(host=h, peer=60, share=beside) for h in HOSTS]
    found = said([*VISITS, *others], there=True)
    assert len(found) == hosts
    assert {finding.kind for finding in found} <= {"carries"}


def test_who_takes_what_visitors_bring_is_no_origin() -> None:
    assert {finding.kind for finding in said(VISITS)} == {"carries-to"}


@pytest.mark.parametrize(
    "other",
    [
        {"port": 22},  # a way in for the owner
        {"inward": False},  # called by the host itself
    ],
)
def test_only_the_webs_ports_show_a_site(other: dict[str, Any]) -> None:
    outer = [Piece(**{"host": h, "peer": 20 + h, "inward": True} | other) for h in HOSTS]
    assert said(outer, there=True) == []


@pytest.mark.parametrize("shown", [{"share": -0.1}, {"sent": 0}])
def test_a_host_that_shows_its_visitors_nothing_is_no_front(shown: dict[str, Any]) -> None:
    idle = Piece(**{"host": 3, "peer": 23, "inward": True} | shown)
    assert named(said([*VISITS[:3], idle], there=True)) == set(SCENE.hosts[:3])
    assert said([*VISITS[:2], idle], DIALS[:2] + DIALS[3:], there=True) == []


@pytest.mark.parametrize(
    ("ports", "dials_in"),
    [
        ([32_768, 40_000, 50_000, 60_000], True),
        ([32_767, 40_000, 50_000, 60_000], False),  # a service's port
        ([40_000, 40_000, 50_000, 60_000], False),  # one port for two hosts
    ],
)
def test_which_side_listens(ports: list[int], dials_in: bool) -> None:
    inner = [Piece(host=host, port=port) for host, port in zip(HOSTS, ports, strict=True)]
    assert {finding.proof["dials_in"] for finding in said(inner=inner)} == {dials_in}


def test_of_a_gateway_one_reads_what_went_where() -> None:
    beside = Piece(host=0, peer=50, port=25, share=-1)
    again = Piece(host=0, peer=20, port=25, conversation=7)
    found = said([*MAILS, beside, again, again])[0]
    proof = found.proof
    assert (proof["leg"], proof["peer"], proof["port"]) == ("to", outside(1), 7000)
    assert (proof["onward_mail"], proof["onward_mail_servers"]) == (2, 1)
    assert f"what it fetches goes to {outside(1)}" in found.summary


def test_of_a_front_one_reads_its_visitors() -> None:
    visits = [
        Piece(host=0, peer=21, port=443, inward=True, sent=5000, got=100, at_s=900),
        Piece(host=0, peer=22, port=80, inward=True, sent=9000, got=100, at_s=1200),
        Piece(host=0, peer=21, port=443, inward=True, sent=7000, got=100, at_s=1500),
        Piece(host=0, peer=23, port=443, inward=True, outside=False, at_s=800),
        Piece(host=0, peer=24, port=22, inward=True, at_s=700, share=0),
        Piece(host=0, peer=25, port=443, inward=False, at_s=700, share=0),
    ]
    given = Piece(host=0, port=7000, got=21_000)
    found = said([*visits, *VISITS[1:]], [given, *DIALS[1:]], there=True)[0]
    proof = found.proof
    assert (proof["leg"], proof["origin"], proof["port"]) == ("in", outside(1), 443)
    assert (proof["front"], proof["visitors"], proof["networks_served"]) == (True, 2, 1)
    assert list(proof["passed_for"].items()) == [
        (outside(22), 20 * 12_200.0), (outside(23), 20 * 9_100.0),
    ]  # fmt: skip
    assert proof["first_visit_us"] == BASE_US + 900 * S
    assert f"what {outside(1)} gives goes to the visitors of port 443" in found.summary


def test_no_more_visitors_are_named_than_one_reads() -> None:
    crowd = [Piece(host=0, peer=20 + n, inward=True) for n in range(60)]
    given = Piece(host=0, port=7000, got=60_000)
    proof = said([*crowd, *VISITS[1:]], [given, *DIALS[1:]], there=True)[0].proof
    assert (len(proof["passed_for"]), proof["visitors_served"]) == (50, 60)
