"""The server as a whole, asked over UDP and TCP by dnspython, dig and kdig."""

import json
import os
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest
from tests.dnslist.running import LOCAL, Running, free_port, running, until

from headwater.dnslist.answers.age_rows import build_snapshot
from headwater.dnslist.answers.snapshot import snapshot_pieces
from headwater.dnslist.serve.public_suffixes import icann_rules
from headwater.dnslist.serve.unknown_names import forget_taken, take_unknown_names
from headwater.outputs.files import deliver

DAL, YOUNG, PROXIES = "dal.example.org", "young.example.org", "proxies.example.org"


def ago(days: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=days)).isoformat()


def put_snapshot(
    folder: Path, world: Any, rows: list[tuple[str, str | None, str | None]]
) -> None:
    made, _ = build_snapshot(
        [world.batch(rows)], rules=icann_rules(), secret=world.secret, made_at=1_773_000_000
    )
    deliver(snapshot_pieces(made), folder / "dns" / "ages.snapshot")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, world: Any) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("dns")
    rows = [("fresh.example", ago(2), None), ("old.example", ago(4000), None)]
    put_snapshot(folder, world, [*rows, ("gone.example", None, None)])
    with running(
        folder,
        workers=2,
        metrics_port=free_port(),
        query_log="queries.json",
        query_log_sample=1,
        tcp_idle_seconds=1.0,
        tcp_per_client=5,
    ) as served:
        yield served


@pytest.mark.parametrize("tcp", [False, True])
def test_ages_are_answered(server: Running, tcp: bool) -> None:
    assert server.texts(f"www.fresh.example.{DAL}", tcp=tcp) == ["127.0.2.2"]
    assert server.texts(f"fresh.example.{YOUNG}", tcp=tcp) == ["127.0.0.2"]
    assert server.texts(f"fresh.example.{DAL}", "TXT", tcp=tcp) == [
        f'"{ago(2).replace("-", "")}"'
    ]
    assert server.ask(f"gone.example.{DAL}", tcp=tcp).rcode() == dns.rcode.NXDOMAIN
    assert server.ask(f"old.example.{YOUNG}", tcp=tcp).rcode() == dns.rcode.NXDOMAIN
    assert server.texts("2.0.0." + f"127.{PROXIES}", tcp=tcp) == ["127.0.0.2"]
    assert server.ask("www.example.net", tcp=tcp).rcode() == dns.rcode.REFUSED


def test_a_flood_is_answered_in_batches_as_single_queries_are(server: Running) -> None:
    names = ["fresh.example", "old.example", "gone.example", "new.example", "example"] * 40
    queries = [dns.message.make_query(f"{n}.{DAL}", "A", use_edns=0) for n in names]
    for number, query in enumerate(queries):
        query.id = number
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.settimeout(10)
        sock.connect((LOCAL, server.port))
        for query in queries:
            sock.send(query.to_wire())
        answers = [dns.message.from_wire(sock.recv(4096)) for _ in queries]
    by_id = {answer.id: answer for answer in answers}
    assert len(by_id) == len(queries)
    for query in queries:
        single = server.ask(query.question[0].name.to_text(), use_edns=0)
        answer = by_id[query.id]
        assert query.is_response(answer)
        assert (answer.rcode(), answer.answer) == (single.rcode(), single.answer)


def test_unknown_names_wait_in_a_file(server: Running) -> None:
    path = server.folder / "dns" / "unknown-names.txt"
    for name in (
        "a.b.unheard-of.co.uk",
        "unheard-of.co.uk",
        "fresh.example",
        "bad_name.example",
    ):
        reply = server.ask(f"{name}.{DAL}")
        assert reply.rcode() == dns.rcode.NOERROR
    assert until(lambda: path.exists() and "unheard-of.co.uk" in path.read_text().split())
    names = take_unknown_names(path)
    assert names.count("unheard-of.co.uk") == 1
    assert not {"fresh.example", "bad_name.example", "a.b.unheard-of.co.uk"} & set(names)
    assert take_unknown_names(path) == names  # until they are safe
    forget_taken(path)
    assert "unheard-of.co.uk" not in take_unknown_names(path)


