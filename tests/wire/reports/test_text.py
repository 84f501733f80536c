from tests.wire.reports.cases import DESK

from headwater.wire.reports.text import Heading, Text


def text(*lines: str) -> Text:
    return Text("\n".join(lines), DESK)


def test_time_and_port_stand_near_in_the_same_block() -> None:
    given = text(
        "IP: 192.0.2.7",
        "Source Port: 4711",
        "Time: 2019-03-12 08:15:27",
        "",
        "Time: 2019-03-11 01:00:00",
    )
    moment = given.near_time(0)
    assert moment is not None
    assert moment.at.hour == 8
    assert given.near_port(0) == (4711, True)


def test_another_own_address_ends_a_block() -> None:
    given = text("IP: 192.0.2.7", "IP: 192.0.2.8", "Time: 2019-03-12 08:15:27")
    assert given.near_time(0) is None


def test_a_date_and_its_time_of_day_on_two_lines() -> None:
    given = text("IP: 192.0.2.7", "Date: 2019-03-12", "Time: 08:15:27 +0100")
    moment = given.near_time(0)
    assert moment is not None
    assert (moment.at.hour, moment.at.minute) == (7, 15)


def test_when_the_notice_was_written_is_not_when_it_happened() -> None:
    given = text(
        "Notice Date: 2019-03-12 09:00:00", "IP: 192.0.2.7", "Seen: 2019-03-12 08:15:27"
    )
    moment = given.near_time(1)
    assert moment is not None
    assert moment.at.hour == 8


def test_times_may_stand_before_each_address() -> None:
    given = text(
        "Time: 2019-03-12 08:00:00",
        "IP: 192.0.2.7",
        "Time: 2019-03-12 09:00:00",
        "IP: 192.0.2.8",
    )
    times = [given.near_time(n) for n in (1, 3)]
    assert [t and t.at.hour for t in times] == [8, 9]


def test_the_time_of_the_whole_text_is_the_first_that_is_named_one() -> None:
    given = text("at 2019-03-12 07:00:00 we saw", "Time: 2019-03-12 08:15:27")
    moment = given.own_time()
    assert moment is not None
    assert moment.at.hour == 8


def test_a_signature_is_short_and_at_the_end() -> None:
    assert text("a", "--", "b").signature == 1
    assert text("--", *("x" for _ in range(50))).signature == 51


def test_a_heading_is_carried_down_a_list() -> None:
    given = text("Attacker IPs:", "", "192.0.2.7", "192.0.2.8", "say 192.0.2.9")
    heading = Heading(given)
    assert [heading.of(n) for n in (2, 3, 4)] == ["Attacker IPs:", "Attacker IPs:", ""]
