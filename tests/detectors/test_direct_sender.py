"""Direct sender: mail out that nobody in the house knows of; numbers first, then tables."""

from pathlib import Path
from typing import Any

import pytest
from tests.scene import Scene, outside, outsiders, own, window

from headwater.detectors.direct_sender import (
    BROWSES,
    BUSINESS_RANK,
    BUSINESS_WEIGHT,
    CROWD,
    DETECTOR,
    DOES_NOT_BROWSE,
    FEWEST_BROWSERS,
    FEWEST_MISSED,
    FEWEST_TO_CONTRADICT,
    HOUSEHOLD_RANK,
    HOUSEHOLD_WEIGHT,
    MOST_FOR_REFUSALS,
    NOTHING_SAID,
    ONSET_US,
    PRIOR,
    SAME_FEW,
    SENDS_AT_ALL,
    SERVICE_WEIGHT,
    SMALL_TALK,
    judge,
)
from headwater.measures.letters import (
    FULL_OCTETS,
    LEAST_FOR_LETTERS,
    MOST_FOR_PLAIN,
    TALK_OCTETS,
)
from headwater.measures.outreach import (
    HOUSEHOLD_PACE,
    HOUSEHOLD_SERVERS,
    MOST_FOR_EXCHANGERS,
    MOST_FOR_PACE,
)
from headwater.measures.sender import (
    BOTLIKE_CUT,
    BROWSED_SERVERS,
    FEWEST_FOR_SHARE,
    LAWFUL_CUT,
    MOST_BY_TOP,
    SERVICE_CLIENTS,
    SERVICE_QUARTERS,
    TALK_PACKETS,
    Sender,
)
from headwater.records.finding import Finding

HOST = own(10)
EXCHANGERS = outsiders(40, 20)
WINDOW = window(6)
FEWEST_SERVERS = 3  # direct_sender.sql: who meets fewer is not asked about
WHOLE_MESSAGE = 300  # direct_sender.sql: octets beyond headers


def judged(**said: Any) -> Finding:
    """The opinion on a host; what is not said is zero, and every session was seen."""
    known = dict.fromkeys(Sender._fields, 0) | SENDING | said
    seen = {"mail_exported": said.get("mail_exported", known["mail_sessions"])}
    return judge(Sender(**(known | seen)), WINDOW)


SENDING: dict[str, Any] = {
    "host": HOST,
    "sampling": 1,
    "mail_sessions": 200,
    "exchangers": 60,
    "first_seen": WINDOW.start_us,
    "mail_first": WINDOW.start_us,
    "mail_last": WINDOW.end_us,
    "web_servers": 1,
}
BOT = {"mail_cut": 90, "web_servers": 30, "mail_first": WINDOW.start_us + 2 * ONSET_US}
SERVICE = {
    "mail_in_clients": 40,
    "mail_in_sessions": 100,
    "mail_in_quarters": 20,
    "mail_in_by_top": 10,
}


def weight(name: str, **said: Any) -> float:
    return float(judged(**said).proof["weights"][name])


def test_a_bot_beside_a_browser_is_accused() -> None:
    found = judged(**BOT)
    assert (found.subject, found.kind) == (HOST, "mail-out")
    assert found.confidence > 0.95
    assert found.proof["mail_sessions"] == 200


def test_a_mail_server_is_not() -> None:
    assert judged(**SERVICE).confidence < 0.02
    assert judged(**SERVICE).proof["serves_mail"] is True


def test_a_household_with_a_few_providers_is_not() -> None:
    assert (
        judged(mail_sessions=40, exchangers=HOUSEHOLD_SERVERS, web_servers=30).confidence < 0.05
    )


MANY = 100_000  # sessions, of which a share is known well


