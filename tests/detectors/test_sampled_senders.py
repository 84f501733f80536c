"""Direct senders in sampled records: what comes in beside mail, who lives there, how many."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Scene, outside, outsiders, own, window

from headwater.detectors import hijacked
from headwater.detectors.direct_sender import (
    BROWSES_LITTLE,
    DETECTOR,
    FEWEST_BROWSERS,
    FEWEST_SILENT,
    MOST_FOR_FEEDERS,
    MOST_OF_FEW,
    NOTHING_SAID,
    PRIOR,
    RECEIVES_WEIGHT,
    SAME_FEW,
    SENDS_MUCH,
    SERVICE_WEIGHT,
    SMALL_TALK,
    WATCHES_WEIGHT,
    judge,
    weigh,
)
from headwater.measures.letters import TALK_OCTETS
from headwater.measures.outreach import servers_there
from headwater.measures.sender import FILM_OCTETS, HOUSEHOLD_WEB, TALK_PACKETS, Sender
from headwater.records.finding import Finding

WINDOW = window(6)
KNOWN: dict[str, Any] = dict.fromkeys(Sender._fields, 0) | {
    "host": own(10), "sampling": 100, "mail_sessions": 40, "mail_exported": 40,
    "exchangers": 30, "mail_packets": 4000, "mail_bytes": 1_600_000,
    "first_seen": WINDOW.start_us, "mail_first": WINDOW.start_us, "mail_last": WINDOW.end_us,
    "browsers": FEWEST_BROWSERS, "usual_web_servers": 5, "web_servers": 4,
    "network": 2, "area": 0,
    "network_hosts": 200, "area_hosts": 5000, "hosts": 5000,
}  # fmt: skip
BOT = {"mail_bytes": 4000 * 60, "fed_bytes": 4000 * 60, "web_received": 4 * FILM_OCTETS}
LAWFUL = {"mail_bytes": 4000 * 1400, "web_servers": 0, "quiet_share": 0.1}


def weight(name: str, **said: Any) -> float:
    return float(judge(Sender(**(KNOWN | said)), WINDOW).proof["weights"][name])


@pytest.mark.parametrize(("sessions", "monitor"), [(34, True), (27, False)])
def test_a_monitor_is_seen_with_the_same_servers_again(sessions: int, monitor: bool) -> None:
    """Who mails everywhere meets the large providers again, as if there were dozens."""
    near = servers_there(sessions, 13) / MOST_OF_FEW
    assert 0.9 < near < 1.1
    many = 60 * SAME_FEW * TALK_PACKETS
    said = {"exchangers": 13, "mail_packets": many, "mail_bytes": many * NOTHING_SAID}
    assert (weight("same few", mail_sessions=sessions, **said) < 0) == monitor == (near < 1)


@pytest.mark.parametrize(
    ("octets", "monitor"), [(NOTHING_SAID - 1, True), (NOTHING_SAID, False)]
)
def test_who_says_nothing_may_ask_many_over_and_over(octets: int, monitor: bool) -> None:
    many = 200 * SAME_FEW * TALK_PACKETS
    said = {"exchangers": 110, "mail_sessions": 900, "mail_packets": many}
    assert servers_there(900, 110) > MOST_OF_FEW
    assert (weight("same few", mail_bytes=many * octets, **said) < 0) == monitor


@pytest.mark.parametrize(
    ("seen", "monitor"), [(FEWEST_SILENT, True), (FEWEST_SILENT - 1, False)]
)
def test_of_few_packets_all_may_be_talk(seen: int, monitor: bool) -> None:
    packets = seen * 100
    said = {"exchangers": 20, "mail_sessions": 36_000, "mail_bytes": packets * TALK_OCTETS}
    assert (weight("same few", mail_packets=packets, **said) < 0) == monitor


def test_what_is_brought_to_a_port_is_mailed_again() -> None:
    fed, starved = (weight("fed", fed_bytes=octets) for octets in (1_600_000, 0))
    assert fed > 1.4 > 0.0 > starved
    assert weight("fed", fed_bytes=1_600_000, fed_alike=0.4) < fed - 1.0
    assert weight("fed", fed_bytes=1_600_000, sampling=1) == 0.0  # `relay` sees it pass
    assert weight("fed", mail_bytes=0) == 0.0  # the other way was exported


@pytest.mark.parametrize(
    ("octets", "expected"),
    [(4 * FILM_OCTETS, WATCHES_WEIGHT), (4 * FILM_OCTETS - 1, BROWSES_LITTLE)],
)
def test_films_are_watched_in_households(octets: int, expected: float) -> None:
    assert weight("life", web_received=octets) == expected


def test_who_watches_one_film_meets_one_server() -> None:
    assert weight("life", web_servers=1, web_received=FILM_OCTETS) == WATCHES_WEIGHT
    assert weight("life", web_servers=1, web_received=FILM_OCTETS, sampling=1) == 0.0


def visited(sessions: int, clients: int, **said: Any) -> float:
    again = {"mail_in_again": sessions - clients}
    visits = {"mail_in_clients": clients, "mail_in_sessions": sessions, **again}
    return weight("service", **(visits | said))


def test_each_new_visitor_of_a_mail_server_speaks_for_it() -> None:
    assert visited(0, 0) == 0.0
    assert visited(1, 1) == pytest.approx(RECEIVES_WEIGHT)
    assert 0.0 > visited(1, 1) > visited(2, 2) > visited(4, 4) >= visited(900, 900)
    assert visited(900, 900) == SERVICE_WEIGHT


def test_the_same_few_visitors_speak_against_it() -> None:
    """An abused relay is fed by its drivers; of a server's many visitors few are seen twice."""
    assert visited(3, 3) < visited(3, 2) < visited(3, 1)
    assert visited(30, 2) == MOST_FOR_FEEDERS
    assert visited(30, 2, sampling=1) == 0.0


