from datetime import UTC
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.wire.leases.samples import DETAIL, brief

from headwater.wire.leases.radius_detail import MOST_ATTRIBUTES, is_head, read_radius_detail

VIENNA = ZoneInfo("Europe/Vienna")


def test_start_update_and_stop() -> None:
    assert brief(read_radius_detail(DETAIL.splitlines(), "f", UTC)) == [
        "192.0.2.10 09:00:00|09:00:00||09:00:00 alice s1",
        "2001:db8:1::/56 09:00:00|09:00:00||09:00:00 alice s1",
        "192.0.2.10 09:00:00|09:10:00||09:10:00 alice s1",
        "192.0.2.10 09:00:00|09:30:00|09:30:00|09:30:00 00-00-5E-00-53-01 s1",
    ]


def test_the_date_above_a_message_is_local_time() -> None:
    told = brief(read_radius_detail(DETAIL.splitlines(), "f", VIENNA))
    assert told[3].startswith("192.0.2.10 08:00:00|08:30:00|08:30:00|08:30:00")


def message(*lines: str, head: str = "Sun Mar  1 09:00:00 2026") -> list[str]:
    return brief(read_radius_detail([head, *(f"\t{line}" for line in lines)], "f", VIENNA))


WHO = ('User-Name = "a"', "Framed-IP-Address = 192.0.2.1")


def test_what_says_nothing_of_a_lease_is_refused() -> None:
    assert message(*WHO, "Acct-Status-Type = Accounting-On") == [
        "line 1: not about a session: 'Accounting-On'"
    ]
    assert message(*WHO, "Acct-Status-Type = Dance") == ["line 1: unknown status: 'Dance'"]
    assert message(*WHO, "Acct-Status-Type = Stop") == ["line 1: stop without a session time"]
    assert message(WHO[0], "Acct-Status-Type = Start") == ["line 1: no address or prefix"]
    assert message(WHO[1], "Acct-Status-Type = Start") == ["line 1: no subscriber"]
    start = "Acct-Status-Type = Start"
    assert message(*WHO, start, head="x") == ["line 1: message without a time"]
    assert message(*WHO, start, "Timestamp = 5") == ["line 1: time out of range: '5'"]
    assert message('User-Name = "a\x1b[2J"', WHO[1], start) == [
        "line 1: subscriber with control characters: 'a\\x1b[2J'"
    ]


def test_a_local_time_that_occurs_twice_is_not_guessed() -> None:
    told = message(*WHO, "Acct-Status-Type = Start", head="Sun Oct 25 02:30:00 2026")
    assert told == [
        "line 1: local time that occurs twice or never: '2026-10-25 02:30:00+02:00'"
    ]


def test_a_flood_of_attributes_is_refused() -> None:
    many = [f"A-{n} = 1" for n in range(MOST_ATTRIBUTES + 1)]
    assert message(*many) == [f"line 1: more than {MOST_ATTRIBUTES} attributes"]


def test_heads() -> None:
    assert is_head("Tue Sep 13 16:24:27 2011")
    assert not is_head(" Tue Sep 13 16:24:27 2011")
    assert not is_head("lease 192.0.2.1 {")


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    text = DETAIL[:200] + data.decode("utf-8", "replace")
    lines = text.split("\n")
    assert len(list(read_radius_detail(lines, "f", UTC))) <= len(lines)