@pytest.mark.parametrize(("cut", "expected"), [
    (0, -MOST_FOR_REFUSALS), (LAWFUL_CUT, -MOST_FOR_REFUSALS),
    (BOTLIKE_CUT, MOST_FOR_REFUSALS), (1, MOST_FOR_REFUSALS),
])  # fmt: skip
def test_refusals_between_lawful_and_botlike(cut: float, expected: float) -> None:
    said = {"mail_sessions": MANY, "mail_cut": round(MANY * cut)}
    assert weight("refused", **said) == pytest.approx(expected, abs=0.1)


def test_of_few_sessions_the_share_of_refusals_is_hardly_known() -> None:
    few = weight("refused", mail_sessions=13, mail_cut=3)
    many = weight("refused", mail_sessions=1300, mail_cut=300)
    assert few == pytest.approx(0.0)
    assert many > 1.5
    assert weight("refused", mail_sessions=13, mail_cut=8) == MOST_FOR_REFUSALS


def test_one_refusal_past_lawful_already_weighs_more() -> None:
    cut = round(MANY * LAWFUL_CUT)
    lawful, past = (weight("refused", mail_sessions=MANY, mail_cut=c) for c in (cut, cut + 1))
    assert lawful < past < 0


@pytest.mark.parametrize(
    ("said", "silent"),
    [
        ({"mail_sessions": FEWEST_FOR_SHARE}, False),
        ({"mail_sessions": FEWEST_FOR_SHARE - 1}, True),
        ({"mail_sessions": 200, "sampling": 2}, True),
        # Of a route seen one way, what the client said was never exported.
        ({"mail_sessions": 200, "mail_exported": FEWEST_FOR_SHARE - 1}, True),
    ],
)
def test_a_share_needs_sessions_seen_whole(said: dict[str, int], silent: bool) -> None:
    assert (weight("refused", **said) == 0.0) == silent


@pytest.mark.parametrize(
    ("said", "serves"),
    [
        ({"mail_in_clients": SERVICE_CLIENTS, "mail_in_quarters": SERVICE_QUARTERS}, True),
        ({"mail_in_clients": SERVICE_CLIENTS - 1}, False),
        ({"mail_in_quarters": SERVICE_QUARTERS - 1}, False),
    ],
)
def test_the_least_service(said: dict[str, int], serves: bool) -> None:
    found = judged(**(SERVICE | said))
    assert found.proof["serves_mail"] is serves
    assert (found.proof["weights"]["service"] < 0) == serves


def test_who_is_fed_by_a_few_does_not_serve() -> None:
    """An abused relay has visitors too: nearly all of its mail comes from its drivers."""
    visits = SERVICE["mail_in_sessions"]
    most = round(MOST_BY_TOP * visits)
    serves = [
        judged(**(SERVICE | {"mail_in_by_top": n})).proof["serves_mail"]
        for n in (most, most + 1)
    ]
    assert serves == [True, False]


def test_a_server_whose_mail_the_world_refuses_is_excused_less() -> None:
    """Refusals contradict a service only where there are enough of them."""
    many, few = FEWEST_TO_CONTRADICT, FEWEST_TO_CONTRADICT - 1
    assert weight("service", **SERVICE, mail_sessions=many) == SERVICE_WEIGHT
    assert weight("service", **SERVICE, mail_sessions=few, mail_cut=few) == SERVICE_WEIGHT
    assert weight("service", **SERVICE, mail_sessions=many, mail_cut=many) == 0.0


def test_what_is_said_of_a_host_is_told_with_how_rare_senders_are() -> None:
    proof = judged(**BOT).proof
    assert proof["weight"] == pytest.approx(sum(proof["weights"].values()) + SENDS_AT_ALL)


@pytest.mark.parametrize(
    ("sessions", "monitor"), [(10 * SAME_FEW + 1, True), (10 * SAME_FEW - 1, False)]
)
def test_a_monitor_asks_the_same_few(sessions: int, monitor: bool) -> None:
    said = {"exchangers": 10, "mail_packets": 100, "mail_bytes": 5000}
    assert (weight("same few", mail_sessions=sessions, **said) < 0) == monitor


