"""Parts of a report that need no whole scene: order, bounds, and what goes before what."""

from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from tests.scene import BASE_US, GOING_ON, OPENED, S, Scene, outside, own, window

from headwater.measures.coupling import HEADER_OCTETS, Legs
from headwater.pipeline.report import _about, _said, _tellable, _weighed
from headwater.pipeline.report_coupling import FEWEST_VISITS, _payload, couplings, doors
from headwater.pipeline.report_flows import Places, deliveries, pairs_of
from headwater.pipeline.report_mentions import LONGEST_DETAIL, MOST_MENTIONS, mentions
from headwater.pipeline.report_times import (
    BEATS,
    MOST_BINS,
    MOST_CALLERS,
    MOST_SUSPECTS,
    _chosen,
    _stretch,
    activity,
    bin_us,
    calls,
    covered,
)
from headwater.pipeline.subjects import NOBODY_MOVED
from headwater.records.answer import Answer, Counts, Master, NextSuspect, Proxy, Upstream
from headwater.records.finding import Finding
from headwater.records.window import Window, from_us

HOST, PEER = own(10), outside(1)
COUNTS = Counts(flows=1, sessions=1, own_hosts=1, both_directions=1.0)


def finding(subject: str, kind: str, confidence: float = 0.9, **proof: Any) -> Finding:
    return Finding(
        detector=proof.pop("detector", kind), subject=subject, kind=kind, window=window(),
        confidence=confidence, summary=f"{kind} {confidence}", proof=proof,
    )  # fmt: skip


def answer(*hosts: str, upstreams: tuple[Upstream, ...] = ()) -> Answer:
    at = window()
    proxies = tuple(
        Proxy(
            address=host, kind="backconnect", kinds={}, port=None, confidence=0.9,
            first_seen=at.start, last_seen=at.end, mail_sessions=0, reasons=(),
        )
        for host in hosts
    )  # fmt: skip
    return Answer(
        window=at, proxies=proxies, upstreams=upstreams, masters=(), operations=(),
        counts=COUNTS,
    )  # fmt: skip


def test_what_is_said_of_an_outsider_the_surest_first_and_of_whom() -> None:
    said = [finding(PEER, "upstream", 0.5), finding(HOST, "tunnel-in", 0.9, peer=PEER)]
    about = _about([*said, finding(own(11), "relay")])
    assert about[PEER] == said
    assert [reason.text for reason in _said(about[PEER], PEER, NOBODY_MOVED)] == [
        f"{HOST}: tunnel-in 0.9", "upstream 0.5",
    ]  # fmt: skip


def test_only_reasons_that_may_be_told_are_weighed() -> None:
    joint = finding(HOST, "x", detector="hijacked", reasons=["a", "b"], weights=[2.0, 1.0])
    told = list(_weighed([joint, finding(HOST, "relay")], {"b"}))
    assert [(reason.text, reason.weight) for reason in told] == [("b", 1.0)]


def test_single_sessions_are_shown_rather_than_surer_sums() -> None:
    claims = [
        finding(HOST, "carries", 0.99, port=9000),
        finding(HOST, "relay", 0.8, port=1080),
        finding(HOST, "dials-back", 0.7, port=7000, peer=PEER),
        finding(HOST, "mail-out", 1.0, port=25),
        finding(own(99), "relay", 1.0, port=1080),  # is in no table
    ]
    assert doors(answer(HOST), claims) == [
        {"host": HOST, "peer": None, "port": 1080, "by_volume": False, "in_turn": False}
    ]
    assert doors(answer(HOST), claims[:1])[0]["by_volume"]


def test_of_a_host_that_is_in_no_table_nothing_is_told_of_its_outsiders() -> None:
    """Who may not be accused is in none."""
    told = answer(HOST, upstreams=(upstream(1, HOST),))
    said = [
        finding(HOST, "dials-back", peer=PEER),
        finding(own(11), "dials-back", peer=PEER),
        finding(PEER, "driver"),
    ]
    assert list(_tellable(said, told)) == [said[0], said[2]]