def test_who_takes_mail_of_others_feeds_no_relay() -> None:
    """A provider hands its customers their mail, and again; no driver has a mail server."""
    assert visited(30, 2, mail_in_again=0) == SERVICE_WEIGHT


@pytest.mark.parametrize(("senders", "again"), [(1, 8), (2, 0)])
def test_by_whom_own_hosts_are_handed_mail_again(
    tmp_path: Path, senders: int, again: int
) -> None:
    scene, provider = Scene(tmp_path, hours=1), outside(90)
    scene.mail(own(10), outsiders(4, 20), scene.times(8))
    scene.serve(own(10), 25, [provider, outside(91)], scene.times(10))
    for number in range(senders):
        scene.mail(own(10 + number), [provider], scene.times(2))
        scene.mail(own(30 + number), [outside(91)], scene.times(2))
    rows = {row["host"]: row for row in scene.ask(DETECTOR).to_pylist()}
    assert rows[own(10)]["mail_in_again"] == again


def test_who_says_next_to_nothing_looks_whether_the_server_is_up() -> None:
    """A monitor comes again and again, too, and brings no letter."""
    packets = {"mail_in_packets": 30, "mail_in_bytes": 30 * SMALL_TALK}
    assert visited(30, 2, **packets) == MOST_FOR_FEEDERS
    assert visited(30, 2, **packets | {"mail_in_bytes": 30 * SMALL_TALK - 1}) == 0.0
    assert visited(9, 9, **packets | {"mail_in_bytes": 0}) < RECEIVES_WEIGHT