@pytest.mark.parametrize(("octets", "monitor"), [(SMALL_TALK, False), (SMALL_TALK - 1, True)])
def test_a_monitor_says_next_to_nothing(octets: int, monitor: bool) -> None:
    said = {"exchangers": 10, "mail_sessions": 900, "mail_packets": 100}
    assert (weight("same few", mail_bytes=100 * octets, **said) < 0) == monitor


def test_who_hands_mail_to_many_providers_has_other_peoples_passwords() -> None:
    """A household has a provider or two, each with a few addresses for its name."""
    thief = judged(exchangers=0, submission_servers=40, mail_cut=0)
    accounts = {"exchangers": 0, "submission_servers": 2 * HOUSEHOLD_SERVERS}
    family = judged(mail_sessions=12, mail_cut=0, **accounts)
    assert thief.proof["weights"]["breadth"] > MOST_FOR_EXCHANGERS
    assert family.proof["weights"]["breadth"] == 0.0
    rare = [who.proof["weight"] - sum(who.proof["weights"].values()) for who in (thief, family)]
    assert rare == pytest.approx([SENDS_AT_ALL, 0.0])


@pytest.mark.parametrize(("after_us", "late"), [(ONSET_US, True), (ONSET_US - 1, False)])
def test_mail_that_begins_late(after_us: int, late: bool) -> None:
    assert (weight("onset", mail_first=WINDOW.start_us + after_us) > 0) == late


@pytest.mark.parametrize(("expected", "late"), [(FEWEST_MISSED, True), (2.0, False)])
def test_a_pause_shows_only_where_mail_would_have_been_seen(
    expected: float, late: bool
) -> None:
    """Of few sampled sessions the first is late by chance."""
    first = (WINDOW.start_us + WINDOW.end_us) // 2
    assert (weight("onset", mail_first=first, mail_sessions=1 + expected) > 0) == late


def test_a_person_at_it_counts_and_so_does_nobody() -> None:
    browsed, glanced, never = (
        weight("life", web_servers=n, quiet_share=0.1)
        for n in (BROWSED_SERVERS, BROWSED_SERVERS - 1, 0)
    )
    assert browsed > glanced > never
    assert weight("life", web_servers=0, sampling=100) == glanced  # it may have gone unseen


@pytest.mark.parametrize(("quiet_share", "expected"), [(0.0, DOES_NOT_BROWSE), (1.0, 0.0)])
def test_silence_tells_nothing_where_every_host_is_silent(
    quiet_share: float, expected: float
) -> None:
    """Of a home's few packets sampling leaves as little as of a server's."""
    assert weight("life", web_servers=0, quiet_share=quiet_share) == expected


def life(rank: float, **said: Any) -> float:
    crowd = {"web_servers": BROWSED_SERVERS, "browsers": FEWEST_BROWSERS, "web_rank": rank}
    return weight("life", **(crowd | said))


def test_applications_that_mail_live_where_many_browse() -> None:
    assert life(HOUSEHOLD_RANK) == HOUSEHOLD_WEIGHT
    assert life(BUSINESS_RANK) == life(1.0) == pytest.approx(BUSINESS_WEIGHT)
    assert HOUSEHOLD_WEIGHT > life(HOUSEHOLD_RANK + 0.01) > BUSINESS_WEIGHT


def test_the_first_among_equals_is_no_business() -> None:
    alike = {"usual_web_servers": BROWSED_SERVERS / 2}
    assert life(1.0, **alike) == HOUSEHOLD_WEIGHT
    assert life(1.0, usual_web_servers=BROWSED_SERVERS / CROWD) == pytest.approx(
        BUSINESS_WEIGHT
    )


def test_a_rank_among_few_says_nothing() -> None:
    assert life(1.0, browsers=FEWEST_BROWSERS - 1) == BROWSES


def sampled(name: str, **said: Any) -> float:
    return weight(name, **({"sampling": 100, "mail_sessions": 40, "mail_packets": 4000} | said))