@pytest.mark.parametrize(
    ("by_volume", "paired", "drawn"),
    [(False, 1, True), (True, FEWEST_VISITS, True), (True, FEWEST_VISITS - 1, False)],
)
def test_single_sessions_are_drawn_of_sums_where_some_pair_up(
    tmp_path: Path, by_volume: bool, paired: int, drawn: bool
) -> None:
    scene = Scene(tmp_path)
    visits = [float(60 * number) for number in range(2 * FEWEST_VISITS)]
    scene.relay(HOST, 1080, [PEER], [outside(40)], times=visits[:paired])
    scene.serve(HOST, 1080, [outside(2)], visits[paired:])
    door = {"host": HOST, "peer": None, "port": 1080, "by_volume": by_volume, "in_turn": False}
    scene.settle()
    assert (HOST in couplings(scene.engine, [door], scene.window)) == drawn


@pytest.mark.parametrize("in_turn", [True, False])
def test_beside_a_visit_stand_all_the_errands_that_it_carried(
    tmp_path: Path, in_turn: bool
) -> None:
    scene = Scene(tmp_path)
    for number in range(FEWEST_VISITS):
        at_s = 60.0 * number
        scene.talk(at_s, PEER, HOST, 1080, up=2_000, down=90_000, lasts_s=40)
        for turn in range(3):
            scene.talk(at_s + 1 + 10 * turn, HOST, outside(40), 80, up=600, down=30_000)
    door = {"host": HOST, "peer": None, "port": 1080, "by_volume": False, "in_turn": in_turn}
    scene.settle()
    balance = couplings(scene.engine, [door], scene.window)[HOST].balance
    assert len(balance) == FEWEST_VISITS
    assert all((went > 0.9 * came) == in_turn for came, went in balance)


def test_a_payload_is_what_headers_leave() -> None:
    one, none = np.array([9_000, 40]), np.array([10, 1])
    legs = Legs(
        group=none * 0, start_us=none, far=none, up_bytes=one, up_packets=none,
        down_bytes=one, down_packets=none,
    )  # fmt: skip
    assert _payload(legs, np.arange(2)).tolist() == [18_000 - 20 * HEADER_OCTETS, 1]


def upstream(number: int, *hosts: str) -> Upstream:
    at = window()
    return Upstream(
        address=outside(number), role="driver", confidence=0.9, proxies=hosts, sessions=1,
        bytes=1, first_seen=at.start, last_seen=at.end, as_number=None, country=None,
    )  # fmt: skip


def test_pairs_of_the_first_upstreams_only() -> None:
    told = answer(HOST, upstreams=(upstream(1, HOST, own(11)), upstream(2, HOST)))
    assert pairs_of(told).num_rows == 3
    assert pairs_of(told, 1)["upstream"].to_pylist() == [outside(1)] * 2


