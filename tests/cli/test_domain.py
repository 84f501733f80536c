"""headwater domain and headwater registries, on a workspace and without the network."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from headwater.cli import domain as module
from headwater.cli.init import make_workspace
from headwater.cli.main import run
from headwater.cli.registries import UNKNOWN_NAMES
from headwater.cli.registry_doors import Registries, bootstrap_of, queue_of, user_agent
from headwater.cli.workspace import Workspace, open_workspace
from headwater.lake.tables import Lake
from headwater.pipeline.domain_facts import keep
from headwater.pipeline.look_up_domain import Doors
from headwater.records.domain import DomainFact
from headwater.records.errors import RemoteFault
from headwater.sources.rdap_client import Reply
from headwater.sources.registry_queue import Turn
from headwater.wire.rdap_bootstrap import Bootstrap
from headwater.wire.whois_servers import IANA

NOW = datetime.now(UTC)
ANSWER = {
    "ldhName": "shop.test",
    "events": [{"eventAction": "registration", "eventDate": "2003-09-26T00:00:00Z"}],
    "nameservers": [{"ldhName": "ns1.example.net"}],
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_workspace(tmp_path)
    monkeypatch.setenv("HEADWATER_WORKSPACE", str(tmp_path))
    return tmp_path


@pytest.fixture
def replies(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the one registry says, by address; a name that is not there is free."""
    found: dict[str, bytes] = {}

    def rdap(url: str) -> Reply:
        body = found.get(url)
        return Reply(code=200 if body else 404, body=body or b"", host="rdap.example")

    def whois(server: str, line: bytes) -> bytes:
        raise RemoteFault(f"{server}: silent")

    @contextmanager
    def doors(workspace: Workspace) -> Iterator[Registries]:
        bootstrap = Bootstrap(published="", bases={"test": ("https://rdap.example/",)})
        yield Registries(
            doors=Doors(
                rdap=rdap, whois=whois, bootstrap=bootstrap, may_ask_whois=lambda host: False
            ),
            queue=queue_of(workspace),
        )

    monkeypatch.setattr(module, "open_registries", doors)
    return found


def say(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_an_unknown_domain_is_asked_about_once(
    place: Path, replies: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    replies["https://rdap.example/domain/shop.test"] = json.dumps(ANSWER).encode()
    code, said = say(capsys, "domain", "www.Shop.test")
    assert code == 0
    assert (said["name"], said["standing"]) == ("shop.test", "registered")
    assert (said["registered"], said["age_from"]) == ("2003-09-26T00:00:00Z", "registered")
    assert said["nameservers"] == ["ns1.example.net"]
    assert said["asked"] == [
        {"source": "rdap:rdap.example", "answer": "registered", "remarks": []}
    ]
    assert say(capsys, "domain", "shop.test")[1]["asked"] == []


def test_no_such_domain_is_said_and_kept(
    place: Path, replies: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    assert say(capsys, "domain", "free.test")[1]["standing"] == "free"
    assert say(capsys, "domain", "free.test", "--offline")[1]["standing"] == "free"


def test_nothing_known_ends_with_one(
    place: Path, replies: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = say(capsys, "domain", "shop.test", "--offline")
    assert (code, said["standing"], said["age_days"]) == (1, "not-known-yet", None)
    code, said = say(capsys, "domain", "shop.unheardof")
    assert (code, said["standing"]) == (1, "ask-again")


def test_first_seen_is_marked_so(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed = place / "feed.txt"
    feed.write_text("shop.test\n")
    day = f"{NOW - timedelta(days=3):%Y-%m-%d}"
    assert run(["import", "domains", str(feed), "--seen-at", day]) == 0
    code, said = say(capsys, "domain", "shop.test", "--offline")
    assert (code, said["registered"], said["first_seen"]) == (0, None, day)
    assert (said["age_from"], said["age_days"]) == ("first-seen", 3)
    assert run(["domain", "shop.test", "--offline"]) == 0
    assert "first seen" in capsys.readouterr().out


def test_history_is_printed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("registrar", "One", 1), ("registrar", "Two", 5), ("registered", "2003-09-26", 1)]
    for fact, value, day in rows:
        at = datetime(2026, 1, day, tzinfo=UTC)
        row = DomainFact(name="shop.test", fact=fact, value=value, as_of=at, source="rdap:r")
        keep(Lake(place / "lake"), [row])
    assert run(["domain", "shop.test", "--offline"]) == 0
    printed = capsys.readouterr().out
    assert "2026-01-05 registrar: One -> Two (rdap:r)" in printed
    assert "registrar   Two" in printed


def test_what_is_no_domain_is_wrong_use(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["domain", "co.uk"]) == 2
    assert "public suffix" in capsys.readouterr().err


def test_the_register_is_refreshed_from_a_file(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register = {
        "publication": "2026-11-01T00:00:00Z",
        "services": [[["test"], ["https://rdap.example/"]]],
    }
    file = place / "dns.json"
    file.write_text(json.dumps(register))
    assert run(["registries", "refresh", str(file)]) == 0
    assert "1 top levels have RDAP, as of 2026-11-01" in capsys.readouterr().out
    assert bootstrap_of(place).bases_of("a.test") == ("https://rdap.example/",)
    file.write_text("<html>")
    assert run(["registries", "refresh", str(file)]) == 3
    assert bootstrap_of(place).bases_of("a.test") == ("https://rdap.example/",)


def test_names_the_server_did_not_know_are_queued(place: Path) -> None:
    left = place / UNKNOWN_NAMES
    left.parent.mkdir()
    left.write_text("www.shop.test\nco.uk\nshop.test\n")
    queue = queue_of(open_workspace(place))
    queue.refused(
        Turn("x.test", IANA), datetime.now(UTC).timestamp()
    )  # so that nothing is asked now
    assert run(["registries", "follow", "b.test"]) == 0
    assert queue.waiting() == 2
    assert not left.exists()


def test_settings_reach_the_registries(place: Path) -> None:
    path = place / "headwater.toml"
    path.write_text(path.read_text().replace('contact = ""', 'contact = "abuse@example.net"'))
    assert tomllib.loads(path.read_text())["domains"]["seconds_between"] == 2
    assert user_agent(open_workspace(place)).endswith("(abuse@example.net)")
