"""Files that cannot be written end no answers: they are counted."""

import json
from pathlib import Path

import dns.message
import pytest

from headwater.dnslist.serve.query_log import QueryLog
from headwater.dnslist.serve.unknown_names import UnknownNames, take_unknown_names

QUERY = dns.message.make_query("www.example.com", "A").to_wire()


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """A path that cannot be written: its folder is a file."""
    (tmp_path / "dns").write_text("in the way")
    return tmp_path / "dns" / "file"


def test_the_query_log_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "dns" / "queries.json"
    log = QueryLog(path, sample=2, most=1, addresses=True)
    assert [log.due(1), log.due(1), log.due(1), log.due(5)] == [False, True, False, True]
    log.write(QUERY, "192.0.2.1", "udp", 7)
    log.write(b"\0", "2001:db8::1", "tcp", 8)
    first = json.loads(path.with_name("queries.json.1").read_text())
    assert (first["client"], first["name"], first["at"]) == ("192.0.2.1", "www.example.com", 7)
    assert json.loads(path.read_text())["name"] is None
    assert log.failed == 0


def test_a_log_that_cannot_be_written_is_counted(blocked: Path) -> None:
    log = QueryLog(blocked, sample=1, most=1000, addresses=False)
    log.write(QUERY, "192.0.2.1", "udp", 7)
    assert log.failed == 1


def test_unknown_names_that_cannot_be_written_are_counted(blocked: Path) -> None:
    names = UnknownNames(blocked)
    names.add(b"new.example")
    names.flush()
    assert names.dropped == 1


def test_unknown_names_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headwater.dnslist.serve.unknown_names.MOST_BYTES", 40)
    monkeypatch.setattr("headwater.dnslist.serve.unknown_names.NAMES_PER_SECOND", 2)
    names = UnknownNames(tmp_path / "dns" / "names")
    for number in range(5):
        names.add(b"name%d.example" % number)
    names.flush()
    assert take_unknown_names(tmp_path / "dns" / "names") == ["name0.example", "name1.example"]
    for number in range(5, 8):
        names.add(b"name%d.example-long-enough" % number)
    names.flush()
    assert names.dropped == 2
