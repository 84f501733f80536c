"""Letters: how long they are, and whether servers show certificates, by sampled packets."""

import math

import pytest

from headwater.measures.letters import (
    ASKERS,
    CERTIFICATE_OCTETS,
    FULL_OCTETS,
    LEAST_FOR_LETTERS,
    MOST_FOR_PLAIN,
    REPLY_OCTETS,
    TALK_OCTETS,
    TURNED_AWAY,
    certificates,
    encrypted_weight,
    full_share,
    letters_weight,
    no_letter_weight,
    plain_weight,
)


@pytest.mark.parametrize(
    ("octets", "share"),
    [(TALK_OCTETS, 0.0), (FULL_OCTETS, 1.0), ((TALK_OCTETS + FULL_OCTETS) / 2, 0.5), (9000, 1)],
)
def test_the_share_of_full_packets(octets: float, share: float) -> None:
    assert full_share(10, 10 * octets) == pytest.approx(share)
    assert full_share(0, 0) == 0.0


def test_short_letters_are_a_bots() -> None:
    assert letters_weight(0.12, 40) > 1.0
    assert letters_weight(1.0, 40) == LEAST_FOR_LETTERS


def test_who_hands_in_nothing_only_asks() -> None:
    """Of few packets none is a letter's by chance; of hundreds of a bot's some are."""
    few, many = (letters_weight(0.0, seen) for seen in (8, 400))
    assert few > 0.5 > 0.0 > many
    assert letters_weight(0.0, 9000) == pytest.approx(math.log(TURNED_AWAY / ASKERS), abs=0.1)


def test_who_begins_to_encrypt_and_hands_in_nothing_only_asks() -> None:
    few, many = (no_letter_weight(sessions) for sessions in (2, 60))
    assert few > 0.5 > 0.0 > many
    assert no_letter_weight(5000) == pytest.approx(math.log(TURNED_AWAY / ASKERS), abs=0.1)


def test_of_few_packets_the_letters_length_is_hardly_known() -> None:
    assert 0 < letters_weight(0.0, 1) < letters_weight(0.0, 8)
    assert letters_weight(0.0, 0) == 0.0  # the other way was exported


@pytest.mark.parametrize(
    ("octets", "full"), [(REPLY_OCTETS, 0), (CERTIFICATE_OCTETS, 10), (9000, 10)]
)
def test_the_packets_full_of_certificates(octets: int, full: float) -> None:
    assert certificates(10, 10 * octets) == pytest.approx(full)
    assert certificates(0, 0) == 0.0


def test_certificates_are_lawful() -> None:
    assert plain_weight(0, 100, 100) == MOST_FOR_PLAIN
    each = [plain_weight(full, 600, 600) for full in range(0, 600, 20)]
    assert each == sorted(each, reverse=True)
    assert each[-1] < -MOST_FOR_PLAIN


@pytest.mark.parametrize("sessions", [20, 200])
def test_four_of_five_sessions_encrypted_is_a_lawful_senders_one_of_four_a_bots(
    sessions: int,
) -> None:
    talk, certificate = 20.0 * sessions, 3.0  # packets: of all, of one that is encrypted
    many, few = (share * sessions * certificate for share in (0.8, 0.25))
    assert plain_weight(many, talk, sessions) < -0.8
    assert plain_weight(few, talk, sessions) > 0.3


def test_of_few_packets_it_is_hardly_known_who_encrypts() -> None:
    assert 0.0 < plain_weight(0, 3, 3) < 0.4 * plain_weight(0, 40, 40)
    assert plain_weight(0, 0, 0) == 0.0


def test_a_lawful_sender_is_shown_certificates_by_most_servers() -> None:
    each = [encrypted_weight(number, 40) for number in (8, 24, 30, 38)]
    assert each == sorted(each, reverse=True)
    assert (each[0], each[-1]) == (MOST_FOR_PLAIN, -MOST_FOR_PLAIN)
    assert abs(encrypted_weight(1, 1)) < abs(encrypted_weight(3, 3))


def test_an_old_machine_asks_none_for_certificates_and_a_bots_engine_neither() -> None:
    assert encrypted_weight(0, 40) == encrypted_weight(0, 0) == 0.0
    assert encrypted_weight(1, 40) < MOST_FOR_PLAIN / 2  # a long greeting now and then