def test_many_providers_and_much_mail_are_other_peoples_passwords() -> None:
    """Applications deliver to exchangers; nobody hands the same mail to twenty providers."""
    thief = {"exchangers": 0, "submission_servers": 30}
    assert weight("breadth", **thief) > 3.0 > weight("breadth", exchangers=30)
    family = {"submission_servers": 8, "mail_packets": 40, "mail_sessions": 3}
    assert weight("breadth", **(thief | family)) == 0.0
    # A campus behind one address has as many providers as it has households.
    campus = {"web_servers": 5 * HOUSEHOLD_WEB}
    assert weight("breadth", **(thief | campus)) < 1.0
    exchangers = [
        weight("breadth", exchangers=30, web_servers=n) for n in (0, 5 * HOUSEHOLD_WEB)
    ]
    assert exchangers[0] == exchangers[1]  # nobody's mail program mails these


def findings(*senders: dict[str, Any]) -> list[Finding]:
    """What is said of each, among all of them."""
    rows = [KNOWN | said | {"host": own(n)} for n, said in enumerate(senders)]
    table = pa.table({name: [row[name] for row in rows] for name in Sender._fields})
    return list(weigh(table, WINDOW))


def told(*senders: dict[str, Any]) -> list[float]:
    """How likely each is, among all of them."""
    return [finding.confidence for finding in findings(*senders)]


def test_where_more_are_sick_each_is_likelier_to_be() -> None:
    doubtful: dict[str, Any] = {}
    among_bots, *_ = told(doubtful, *[BOT] * 30)
    among_lawful, *_ = told(doubtful, *[LAWFUL] * 30)
    alone = judge(Sender(**(KNOWN | doubtful)), WINDOW).confidence
    assert among_bots > alone > among_lawful


def test_where_every_packet_was_counted_the_crowd_says_nothing() -> None:
    whole = {"sampling": 1}
    (first, *_), (second, *_) = told(whole, *[BOT] * 30), told(whole, *[LAWFUL] * 30)
    assert first == second


def test_what_is_said_counts_how_many_are_sick() -> None:
    few, many = (judge(Sender(**KNOWN), WINDOW, sick).proof for sick in (PRIOR, 0.5))
    assert few["weight"] == pytest.approx(sum(few["weights"].values()) + SENDS_MUCH)
    assert many["weight"] > few["weight"] + 2.5


def test_what_a_host_is_brought_does_not_count_twice() -> None:
    """Where it is seen at which port it relays, that what it mails comes in there is known."""
    said = judge(Sender(**(KNOWN | {"fed_bytes": 1_600_000})), WINDOW)
    sender = {**said.proof, "confidence": said.confidence, "summary": said.summary}
    tunnel = {"confidence": 0.9, "summary": "tunnelled into", "peer": outside(9), "port": 9000}
    all_claims: list[dict[str, list[Mapping[str, Any]]]] = [
        {"mail-out": [sender]},
        {"mail-out": [sender], "tunnel-in": [tunnel]},
    ]
    alone, beside = (
        hijacked.judge(hijacked.Host(address=own(10), claims=claims), WINDOW).proof["weights"]
        for claims in all_claims
    )
    fed = said.proof["weights"]["fed"]
    assert max(alone) - fed == pytest.approx(max(beside), abs=0.01)


def test_hosts_to_which_as_much_is_brought_are_counted(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=10)
    octets = (60_000, 20_000, 900_000, 90_000_000, 500)
    sizes = {own(20 + number): size for number, size in enumerate(octets)}
    scene.mail(own(10), outsiders(40, 20), scene.times(60))
    for at_s, (host, size) in enumerate(sizes.items()):
        scene.talk(300 + at_s, outside(90), host, 7337, up=size)
        scene.browse(host, outsiders(3, 100), scene.times(4))
    (row,) = scene.ask(DETECTOR).to_pylist()
    mailed = row["mail_bytes"]
    assert mailed > 0
    alike = sum(mailed / 8 <= size * 10 <= mailed * 8 for size in octets)
    visited = len(sizes) - 1  # 500 octets are knocks
    assert 0 < row["fed_alike"] <= alike / visited
    assert row["fed_alike"] + row["fed_more"] <= 1
    assert row["fed_more"] == 1 / visited


