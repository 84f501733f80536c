"""Spoken of: the first and the last instant of all claims."""

from tests.scene import window

from headwater.measures.kinds import Claim
from headwater.measures.spoken_of import spoken_of

WINDOW = window(6)


def test_the_first_and_the_last_of_all_claims() -> None:
    claims: dict[str, list[Claim]] = {
        "relay": [{"first_passed_us": 70, "last_passed_us": 90}, {"first_passed_us": 60}],
        "mail-out": [{"mail_first": 40, "mail_last": 80}],
        "driven": [{"first_seen_us": None, "last_seen_us": 0}],
    }
    assert spoken_of(claims, WINDOW) == {"first_seen_us": 40, "last_seen_us": 90}


def test_who_is_spoken_of_without_a_time_is_so_all_the_time() -> None:
    expected = {"first_seen_us": WINDOW.start_us, "last_seen_us": WINDOW.end_us}
    assert spoken_of({"driven": [{}]}, WINDOW) == expected
