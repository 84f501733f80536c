"""Direct senders of which every packet was counted, and monitors that are taken for some."""

from typing import Any

import pytest
from tests.scene import Scene, outsiders, own, window

from headwater.detectors.direct_sender import (
    DETECTOR,
    OF_MONITORS,
    PRIOR,
    SAME_FEW,
    SMALL_TALK,
    judge,
)
from headwater.measures.letters import MOST_FOR_PLAIN
from headwater.measures.sender import FEWEST_FOR_SHARE, LAWFUL_CUT, TALK_PACKETS, Sender

HOST = own(10)
WINDOW = window(6)
EXCHANGERS = outsiders(40, 20)
CERTIFICATES = HELLO = 1500  # direct_sender.sql: octets beyond headers
SENT: dict[str, Any] = {
    "host": HOST, "sampling": 1, "mail_sessions": 40, "mail_exported": 40, "exchangers": 30,
    "mail_cut": int(40 * LAWFUL_CUT), "mail_answered": 36, "reply_packets": 400,
    "first_seen": WINDOW.start_us, "mail_first": WINDOW.start_us, "mail_last": WINDOW.end_us,
}  # fmt: skip


def weights(**said: Any) -> dict[str, float]:
    known = dict.fromkeys(Sender._fields, 0) | SENT | said
    return dict(judge(Sender(**known), WINDOW).proof["weights"])


def test_who_encrypts_with_most_servers_is_no_bot() -> None:
    most, some, few = (weights(mail_encrypted=n)["plain"] for n in (30, 24, 12))
    assert -MOST_FOR_PLAIN <= most < some < 0.0
    assert few == MOST_FOR_PLAIN  # servers are ready nearly everywhere: whose programs are not?
    assert weights(mail_encrypted=0)["plain"] == 0.0  # old machines send plain, too
    assert weights(mail_encrypted=0, mail_answered=0)["plain"] == 0.0  # the other way alone


def test_of_who_is_refused_as_bots_are_encryption_tells_nothing() -> None:
    assert weights(mail_encrypted=33, mail_cut=40)["plain"] == 0.0


@pytest.mark.parametrize(("octets", "encrypted"), [(CERTIFICATES, 12), (CERTIFICATES - 1, 0)])
def test_certificates_are_larger_than_talk(scene: Scene, octets: int, encrypted: int) -> None:
    for number, at_s in enumerate(scene.times(12)):
        scene.talk(at_s, HOST, EXCHANGERS[number], 25, up=4000, down=octets)
    (row,) = scene.ask(DETECTOR).to_pylist()
    assert (row["mail_answered"], row["mail_encrypted"]) == (12, encrypted)


def test_who_is_met_again_need_not_show_its_certificate_again(scene: Scene) -> None:
    for number, at_s in enumerate(scene.times(12)):
        down = CERTIFICATES if number < 4 else 600
        scene.talk(at_s, HOST, EXCHANGERS[number % 4], 25, up=4000, down=down)
    (row,) = scene.ask(DETECTOR).to_pylist()
    assert (row["mail_answered"], row["mail_encrypted"]) == (4, 4)


def test_who_is_turned_away_had_nothing_to_encrypt(scene: Scene) -> None:
    scene.mail(HOST, EXCHANGERS, scene.times(40), cut=0.25)
    (row,) = scene.ask(DETECTOR).to_pylist()
    assert (row["mail_answered"], row["mail_cut"]) == (30, 10)


def test_known_mistake_an_application_that_loses_a_few_letters(scene: Scene) -> None:
    """Between a lawful sender's refusals and a bot's lie some of both: encryption tells."""
    scene.browse(HOST, outsiders(20, 100), scene.times(60))
    for number, at_s in enumerate(scene.times(40)):
        up = 50 if number % 6 == 0 else 90_000
        scene.talk(at_s, HOST, EXCHANGERS[number], 25, up=up, down=60 if up == 50 else 5000)
    (found,) = scene.findings(DETECTOR)
    assert found.confidence < 0.5
    assert found.proof["weights"]["plain"] < -0.5


def test_a_monitor_is_a_monitor_in_all_it_does() -> None:
    """It asks often, in short packets and in plain, and is asked itself by a few."""
    many = 6 * SAME_FEW * TALK_PACKETS
    asks = {
        "sampling": 10, "exchangers": 5, "mail_sessions": 15, "reply_packets": many,
        "mail_packets": many, "mail_bytes": many * 60, "reply_bytes": many * 60,
        "mail_in_clients": 1, "mail_in_sessions": 40, "mail_in_packets": 400,
        "mail_in_again": 39, "mail_in_bytes": 400 * SMALL_TALK,
    }  # fmt: skip
    monitor, bot = weights(**asks), weights(**asks | {"exchangers": 10})
    assert monitor["same few"] < 0.0 == bot["same few"]
    assert all(monitor[name] <= 0.0 for name in OF_MONITORS)
    assert all(bot[name] > 0.0 for name in ("breadth", "letters", "plain", "service"))
    fed = weights(**asks, fed_bytes=many * 60)["fed"]
    assert fed > 0.0  # passwords are tried at a few providers, too, by who brings them
    known = dict.fromkeys(Sender._fields, 0) | SENT | asks
    assert judge(Sender(**known), WINDOW).confidence < PRIOR


def test_a_survey_begins_to_encrypt_with_all_and_hands_a_letter_to_none() -> None:
    said = {"mail_cut": 12, "mail_hellos": 28}
    assert weights(**said)["refused"] < 0.0 < weights(**said, mail_letters=1)["refused"]
    shows = {**said, "mail_cut": 36, "mail_encrypted": 36}
    assert weights(**shows)["plain"] < 0.0 == weights(**shows, mail_letters=1)["plain"]
    # Whom everybody turns away before that is no survey.
    early = {"mail_cut": 40 - FEWEST_FOR_SHARE + 1, "mail_hellos": FEWEST_FOR_SHARE - 1}
    assert weights(**early)["refused"] > 0.0


@pytest.mark.parametrize(
    ("up", "down", "told"),
    [
        (299, CERTIFICATES, (0, 0)),
        (300, CERTIFICATES, (12, 0)),
        (HELLO - 1, CERTIFICATES, (12, 0)),
        (HELLO, CERTIFICATES, (0, 12)),
        (300, CERTIFICATES - 1, (0, 12)),  # plain: a short letter
        (300, 0, (0, 0)),  # the other way was exported
    ],
)
def test_what_only_says_hello_holds_no_letter(
    scene: Scene, up: int, down: int, told: tuple[int, int]
) -> None:
    for number, at_s in enumerate(scene.times(12)):
        scene.talk(at_s, HOST, EXCHANGERS[number], 25, up=up, down=down)
    (row,) = scene.ask(DETECTOR).to_pylist()
    assert (row["mail_hellos"], row["mail_letters"]) == told
