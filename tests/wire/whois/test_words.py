import pytest

from headwater.wire.whois.words import (
    WORDS,
    Meaning,
    is_title,
    plain,
    read_words,
    says_only,
    speaks_of,
)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Name_Server 1", "name server"),
        ("ns_name_01", "ns name"),
        ("creationDate", "creation date"),
        ("Creation Date (dd/mm/yyyy)", "creation date"),
        ("created............", "created"),
        ("1a. Domain Name", "domain name"),
    ],
)
def test_labels_become_words(label: str, words: str) -> None:
    assert plain(label).removeprefix("1a ") == words


@pytest.mark.parametrize(
    ("label", "meaning"),
    [
        ("Registrar Registration Expiration Date", Meaning.EXPIRES),
        ("Fecha de Creación", Meaning.CREATED),
        ("登録年月日", Meaning.CREATED),
        ("최근 정보 변경일", Meaning.CHANGED),
        ("last-update", Meaning.CHANGED),
        ("Record will expire on", Meaning.EXPIRES),
    ],
)
def test_what_labels_speak_of(label: str, meaning: Meaning) -> None:
    assert speaks_of(label, meaning)


def test_a_label_may_say_more_than_a_word() -> None:
    assert says_only("Sponsoring Registrar", Meaning.REGISTRAR)
    assert not says_only("Registrar WHOIS Server", Meaning.REGISTRAR)
    assert not says_only("Registrar Abuse Contact Email", Meaning.REGISTRAR)
    assert says_only("Domain servers in listed order", Meaning.NAMESERVER)
    assert not says_only("Whois Server", Meaning.NAMESERVER)
    assert not speaks_of("recreated", Meaning.CREATED)


def test_titles() -> None:
    assert is_title("Name servers")
    assert not is_title("ns1.example.net")


def test_the_register_knows_every_meaning() -> None:
    assert all(WORDS[meaning] for meaning in Meaning)
    with pytest.raises(ValueError, match="weather"):
        read_words(["meaning,language,words", "weather,en,rain"])