def test_pipelined_queries_are_answered_in_order(server: Running) -> None:
    queries = [dns.message.make_query(f"{n}.test.{DAL}", "A") for n in (1, 7, 30, 255)]
    with socket.create_connection((LOCAL, server.port), timeout=10) as sock:
        wires = [query.to_wire() for query in queries]
        sock.sendall(b"".join(len(wire).to_bytes(2) + wire for wire in wires))
        answers = [dns.query.receive_tcp(sock)[0] for _ in queries]
    assert [a.answer[0][0].to_text() for a in answers] == [
        "127.0.1.1", "127.0.7.7", "127.0.30.30", "127.0.255.255",
    ]  # fmt: skip


def test_a_question_may_come_byte_by_byte(server: Running) -> None:
    wire = dns.message.make_query(f"7.test.{DAL}", "A").to_wire()
    with socket.create_connection((LOCAL, server.port), timeout=10) as sock:
        for octet in len(wire).to_bytes(2) + wire:
            sock.send(bytes([octet]))
        assert dns.query.receive_tcp(sock)[0].answer[0][0].to_text() == "127.0.7.7"


def test_questions_nobody_needs_are_not_read_over_tcp(server: Running) -> None:
    wire = dns.message.make_query(f"7.test.{DAL}", "A").to_wire()
    for padding, answered in ((4096 - len(wire), True), (4097 - len(wire), False)):
        message = wire + bytes(padding)
        with socket.create_connection((LOCAL, server.port), timeout=10) as sock:
            sock.sendall(len(message).to_bytes(2) + message)
            try:
                got = sock.recv(100)
            except ConnectionResetError:
                got = b""
        assert bool(got) == answered  # with FORMERR


@pytest.mark.parametrize(
    "sent", [b"", b"\0", b"\xff\xff", b"\0\x05abc", b"\0\0", b"\0\x0b" + b"x" * 11]
)
def test_silent_and_senseless_connections_are_closed(server: Running, sent: bytes) -> None:
    with socket.create_connection((LOCAL, server.port), timeout=10) as sock:
        sock.sendall(sent)
        try:
            assert sock.recv(100) == b""
        except ConnectionResetError:
            return


def test_one_client_gets_so_many_connections(server: Running) -> None:
    held = [socket.create_connection((LOCAL, server.port), timeout=10) for _ in range(12)]
    try:
        query = dns.message.make_query(f"test.{DAL}", "A").to_wire()
        answered = 0
        for sock in held:
            try:
                sock.sendall(len(query).to_bytes(2) + query)
                answered += bool(sock.recv(100))
            except OSError:
                continue
        assert answered == 5
    finally:
        for sock in held:
            sock.close()


def test_too_long_and_senseless_datagrams(server: Running) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.connect((LOCAL, server.port))
        wire = dns.message.make_query(f"test.{DAL}", "A").to_wire()
        sock.send(wire + bytes(1000))
        assert dns.message.from_wire(sock.recv(4096)).rcode() == dns.rcode.FORMERR
        sock.send(wire[:2] + b"\x28" + wire[3:])  # UPDATE
        assert dns.message.from_wire(sock.recv(4096)).rcode() == dns.rcode.NOTIMP
        for scrap in (b"", b"x", os.urandom(11), wire[:2] + b"\x80" + wire[3:]):
            sock.send(scrap)
        sock.send(wire)  # only this one is answered
        assert dns.message.from_wire(sock.recv(4096)).answer


def test_metrics_are_served(server: Running) -> None:
    server.texts(f"fresh.example.{DAL}")
    settings = (server.folder / "dns.toml").read_text()
    port = next(
        x.split(" = ")[1] for x in settings.splitlines() if x.startswith("metrics_port")
    )
    with urllib.request.urlopen(f"http://{LOCAL}:{port}/metrics", timeout=5) as page:
        text = page.read().decode()
    numbers = dict(
        line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")
    )
    assert float(numbers['headwater_dns_queries_total{transport="udp"}']) >= 1


def test_the_sampled_log_names_the_network_only(server: Running) -> None:
    server.texts(f"fresh.example.{DAL}")
    lines = (server.folder / "queries.json").read_text().splitlines()
    last = [json.loads(line) for line in lines if "fresh.example" in line][-1]
    assert last["client"] == "127.0.0.0/24"
    assert (last["name"], last["type"]) == (f"fresh.example.{DAL}", 1)


def test_a_worker_that_dies_is_replaced(server: Running) -> None:
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    first = children.read_text().split()[0]
    os.kill(int(first), signal.SIGKILL)
    assert until(lambda: first not in children.read_text().split())
    assert until(lambda: len(children.read_text().split()) == 3)
    for _ in range(20):  # from many ports, so both workers are asked
        assert server.texts(f"test.{DAL}") == ["127.0.1.1"]


