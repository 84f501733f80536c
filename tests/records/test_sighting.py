from headwater.records.sighting import Means, Sighting, SubjectKind


def test_the_words_are_those_of_the_tables() -> None:
    assert set(SubjectKind) == {"address", "network", "domain", "mail address"}
    assert set(Means) == {"proxy", "spam", "policy", "other"}


def test_a_sighting_needs_only_its_subject() -> None:
    seen = Sighting("192.0.2.1", SubjectKind.ADDRESS)
    assert (seen.port, seen.detail, seen.from_us, seen.until_us) == (None, None, None, None)
