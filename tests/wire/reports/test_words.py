import pytest
from tests.wire.reports.cases import WORDS

from headwater.records.errors import Misconfigured
from headwater.records.incident import IncidentKind
from headwater.wire.reports.words import Phrases, words_with


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Copyright infringement: BitTorrent", IncidentKind.COPYRIGHT),
        ("Phishing site", IncidentKind.PHISHING),
        ("open proxy abused", IncidentKind.PROXY),
        ("SSH brute-force", IncidentKind.LOGIN_ATTACK),
        ("Spam complaint", IncidentKind.SPAM),
        ("Conficker infections", IncidentKind.MALWARE),
        ("portscan detected", IncidentKind.SCAN),
        ("DDoS", IncidentKind.OTHER),
        ("攻击", IncidentKind.SCAN),
        ("hello", None),
    ],
)
def test_words_tell_the_kind(subject: str, kind: IncidentKind | None) -> None:
    assert WORDS.kind_of(subject, "") is kind


def test_a_weak_word_only_hints() -> None:
    assert WORDS.kind_of("", "a probe") is None
    assert WORDS.kind_hinted("", "a probe") is IncidentKind.SCAN


def test_words_match_at_their_limits_only() -> None:
    assert WORDS.kind_of("", "respamified antispamming") is None


def test_stems_take_any_ending_and_phrases_any_gap() -> None:
    assert WORDS.kind_of("", "infringer") is IncidentKind.COPYRIGHT
    assert WORDS.kind_of("", "Brute_Force") is IncidentKind.LOGIN_ATTACK
    assert Phrases("a bc", frozenset({"a"})).begins("a b")


def test_an_operator_adds_words() -> None:
    more = words_with(
        '[kinds.malware]\nstrong = ["blinkenbot*"]\n[fields]\nsource = ["missetäter"]\n'
    )
    assert more.kind_of("", "Blinkenbots") is IncidentKind.MALWARE
    assert "missetäter" in more.fields["source"]
    assert more.kind_of("Spam", "") is IncidentKind.SPAM


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "not TOML"),
        ("[kinds.gossip]\nstrong = []", "no such kind"),
        ("[fields]\nsource = 3", "no list"),
    ],
)
def test_what_is_wrong_with_an_operator_s_words_is_told(text: str, told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        words_with(text)


def test_words_of_abuse_are_counted_twice_in_the_subject() -> None:
    assert WORDS.speaks_of_abuse("abuse", "") == 2
    assert WORDS.speaks_of_abuse("", "abuse") == 1
    assert WORDS.speaks_of_abuse("", "hello") == 0


def test_stems_of_any_length_are_found() -> None:
    for stem, text in (
        ("q*", "qx"),
        ("qz*", "qzx"),
        ("qzxw*", "a qzxwv"),
        ("스팸*", "스팸메일"),
    ):
        words = words_with(f'[kinds.malware]\nstrong = ["{stem}"]')
        assert words.scores("", text)[IncidentKind.MALWARE] == 3
