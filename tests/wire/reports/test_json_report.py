import json

from tests.wire.reports.cases import mail, multipart, opened, told

from headwater.wire.reports.json_report import values

EVENT = {
    "timestamp": "2019-03-12T08:15:27Z",
    "source": {"ip": "192.0.2.7", "port": 4711},
    "destination": {"ip": "192.0.2.8", "port": 22},
}


def test_nested_names_tell_source_from_victim() -> None:
    text = json.dumps({"type": "port scan", "events": [EVENT]})
    found = opened(mail("port scan", text)).incidents
    assert [told(i) for i in found] == [("192.0.2.7", 4711, "08:15:27", "scan")]


def test_events_of_one_attacker_are_one_incident() -> None:
    lines = "\n".join(
        json.dumps(
            {"src_ip": "192.0.2.7", "src_port": 4000 + n, "ts": f"2019-03-12T08:00:{n:02}Z"}
        )
        for n in range(20)
    )
    part = f"Content-Type: application/json; name=log.json\n\n{lines}"
    text = "Content-Type: text/plain\n\nssh brute force"
    (one,) = opened(multipart("honeypot", text, part)).incidents
    assert (one.times, one.port, one.until and one.until.second) == (20, 4000, 19)


def test_json_between_other_lines_is_found() -> None:
    assert values('Hello,\n{\n "a": 1\n}\nbye') == [{"a": 1}]


def test_what_breaks_off_is_none() -> None:
    assert values('{"a": [1, 2') == []


def test_a_bomb_of_nesting_is_none() -> None:
    assert values("[" * 100_000) == []