def said_of_first(name: str, *senders: dict[str, Any]) -> float:
    """What a crowd of senders tells of the first of them."""
    return next(iter(findings(*senders))).proof["weights"].get(name, 0.0)


def test_applications_mail_from_sites() -> None:
    """Most senders show a site, few of the other hosts do: this is one of those senders."""
    sites = [{"site": 1, "sites_usual": 0.1}] * 50
    others = [{"site": 0, "sites_usual": 0.1}] * 49
    shows, hides = ({"site": one, "sites_usual": 0.1} for one in (1, 0))
    assert said_of_first("site", shows, *sites, *others) < -1.0
    assert said_of_first("site", hides, *sites, *others) == 0.0
    assert said_of_first("site", shows | {"sampling": 1}, *sites) == 0.0  # refusals tell


def test_who_mails_where_others_do_is_one_of_them() -> None:
    lone: dict[str, Any] = {"network": 7, "area": 1, "area_hosts": 4000}
    hoster = [LAWFUL] * 30
    assert said_of_first("near", {}, *hoster) < 0.0 < said_of_first("near", lone, *hoster)
    assert said_of_first("near", {"sampling": 1}, *hoster) == 0.0
    among = [next(iter(findings(each, *hoster))).confidence for each in ({}, lone)]
    assert among[0] < among[1]


def test_bots_side_by_side_are_no_lawful_mailers() -> None:
    """A hijacked farm does not clear itself by its size."""
    farm, hoster = (said_of_first("near", {}, *[each] * 30) for each in (BOT, LAWFUL))
    assert hoster < farm


def test_sites_are_told_by_what_they_show(tmp_path: Path) -> None:
    """Shown: more than is brought, and more than headers; knocks are answered by headers."""
    scene = Scene(tmp_path, sampling=10)
    for host in (10, 11, 12, 13):
        scene.mail(own(host), outsiders(40, 20), scene.times(60))
    for at_s in range(100, 6000, 50):
        scene.talk(at_s, outside(90 + at_s % 7), own(10), 443, up=600, down=30_000)
        scene.talk(at_s, outside(90 + at_s % 7), own(11), 443, up=30_000, down=600)
        scene.talk(at_s, outside(90 + at_s % 7), own(12), 8443, up=600, down=30_000)
        scene.talk(at_s, outside(90), own(13), 80, up=0, down=0)
    scene.browse(own(20), outsiders(3, 100), scene.times(40))
    rows = scene.ask(DETECTOR).to_pylist()
    assert [row["site"] for row in rows] == [1, 0, 0, 0]
    assert {row["sites_usual"] for row in rows} == {0.2}


def test_who_else_lives_near_is_counted(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=10)
    six = "2001:db8:ffff:1::5"
    for host in (own(10), six):
        scene.mail(host, outsiders(40, 20), scene.times(60))
    for host in (own(11), own(12), "2001:db8:ffff:2::9"):
        scene.browse(host, outsiders(3, 100), scene.times(40))
    rows = {row["host"]: row for row in scene.ask(DETECTOR).to_pylist()}
    near = ("area_hosts", "network_hosts", "hosts")
    assert [rows[own(10)][name] for name in near] == [3, 3, 5]
    assert [rows[six][name] for name in near] == [2, 2, 5]
    assert {rows[own(10)][place] == rows[six][place] for place in ("area", "network")} == {
        False
    }
    apart = {
        "living": pa.table({"host": [own(10), own(11)], "area": [1, 1], "network": [1, 2]})
    }
    rows = {row["host"]: row for row in scene.ask(DETECTOR, apart).to_pylist()}
    assert [rows[own(10)][name] for name in near] == [2, 1, 5]