def test_the_latest_table_names_a_network_and_else_its_neighbourhood(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    rows = (("old", 64500, 2), ("new", 64501, 3), ("older", 64502, 1))
    for name, number, day in rows:
        scene.write("networks", [
            {"prefix": "198.51.100.0/24", "as_number": number, "as_name": name,
             "country": "XA", "as_of": BASE_US + day}
        ])  # fmt: skip
    scene.write("networks", [
        {"prefix": "203.0.113.0/24", "as_number": None, "as_name": None, "country": "XB",
         "as_of": BASE_US}
    ])  # fmt: skip
    places = Places(scene.lake)
    names = places.networks(["198.51.100.9", "203.0.113.9", "192.0.2.9", "2001:db8:1:2::9"])
    assert names == ["AS64501 new", "203.0.113.0/24", "192.0.2.0/24", "2001:db8:1::/48"]
    assert places.labels(["198.51.100.9", "203.0.113.9", "192.0.2.9"]) == {
        "198.51.100.9": "AS64501 new, XA", "203.0.113.9": "XB",
    }  # fmt: skip


def test_mentions_by_address_and_network_the_newest_first_and_not_too_many(
    tmp_path: Path,
) -> None:
    scene = Scene(tmp_path)
    scene.write("sightings", [
        {"seen_at": BASE_US + number * S, "subject": subject, "subject_kind": "network",
         "kind": "listed", "means": "proxy", "source": f"list-{number}", "detail": "x" * 999}
        for number, subject in enumerate([HOST, "192.0.2.8/29", own(99)] * MOST_MENTIONS)
    ])  # fmt: skip
    found = mentions(scene.lake, [HOST, own(200)])
    assert set(found) == {HOST}
    told = found[HOST]
    assert len(told) == MOST_MENTIONS
    last = 3 * MOST_MENTIONS - 2
    assert [each.source for each in told[:3]] == [f"list-{last - n}" for n in (0, 1, 3)]
    assert told[0].detail == "x" * LONGEST_DETAIL


@pytest.mark.parametrize(
    ("seconds", "bin_s"),
    [(5 * MOST_BINS, 5), (5 * MOST_BINS + 1, 10), (7200, 60), (7201, 120)],
)
def test_the_shortest_round_bins_that_are_not_too_many(seconds: int, bin_s: int) -> None:
    start = from_us(BASE_US)
    assert bin_us(Window(start, start + timedelta(seconds=seconds))) == bin_s * S


def test_an_hour_half_watched_is_covered_by_half() -> None:
    start = from_us(BASE_US - BASE_US % (86_400 * S))
    whole = Window(start + timedelta(minutes=50), start + timedelta(hours=2, minutes=5))
    assert covered(whole, UTC)[:4] == (0.1667, 1.0, 0.0833, 0.0)
    assert covered(whole, ZoneInfo("Etc/GMT-1"))[:4] == (0.0, 0.1667, 1.0, 0.0833)


def going_on(scene: Scene, port: int) -> None:
    """A session of the host's that goes on past the hour: it has two rows."""
    for at_s, flags in ((3590, OPENED), (3605, GOING_ON)):
        scene.talk(
            at_s, HOST, PEER, port, up=1_000, down=3_000, client_port=40_000, flags=flags
        )


def test_mail_is_counted_once_and_in_both_directions(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    going_on(scene, 25)
    scene.settle()
    (told,) = deliveries(scene.engine, answer(HOST), scene.window, Places(scene.lake))
    assert (told.servers, told.sessions) == (1, 1)
    assert told.bytes > 8_000


def test_what_a_proxy_opens_to_its_upstream_is_driven_and_nothing_else(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    for port in (7000, 25):
        scene.talk(600, HOST, PEER, port)
    scene.talk(700, HOST, outside(9), 25)
    scene.talk(800, HOST, outside(9), 443)
    scene.settle()
    (told,) = activity(scene.engine, answer(HOST, upstreams=(upstream(1, HOST),)), scene.window)
    assert [sum(row) for row in (told.driven, told.mail, told.other)] == [2, 1, 1]


def test_each_call_home_is_told_by_its_beginning(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    going_on(scene, 8443)
    scene.talk(5000, HOST, PEER, 8443)
    scene.settle()
    master = Master(
        address=PEER, ports=(8443,), confidence=0.9, clean_clients=4, period_s=None,
        proxies=(HOST,), next_suspects=(),
    )  # fmt: skip
    (told,) = calls(scene.engine, replace(answer(HOST), masters=(master,)), scene.window)
    assert told.clients == 5
    assert told.callers[0].called_us == (scene.at(3590), scene.at(5000))


def test_suspects_are_shown_beside_the_first_proxies() -> None:
    suspects = tuple(NextSuspect(address=own(n), confidence=0.5) for n in range(100, 120))
    master = Master(
        address=PEER, ports=(8443,), confidence=0.9, clean_clients=0, period_s=None,
        proxies=tuple(own(n) for n in range(1, 40)), next_suspects=suspects,
    )  # fmt: skip
    chosen = _chosen(master)
    assert len(chosen) == MOST_CALLERS
    assert chosen[-MOST_SUSPECTS:] == [each.address for each in suspects[:MOST_SUSPECTS]]


def test_a_stretch_of_calls_shows_so_many_of_a_steady_client_and_stays_within_them() -> None:
    steady = [BASE_US + 60 * S * number for number in range(200)]
    shown = _stretch([steady])
    assert shown.end_us - shown.start_us == BEATS * 60 * S
    assert steady[0] < shown.start_us < steady[100] < shown.end_us < steady[-1]
    late = [*steady[:3], *range(steady[-1], steady[-1] + 9 * S, S)]
    assert _stretch([late]).end_us == late[-1] + S
