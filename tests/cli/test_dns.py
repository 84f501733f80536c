"""headwater dns: build, export, serve, from a workspace as it is after init."""

import json
import re
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.message
import dns.query
import pytest

from headwater.cli.init import make_workspace
from headwater.cli.main import run
from headwater.lake.tables import Lake
from headwater.pipeline.domain_facts import keep
from headwater.records.domain import DomainFact

NOW = datetime.now(UTC)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    make_workspace(tmp_path).write_text('own_networks = ["192.0.2.0/24"]\n')
    (tmp_path / "dns.toml").write_text('listen = ["127.0.0.1"]\nport = 0\n')
    born = (NOW - timedelta(days=2)).date().isoformat()
    days = {"fresh.example": born, "old.example": "2003-09-26"}
    facts = [
        DomainFact(name=name, fact="registered", value=day, as_of=NOW, source="feed")
        for name, day in days.items()
    ]
    keep(Lake(tmp_path / "lake"), facts)
    return tmp_path


def test_build_tells_what_it_built(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dns", "build", "-w", str(place), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["names"], told["proxies"], told["refused"]) == (2, 0, 0)
    assert (place / "dns" / "ages.snapshot").stat().st_size == told["bytes"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (["dnset"], ".old.example :127.0.255.255:20030926"),
        (["dnset", "--young"], ".fresh.example :127.0.0.2:"),
        (["zone"], 'old.example TXT "20030926"'),
        (["rpz", "--exempt", "mine.example", "--policy", "nodata"], "*.fresh.example CNAME *."),
        (["ip4trie"], "127.0.0.2 :127.0.0.2:test entry"),
        (["ip6trie"], "::ffff:7f00:2 :127.0.0.2:test entry"),
    ],
)
def test_export(place: Path, form: list[str], expected: str) -> None:
    out = place / "list"
    assert run(["dns", "export", *form, "--out", str(out), "-w", str(place)]) == 0
    assert expected in out.read_text().splitlines()


def test_wrong_settings_are_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "dns.toml").write_text("port = 99999\nzone = 1\n")
    assert run(["dns", "build", "-w", str(place)]) == 2
    said = capsys.readouterr().err
    assert "dns.toml: port" in said
    assert "dns.toml: zone" in said
    for wrong, why in [
        ('young = "DAL.example.org."', "two zones have the same name"),
        ('proxies_reason = "{adress}"', "proxies_reason"),
        ('proxies_reason = "{"', "proxies_reason"),
        ('allow = ["192.0.2.300"]', "192.0.2.300"),
    ]:
        (place / "dns.toml").write_text(wrong + "\n")
        assert run(["dns", "serve", "--port", "0", "-w", str(place)]) == 2
        assert why in capsys.readouterr().err
    (place / "dns.toml").write_text('dal = "a..b"\nport = 0\n')
    assert run(["dns", "serve", "-w", str(place)]) == 2
    assert (
        run(["dns", "export", "rpz", "--policy", "x", "-o", str(place / "o"), "-w", str(place)])
        == 2
    )


def test_serve_answers_until_it_is_stopped(place: Path) -> None:
    assert run(["dns", "build", "-w", str(place)]) == 0
    command = [sys.executable, "-c", "from headwater.cli.main import main; main()"]
    process = subprocess.Popen(
        [*command, "dns", "serve", "-w", str(place)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        found = re.search(r"on port (\d+)", process.stdout.readline())
        assert found
        query = dns.message.make_query("www.fresh.example.dal.example.org", "A")
        answer = dns.query.udp(query, "127.0.0.1", timeout=5, port=int(found[1]))
        assert answer.answer[0][0].to_text() == "127.0.2.2"
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        if process.stdout is not None:
            process.stdout.close()


def test_a_damaged_list_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "dns").mkdir()
    (place / "dns" / "ages.snapshot").write_text("junk")
    assert run(["dns", "serve", "--port", "0", "-w", str(place)]) == 3
    assert "dns/ages.snapshot: not an age snapshot" in capsys.readouterr().err


def test_a_metrics_port_that_is_taken_is_said(place: Path) -> None:
    command = [sys.executable, "-c", "from headwater.cli.main import main; main()"]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (place / "dns.toml").write_text(f"port = 0\nmetrics_port = {port}\n")
        done = subprocess.run(
            [*command, "dns", "serve", "-w", str(place)],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert done.returncode == 2
    assert f"cannot serve metrics on port {port}" in done.stderr