def test_a_new_snapshot_is_taken_up_and_a_damaged_one_is_not(
    tmp_path: Path, world: Any
) -> None:
    with running(tmp_path, listen=[LOCAL, "::1"]) as served:
        name = f"fresh.example.{DAL}"
        assert served.texts(name) == []
        waiting = tmp_path / "dns" / "unknown-names.txt"
        assert until(lambda: waiting.exists() and waiting.read_text() == "fresh.example\n")
        put_snapshot(tmp_path, world, [("fresh.example", ago(2), None)])
        assert until(lambda: served.texts(name) == ["127.0.2.2"])
        assert until(lambda: served.texts(name, tcp=True) == ["127.0.2.2"])
        bad = tmp_path / "bad"
        bad.write_bytes(b"not a snapshot")
        bad.replace(tmp_path / "dns" / "ages.snapshot")
        served.texts(name)
        put_snapshot(tmp_path, world, [("fresh.example", ago(3), None)])
        assert until(lambda: served.texts(name) == ["127.0.3.3"])
        query = dns.message.make_query(name, "A")
        assert dns.query.udp(query, "::1", timeout=5, port=served.port).answer


def test_no_answer_is_lost_or_mixed_while_lists_are_swapped(tmp_path: Path, world: Any) -> None:
    name = f"fresh.example.{DAL}"
    put_snapshot(tmp_path, world, [("fresh.example", ago(2), None)])
    # One asker without pause passes 2000 answers a second: the limit would keep the next one.
    with running(tmp_path, responses_per_second=0) as served:
        for days in (3, 2, 3):
            put_snapshot(tmp_path, world, [("fresh.example", ago(days), None)])
            new, old = f"127.0.{days}.{days}", f"127.0.{5 - days}.{5 - days}"
            told: list[str] = []
            while not told or told[-1] != new:
                told += served.texts(name)  # who gets no answer fails by itself
            assert set(told) <= {new, old}


def test_strangers_are_refused(tmp_path: Path) -> None:
    with running(tmp_path, allow=["192.0.2.0/24"]) as served:
        for tcp in (False, True):
            reply = served.ask(f"test.{DAL}", tcp=tcp)
            assert (reply.rcode(), reply.answer) == (dns.rcode.REFUSED, [])


def test_over_the_rate_some_are_sent_to_tcp_and_most_meet_silence(tmp_path: Path) -> None:
    with running(tmp_path, responses_per_second=20, slip=2) as served:
        wire = dns.message.make_query(f"test.{DAL}", "A").to_wire()
        answers = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(10)  # until a busy machine lets it begin
            sock.connect((LOCAL, served.port))
            for _ in range(200):
                sock.send(wire)
            try:
                while True:
                    answers.append(dns.message.from_wire(sock.recv(4096)))
                    sock.settimeout(1)
            except TimeoutError:
                pass
        cut = [a for a in answers if a.flags & dns.flags.TC]
        assert 20 <= len(answers) - len(cut) <= 40  # the burst may span two seconds
        assert 50 <= len(cut) <= 100
        assert served.texts(f"test.{DAL}", tcp=True) == ["127.0.1.1"]


ASKERS = [
    ["dig", "-p"],
    ["dig", "+tcp", "-p"],
    ["dig", "+noedns", "-p"],
    ["kdig", "-p"],
    ["kdig", "+tcp", "+keepopen", "-p"],
    ["kdig", "+cookie", "+padding=128", "-p"],
]


@pytest.mark.programs
@pytest.mark.parametrize("asker", ASKERS, ids=" ".join)
def test_dig_and_kdig_are_content(server: Running, asker: list[str]) -> None:
    if not shutil.which(asker[0]):
        pytest.skip(f"{asker[0]} is not installed")
    command = [*asker, str(server.port), f"@{LOCAL}", f"FrEsH.example.{DAL}", "A"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0
    assert "status: NOERROR" in done.stdout
    written = done.stdout if asker[0] == "dig" else done.stdout.replace("fresh", "FrEsH")
    assert f"FrEsH.example.{DAL}." in written  # kdig asks in lower case
    assert "127.0.2.2" in done.stdout
    said = done.stdout + done.stderr
    assert "WARNING" not in said.replace("WARNING: recursion requested but not available", "")
    assert "malformed" not in said.lower()
