"""Sender: what one host's mail comes to."""

from typing import Any

import pytest
from tests.scene import own, window

from headwater.measures.letters import (
    CERTIFICATE_OCTETS,
    FULL_OCTETS,
    REPLY_OCTETS,
    TALK_OCTETS,
)
from headwater.measures.sender import (
    BOTLIKE_CUT,
    BROWSED_SAMPLED,
    BROWSED_SERVERS,
    CREW,
    FEWEST_FOR_SHARE,
    FILM_OCTETS,
    HOUSEHOLD_WEB,
    LAWFUL_CUT,
    MOST_BY_TOP,
    SERVICE_CLIENTS,
    SERVICE_QUARTERS,
    TALK_PACKETS,
    Sender,
)

WINDOW = window(6)


def sender(**said: Any) -> Sender:
    """A host of which every session was seen; what is not said is zero."""
    known: dict[str, Any] = dict.fromkeys(Sender._fields, 0)
    return Sender(**(known | {"host": own(1), "sampling": 1} | said))


@pytest.mark.parametrize(
    ("sampling", "servers"), [(1, BROWSED_SERVERS), (100, BROWSED_SAMPLED)]
)
def test_who_browses_is_a_person(sampling: int, servers: int) -> None:
    assert sender(sampling=sampling, web_servers=servers).lived_in
    assert not sender(sampling=sampling, web_servers=servers - 1).lived_in


def test_who_shares_an_address_browses_for_many_households() -> None:
    assert sender(web_servers=HOUSEHOLD_WEB // 2).households == 1
    assert sender(web_servers=5 * HOUSEHOLD_WEB).households == 5


def test_films_come_from_few_servers() -> None:
    assert sender(web_servers=2, web_received=2 * FILM_OCTETS).watches
    assert not sender(web_servers=3, web_received=2 * FILM_OCTETS).watches


def test_acknowledgements_of_messages_are_no_talk() -> None:
    def talk(message: int) -> float:
        octets = 300 * TALK_OCTETS + message * FULL_OCTETS
        sent = {"mail_packets": 300 + message, "mail_bytes": octets}
        return sender(**sent, reply_packets=400, reply_bytes=400 * REPLY_OCTETS).talk

    assert [talk(0), talk(200)] == pytest.approx([700, 600])
    assert talk(700) == talk(7000) == pytest.approx(400)  # received in large pieces
    encrypting = sender(reply_packets=10, reply_bytes=10 * CERTIFICATE_OCTETS)
    assert (encrypting.certificates, encrypting.talk) == (10, 0)


def test_submission_servers_are_counted_by_halves() -> None:
    assert sender(exchangers=3, submission_servers=4).mail_servers == 5
    assert sender(exchangers=3, submission_servers=4).submits
    assert not sender(exchangers=3, submission_servers=3).submits


def test_the_share_cut_is_of_sessions_seen_whole_and_of_several() -> None:
    assert sender(mail_exported=FEWEST_FOR_SHARE, mail_cut=3).cut_share == 3 / FEWEST_FOR_SHARE
    assert sender(mail_exported=FEWEST_FOR_SHARE - 1, mail_cut=3).cut_share is None
    assert sender(mail_exported=900, mail_cut=3, sampling=10).cut_share is None


def test_who_asks_back_about_each_letter_that_comes_is_not_refused() -> None:
    server = sender(mail_exported=900, mail_cut=800, mail_in_sessions=800, mail_in_clients=41)
    assert (server.asked_back, server.cut_share) == (800, 0.0)
    assert sender(mail_exported=900, mail_cut=800, mail_in_sessions=800).cut_share == 8 / 9
    assert server._replace(mail_cut=880).asked_back == 800
    assert server._replace(mail_in_sessions=1601).asked_back == 0
    for other in (server._replace(mail_in_clients=CREW), server._replace(mail_cut=881)):
        assert (other.asked_back, other.refused) == (0, 1.0)
    assert server._replace(mail_exported=805).cut_share is None  # of five nothing is known


def test_who_comes_again_and_again_is_not_asked_about_again() -> None:
    """A relay's drivers do, beside a crowd who bring its owner letters."""
    relay = sender(mail_exported=1900, mail_cut=600, mail_in_sessions=950, mail_in_clients=79)
    assert relay.asked_back == 600
    fed = relay._replace(mail_in_again=800)
    assert (fed.asked_back, fed.refused) == (0, 1.0)
    assert relay._replace(mail_in_again=360).asked_back == 590


def test_refusals_lie_between_a_lawful_senders_and_a_bots() -> None:
    def refused(share: float) -> float | None:
        return sender(mail_exported=10_000, mail_cut=int(10_000 * share)).refused

    assert (refused(LAWFUL_CUT / 2), refused(2 * BOTLIKE_CUT)) == (0.0, 1.0)
    assert refused((LAWFUL_CUT + BOTLIKE_CUT) / 2) == pytest.approx(0.5)
    few = sender(mail_exported=FEWEST_FOR_SHARE, mail_cut=3).refused
    assert few == pytest.approx(0.5)  # of a few sessions it may be chance
    assert sender().refused is None


def test_sampled_sessions_are_told_by_what_is_no_message() -> None:
    packets = 100 * TALK_PACKETS
    assert sender(sampling=100, mail_packets=packets, mail_sessions=3).sessions == 100
    assert sender(mail_packets=packets, mail_sessions=3).sessions == 3


def test_a_mail_server_has_visitors_of_all_sorts_at_all_times() -> None:
    visited = {
        "mail_in_clients": SERVICE_CLIENTS, "mail_in_quarters": SERVICE_QUARTERS,
        "mail_in_sessions": 100, "mail_in_by_top": int(100 * MOST_BY_TOP),
    }  # fmt: skip
    assert sender(**visited).serves_mail(WINDOW)
    for name, less in (
        ("mail_in_clients", -1),
        ("mail_in_quarters", -1),
        ("mail_in_by_top", 1),
    ):
        assert not sender(**visited | {name: visited[name] + less}).serves_mail(WINDOW)