def test_long_letters_are_an_applications_and_short_ones_a_bots() -> None:
    """Forty sampled packets: of a session without a message none is full."""
    words, letters = 4000 * TALK_OCTETS, 4000 * FULL_OCTETS
    assert sampled("letters", mail_bytes=words + (letters - words) // 7) > 1.0
    assert sampled("letters", mail_bytes=words) < 0.5  # a bot, or only asks who is there
    assert sampled("letters", mail_bytes=letters) == LEAST_FOR_LETTERS
    assert abs(sampled("letters", mail_bytes=(words + letters) // 2)) < 0.5  # either's


def test_lawful_mail_is_encrypted() -> None:
    """Certificates fill packets that no answer fills."""
    replies = {"reply_packets": 3000, "mail_bytes": 4000 * NOTHING_SAID}
    plain = sampled("plain", reply_bytes=3000 * 80, **replies)
    encrypted = sampled("plain", reply_bytes=3000 * 500, **replies)
    assert encrypted < -MOST_FOR_PLAIN < plain == MOST_FOR_PLAIN
    assert sampled("plain", reply_packets=0, reply_bytes=0) == 0.0
    few = sampled("plain", reply_bytes=3000 * 80, exchangers=20, **replies)
    assert 0.0 < few < 0.9 * plain  # who knows one server's habit knows it of all its sessions


@pytest.mark.parametrize(("cut", "share"), [(3, 1.0), (8, 0.0)])  # of either's, of a bot's
def test_that_it_is_encrypted_counts_until_refused_as_bots_are(cut: int, share: float) -> None:
    said = {"mail_sessions": 13, "mail_answered": 12, "mail_encrypted": 12}
    plain = (weight("plain", mail_cut=c, **said) for c in (0, cut))
    assert next(plain) * share == pytest.approx(next(plain), abs=0.01)


def test_a_household_hands_in_a_few_letters_an_hour() -> None:
    """Other people's passwords, a handful of providers: what tells is how much is sent."""
    providers = {"exchangers": 0, "submission_servers": HOUSEHOLD_SERVERS}

    def pace(an_hour: float, **said: Any) -> float:
        packets = int(6 * an_hour * TALK_PACKETS)
        said = {"mail_packets": packets, "mail_bytes": packets * TALK_OCTETS} | said
        return sampled("breadth", mail_sessions=3, **(providers | said))

    assert pace(HOUSEHOLD_PACE) == 0.0
    assert 0 < pace(4 * HOUSEHOLD_PACE) < pace(1000 * HOUSEHOLD_PACE) == MOST_FOR_PACE
    # Long letters are many packets, and not many letters.
    assert pace(4 * HOUSEHOLD_PACE, mail_bytes=10**9) == 0.0


def test_what_many_deliver_here_no_server_hands_in_at_dozens_of_providers() -> None:
    """A mail server hands it to exchangers; an abused relay with others' passwords does not."""
    visited = {
        "mail_in_clients": 20, "mail_in_sessions": 100, "mail_in_quarters": 20,
        "mail_in_by_top": 20,
    }  # fmt: skip
    providers = {"exchangers": 0, "submission_servers": 40}
    assert weight("service", **visited) == SERVICE_WEIGHT
    assert weight("service", **(visited | providers)) == 0.0


def test_what_outsiders_bring_to_the_busiest_port_is_told(scene: Scene) -> None:
    scene.mail(HOST, EXCHANGERS, scene.times(30))
    for at_s, port in ((200, 7337), (300, 7337), (400, 22), (500, 25)):
        scene.talk(at_s, outside(90), HOST, port, up=50_000, down=500)
    scene.talk(600, own(11), HOST, 445, up=900_000)
    (row,) = scene.ask(DETECTOR).to_pylist()
    assert 100_000 <= row["fed_bytes"] < 110_000
    assert (row["fed_port"], row["fed_visitors"]) == (7337, 1)
    assert scene.at(200) <= row["fed_first"] < scene.at(201)


def test_the_question_counts_what_happened(scene: Scene) -> None:
    scene.browse(HOST, outsiders(14, 100), scene.times(30, end_s=3000))
    scene.mail(HOST, EXCHANGERS, scene.times(60, start_s=3100), cut=0.25)
    scene.knock(3090, HOST, outside(90), 25)
    scene.talk(3095, HOST, outside(91), 587)
    scene.serve(HOST, 25, outsiders(5, 120), scene.times(20))
    (row,) = scene.ask(DETECTOR).to_pylist()
    assert (row["mail_sessions"], row["exchangers"], row["submission_servers"]) == (62, 41, 1)
    assert (row["mail_cut"], row["mail_exported"]) == (16, 61)
    came = ("mail_in_sessions", "mail_in_clients", "mail_in_by_top", "mail_in_packets")
    assert [row[name] for name in came] == [20, 5, 12, row["mail_in_packets"]]
    assert row["mail_in_bytes"] > 40 * row["mail_in_packets"] > 0
    assert row["web_servers"] == 14
    assert row["reply_packets"] > 0
    assert row["reply_bytes"] > 61 * 400
    assert (row["web_rank"], row["browsers"], row["quiet_share"]) == (0.0, 1, 0.0)
    assert scene.at(0) < row["first_seen"] < scene.at(3000) < row["mail_first"]
    assert set(row) == set(Sender._fields)


@pytest.mark.parametrize(("octets", "cut"), [(WHOLE_MESSAGE - 1, 12), (WHOLE_MESSAGE, 0)])
def test_the_size_of_a_session_without_a_message(scene: Scene, octets: int, cut: int) -> None:
    for number, at_s in enumerate(scene.times(12)):
        scene.talk(at_s, HOST, EXCHANGERS[number], 25, up=octets)
    (row,) = scene.ask(DETECTOR).to_pylist()
    assert row["mail_cut"] == cut


def test_who_meets_too_few_servers_is_not_asked_about(scene: Scene) -> None:
    scene.mail(own(10), EXCHANGERS[:FEWEST_SERVERS], scene.times(30))
    scene.mail(own(11), EXCHANGERS[: FEWEST_SERVERS - 1], scene.times(30))
    assert [row["host"] for row in scene.ask(DETECTOR).to_pylist()] == [own(10)]


def test_submission_to_ones_own_providers_tells_nothing(scene: Scene) -> None:
    for number, at_s in enumerate(scene.times(60)):
        scene.talk(at_s, HOST, EXCHANGERS[number % 4], 587 if number % 2 else 465)
    assert [found.confidence < PRIOR for found in scene.findings(DETECTOR)] == [True]


def test_a_whole_bot_and_a_whole_mail_server(scene: Scene) -> None:
    bot, server = own(10), own(20)
    scene.browse(bot, outsiders(20, 100), scene.times(40))
    scene.mail(bot, EXCHANGERS, scene.times(100, start_s=2000), cut=0.4)
    scene.serve(server, 25, outsiders(30, 130), scene.times(100))
    scene.mail(server, EXCHANGERS, scene.times(100), cut=0.03)
    confidence = {f.subject: f.confidence for f in scene.findings(DETECTOR)}
    assert confidence[bot] > 0.9
    assert confidence[server] < 0.02


def test_sampled_mail_still_shows_its_breadth(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=10)
    scene.browse(HOST, outsiders(20, 100), scene.times(60))
    scene.mail(HOST, EXCHANGERS, scene.times(100))
    (found,) = scene.findings(DETECTOR)
    assert found.proof["weights"]["refused"] == 0.0
    assert found.proof["weights"]["breadth"] > 0


def test_known_mistake_a_new_server_that_only_sends(scene: Scene) -> None:
    """Refused as often as a bot, visited by nobody: only its name in the settings helps."""
    scene.mail(HOST, EXCHANGERS, scene.times(100), cut=0.3)
    (found,) = scene.findings(DETECTOR)
    assert found.confidence > 0.5