def test_of_hosts_that_are_brought_mere_knocks_nothing_is_counted(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=10)
    scene.mail(own(10), outsiders(40, 20), scene.times(60))
    scene.talk(300, outside(90), own(20), 7337, up=900_000)
    scene.talk(300, outside(90), own(21), 7337, up=500)
    (row,) = scene.ask(DETECTOR).to_pylist()
    assert row["fed_alike"] == 1.0


@pytest.mark.parametrize("visitor", [own(50), outside(90)])
def test_letters_come_by_way_of_own_hosts_too(tmp_path: Path, visitor: str) -> None:
    scene = Scene(tmp_path, sampling=10)
    scene.mail(own(10), outsiders(40, 20), scene.times(60))
    for at_s in scene.times(60):
        scene.talk(at_s, visitor, own(10), 7337, up=9_000, down=300)
    (row,) = (row for row in scene.ask(DETECTOR).to_pylist() if row["host"] == own(10))
    assert row["fed_port"] == 7337
    assert row["fed_bytes"] > 0


@pytest.mark.parametrize("shown", [300, 200_000])
def test_a_port_that_shows_contents_of_its_own_is_fed_no_letters(
    tmp_path: Path, shown: int
) -> None:
    """A shop that mails its customers; what a relay's visitors get others gave the host."""
    scene = Scene(tmp_path, sampling=10)
    scene.mail(own(10), outsiders(40, 20), scene.times(60))
    for at_s in range(100, 6000, 100):
        scene.talk(at_s, outside(90 + at_s % 7), own(10), 443, up=9_000, down=shown)
    (row,) = scene.ask(DETECTOR).to_pylist()
    assert (row["fed_port"] == 443) == (row["fed_bytes"] > 0) == (shown == 300)


@pytest.mark.parametrize(("port", "fed"), [(443, False), (1080, True)])
def test_a_site_is_asked_questions_whatever_its_host_gets_from_others(
    tmp_path: Path, port: int, fed: bool
) -> None:
    """People live and watch films where the shop's machine stands; a relay shows their like."""
    scene = Scene(tmp_path, sampling=10)
    scene.mail(own(10), outsiders(40, 20), scene.times(60))
    scene.talk(300, own(10), outside(91), 443, up=90_000, down=900_000_000)
    for at_s in range(100, 6000, 100):
        scene.talk(at_s, outside(90 + at_s % 7), own(10), port, up=9_000, down=200_000)
    (row,) = scene.ask(DETECTOR).to_pylist()
    assert (row["fed_bytes"] > 0) == fed


def test_who_backs_up_to_somewhere_watches_no_films(tmp_path: Path) -> None:
    """Of a large upload the acknowledgements alone are many octets."""
    scene = Scene(tmp_path, sampling=10)
    store, films = outside(90), outside(91)
    for host in (own(10), own(11)):
        scene.mail(host, outsiders(40, 20), scene.times(60))
    scene.talk(300, own(10), store, 443, up=900_000_000, down=0)
    scene.talk(300, own(11), films, 443, up=0, down=900_000_000)
    backs_up, watches = (Sender(**row) for row in scene.ask(DETECTOR).to_pylist())
    assert min(backs_up.web_packets, watches.web_packets) > FILM_OCTETS / 1000
    assert (backs_up.watches, watches.watches) == (False, True)


@pytest.mark.parametrize(("brought", "shown", "fed"), [(9_000, 900, True), (900, 9_000, False)])
def test_of_few_packets_who_is_shown_more_than_he_brings_hands_in_no_letters(
    tmp_path: Path, brought: int, shown: int, fed: bool
) -> None:
    scene = Scene(tmp_path, sampling=100)
    scene.mail(own(10), outsiders(40, 20), scene.times(60))
    for at_s in range(100, 6000, 1000):
        scene.talk(at_s, outside(90), own(10), 443, up=brought, down=shown)
    (row,) = scene.ask(DETECTOR).to_pylist()
    assert (row["fed_bytes"] > 0) == fed
