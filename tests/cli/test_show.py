import json
import shutil
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from tests.e2e.hunting import hunted, told, workspace

from headwater.cli.main import run
from headwater.cli.printing import WIDTH
from headwater.lab.recordings import Recording

OWN = 'own_networks = ["192.0.2.0/24", "2001:db8:100::/48"]\n'
RELAY = "192.0.2.60"


@pytest.mark.parametrize("what", ["proxies", "upstreams", "masters", "operations"])
def test_each_table_alone(hunted_place: Path, what: str) -> None:
    text = told("show", what, "-w", hunted_place)
    assert all(len(line.rstrip()) <= WIDTH for line in text.splitlines())
    titles = {"Proxies", "Upstreams", "Masters", "Operations"}
    assert {line.strip() for line in text.splitlines()} & titles == {what.capitalize()}


def test_masters_come_with_the_next_suspects(hunted_place: Path, recording: Recording) -> None:
    text = told("show", "masters", "-w", hunted_place)
    assert all(address in text for address in recording.truth.sleepers)


def test_json_is_the_whole_answer(hunted_place: Path) -> None:
    answer = hunted(hunted_place)
    assert json.loads(told("show", "upstreams", "--json", "-w", hunted_place)) == answer


def test_nobody_hunted_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = workspace(tmp_path, OWN)
    assert run(["show", "proxies", "-w", str(place)]) == 2
    assert "headwater hunt" in capsys.readouterr().err


def test_all_about_a_relay(hunted_place: Path, recording: Recording) -> None:
    planted = next(p for p in recording.truth.proxies if p.address == RELAY)
    text = told("show", "subject", RELAY, "-w", hunted_place)
    assert all(len(line.rstrip()) <= WIDTH for line in text.splitlines())
    assert f"{RELAY}: own host" in text
    assert f"on port {planted.port}, sure 0.9" in text
    assert "relay says: relay" in text
    assert "Services it offers" in text
    assert f"{planted.port}/tcp" in text
    assert all(driver in text for driver in planted.drivers)
    assert "No list that was imported names it." in text


def test_why_adds_numbers(hunted_place: Path) -> None:
    plain = told("show", "subject", RELAY, "-w", hunted_place)
    proven = told("show", "subject", RELAY, "--why", "-w", hunted_place)
    assert len(proven.splitlines()) > len(plain.splitlines())
    for words in ("log10 chance", "onward servers", "first passed", "kinds ("):
        assert words in " ".join(proven.split())
        assert words not in " ".join(plain.split())


def test_all_about_outsiders(hunted_place: Path, recording: Recording) -> None:
    driver = told("show", "subject", recording.truth.drivers[0], "-w", hunted_place)
    assert "outsider" in driver
    assert "Upstream: driver of" in driver
    assert "Services it calls" in driver
    master = recording.truth.masters[0].address
    text = told("show", "subject", master, "-w", hunted_place)
    assert "Master: of" in text
    assert "every 20" in text


def test_all_about_a_next_suspect(hunted_place: Path, recording: Recording) -> None:
    text = told("show", "subject", recording.truth.sleepers[0], "-w", hunted_place)
    assert "Next suspect: it calls the master " in text


def test_all_about_an_innocent_host(hunted_place: Path, recording: Recording) -> None:
    innocent = next(h for h in recording.truth.lawful if h.role == "regular telemetry")
    text = told("show", "subject", innocent.address, "-w", hunted_place)
    assert "Accused of nothing." in text
    assert "Services it calls" in text


def test_subject_as_json(hunted_place: Path) -> None:
    told_json = json.loads(told("show", "subject", RELAY, "--json", "-w", hunted_place))
    assert told_json["address"] == RELAY
    assert told_json["proxy"]["address"] == RELAY
    assert {f["detector"] for f in told_json["findings"]} >= {"hijacked", "relay"}
    assert all(f["proof"] for f in told_json["findings"])
    assert {c["part"] for c in told_json["contacts"]} == {"offers", "calls"}


def test_an_address_nobody_met(hunted_place: Path) -> None:
    text = told("show", "subject", "2001:db8::77", "-w", hunted_place, code=1)
    assert "Nothing is known of this address" in text


def test_mapped_addresses_are_what_they_map_to(hunted_place: Path) -> None:
    text = told("show", "subject", f"::ffff:{RELAY}", "-w", hunted_place)
    assert text.startswith(f"{RELAY}: own host")


def test_what_is_no_address(hunted_place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "subject", "proxy.example", "-w", str(hunted_place)]) == 2
    assert "not an address" in capsys.readouterr().err


@pytest.fixture
def told_more(recording: Recording, tmp_path: Path) -> Path:
    """Where a list, a table of networks and the settings have their say."""
    place = workspace(tmp_path / "ws", OWN)
    with recording.packets() as packets:
        told("import", "flows", "-w", place, packets)
    (tmp_path / "list.txt").write_text(f"{RELAY}\n192.0.2.0/25 dynamic\n")
    (tmp_path / "networks.csv").write_text(
        "prefix,as_number,as_name,country\n203.0.113.0/24,64500,Example,AT\n"
    )
    listed = ("import", "blocklist", tmp_path / "list.txt", "--name", "an-example")
    told(*listed, "--means", "proxy", "-w", place)
    told("import", "networks", tmp_path / "networks.csv", "-w", place)
    hunted(place)
    return place


def test_lists_places_and_settings_have_their_say(told_more: Path) -> None:
    text = told("show", "subject", RELAY, "-w", told_more)
    assert "listed by an-example, means proxy" in text
    assert "listed by an-example (as 192.0.2.0/25), means proxy" in text
    driver = told("show", "subject", "203.0.113.80", "-w", told_more)
    assert driver.startswith("203.0.113.80: outsider, AS64500, AT\n")
    settings = told_more / "headwater.toml"
    settings.write_text(settings.read_text() + f'never_accuse = ["{RELAY}"]\n')
    spared = told("show", "subject", RELAY, "-w", told_more)
    assert "in never_accuse" in spared
    assert "Hijacked" not in spared
    answer = json.loads(told("show", "proxies", "--json", "-w", told_more))
    assert RELAY not in {proxy["address"] for proxy in answer["proxies"]}


@pytest.fixture
def leased(hunted_place: Path, tmp_path: Path) -> Path:
    """The same, with leases: the relay's, and one of somebody who was not there."""
    place = tmp_path / "ws"
    shutil.copytree(hunted_place, place)
    (tmp_path / "leases.csv").write_text(
        "address,starts,ends,subscriber\n"
        f"{RELAY},2020-01-01T00:00Z,2050-01-01T00:00Z,alice@example.net\n"
        "192.0.2.250,2020-01-01T00:00Z,2020-01-02T00:00Z,bob@example.net\n"
    )
    told("import", "leases", tmp_path / "leases.csv", "-w", place)
    return place


def test_all_about_a_subscriber(leased: Path) -> None:
    text = told("show", "subject", "alice@example.net", "--why", "-w", leased)
    assert text.startswith("alice@example.net: subscriber\n")
    assert f"  {RELAY} from 2020-01-01 00:00 until 2049-12-31 23:59\n" in text
    assert "Hijacked: " in text
    assert "relay says: relay" in text
    assert "Services it offers" in text
    assert all(len(line.rstrip()) <= WIDTH for line in text.splitlines())
    found = json.loads(told("show", "subject", "alice@example.net", "--json", "-w", leased))
    assert (found["subscriber"], found["address"]) == ("alice@example.net", RELAY)
    assert found["proxy"]["subscriber"] == "alice@example.net"
    assert [one["held"] for one in found["holdings"]] == [RELAY]


def test_an_address_says_who_held_it(leased: Path) -> None:
    text = told("show", "subject", RELAY, "-w", leased)
    assert "  held by alice@example.net from " in text
    assert "(subscriber alice@example.net)" in text


REPORT = f"""\
From: cert@example.org
To: abuse@example.net
Subject: Malware infection on {RELAY}
Date: {{date}}
Message-ID: <1@example.org>
Content-Type: text/plain

The following host of yours is infected with a trojan and contacts its command and control
server:

IP address: {RELAY}
Timestamp: {{time}} UTC
Malware: Example.Trojan
"""


def test_whom_reports_put_on_watch(leased: Path, tmp_path: Path) -> None:
    assert "Nobody is on watch." in told("show", "watch", "-w", leased, code=1)
    window = hunted(leased)["window"]
    start, end = (datetime.fromisoformat(window[name]) for name in ("start", "end"))
    mail = REPORT.format(date=format_datetime(end), time=f"{start:%Y-%m-%d %H:%M:%S}")
    (tmp_path / "report.eml").write_text(mail)
    told("import", "reports", tmp_path / "report.eml", "-w", leased)
    text = told("show", "watch", "-w", leased)
    assert "alice@example.net" in text
    assert "malware" in text
    (listed,) = json.loads(told("show", "watch", "--json", "-w", leased))
    assert (listed["subscriber"], listed["address"]) == ("alice@example.net", RELAY)
    assert (listed["why"], listed["told_by"], listed["host"]) == (
        "malware", ["example.org"], None,
    )  # fmt: skip
    rows = {row["address"]: row for row in hunted(leased)["proxies"]}
    assert rows[RELAY]["watch"].startswith("on watch since ")
    assert {row["watch"] for address, row in rows.items() if address != RELAY} == {None}
    (listed,) = json.loads(told("show", "watch", "--json", "-w", leased))
    assert (listed["host"], listed["new"]) == (RELAY, [])
    page = told("show", "subject", RELAY, "-w", leased)
    assert "watched says: watched" in page
    assert "malware by report example.org" in page


def test_a_subscriber_of_another_time(leased: Path) -> None:
    text = told("show", "subject", "bob@example.net", "-w", leased, code=1)
    assert "held no address of its own in that time" in text
    assert "Nothing is known of this subscriber" in text
