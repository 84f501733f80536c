"""The abuse contact is checked against a resolver, a mail server and a registry on loopback."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
import pytest

from headwater.cli.contact_doors import first_resolver, open_contact
from headwater.cli.doctor_contact import remarks_on_contact
from headwater.cli.init import make_workspace
from headwater.cli.main import run
from headwater.cli.remark import Level, Remark
from headwater.cli.workspace import open_workspace
from headwater.lab.registries import LOOPBACK, Manner, Registry, rdap_server

OWN = "192.0.2.0/24"
BOX = "abuse@example.net"
Examine = Callable[..., list[Remark]]


class Resolver(StreamRequestHandler):
    """Answers MX over TCP from a table: text of records, or a code."""

    table: dict[str, list[str] | int] = {}  # noqa: RUF012  # of the tests

    def handle(self) -> None:
        size = int.from_bytes(self.rfile.read(2))
        query = dns.message.from_wire(self.rfile.read(size))
        name = str(query.question[0].name)
        said = self.table.get(name, 3)
        reply = dns.message.make_response(query)
        if isinstance(said, int):
            reply.set_rcode(dns.rcode.Rcode(said))
        elif said:
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "MX", *said))
        wire = reply.to_wire()
        self.wfile.write(len(wire).to_bytes(2) + wire)


class MailServer(StreamRequestHandler):
    """Speaks as much SMTP as a RCPT needs (RFC 5321)."""

    replies: dict[str, bytes] = {}  # noqa: RUF012  # of the tests
    heard: list[str] = []  # noqa: RUF012

    def handle(self) -> None:
        self.wfile.write(b"220 mx.example.net ESMTP\r\n")
        while line := self.rfile.readline().decode().strip():
            self.heard.append(line)
            verb = line.split(" ")[0].split(":")[0].upper()
            self.wfile.write(self.replies.get(verb, b"250 ok\r\n"))
            if verb == "QUIT":
                return


@pytest.fixture
def serve() -> Iterator[Callable[[type[StreamRequestHandler]], int]]:
    running: list[ThreadingTCPServer] = []

    def start(handler: type[StreamRequestHandler]) -> int:
        server = ThreadingTCPServer((LOOPBACK, 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        running.append(server)
        return int(server.server_address[1])

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def examine(
    tmp_path: Path, serve: Callable[[type[StreamRequestHandler]], int]
) -> Iterator[Examine]:
    """What doctor says, given the answers of others."""
    registry = Registry(otherwise=Manner(code=404))
    port = serve(Resolver)
    MailServer.replies, MailServer.heard = {}, []
    with rdap_server(registry) as base:

        def examine(
            *, mx: list[str] | int = 3, smtp: dict[str, bytes] | None = None,
            rdap: Manner | None = None, **settings: Any,
        ) -> list[Remark]:  # fmt: skip
            Resolver.table = {"example.net.": mx}
            if smtp is not None:
                MailServer.replies = smtp
                settings = {"mail_server": LOOPBACK, "mail_port": serve(MailServer)} | settings
            if rdap is not None:
                registry.answers[f"ip/{OWN}"] = rdap
                settings["rdap"] = base
            lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
            text = "\n".join([f'own_networks = ["{OWN}"]', "[abuse]", *lines])
            (tmp_path / "headwater.toml").write_text(text + "\n")
            place = open_workspace(tmp_path)
            with open_contact(place, (LOOPBACK, port)) as doors:
                return list(remarks_on_contact(place.settings, doors))

        yield examine


def contact(mail: str = BOX, role: str = "abuse") -> Manner:
    card = ["vcard", [["fn", {}, "text", "Desk"], ["email", {}, "text", mail]]]
    entity = {"objectClassName": "entity", "roles": [role], "vcardArray": card}
    answer = {"objectClassName": "ip network", "entities": [entity]}
    return Manner(body=json.dumps(answer).encode())


def test_all_is_well(examine: Examine) -> None:
    said = examine(mx=["10 localhost."], smtp={}, rdap=contact(), mail_domain="example.net")
    assert said == []
    assert f"rcpt TO:<{BOX}>" in MailServer.heard
    assert "mail FROM:<>" in MailServer.heard
    assert not [line for line in MailServer.heard if line.upper() == "DATA"]


def test_nothing_to_go_by(examine: Examine) -> None:
    (said,) = examine()
    assert (said.level, "abuse.mail_domain" in said.what) == (Level.ODD, True)


@pytest.mark.parametrize(
    ("mx", "words", "level"),
    [
        (3, "does not exist in the DNS", Level.BROKEN),
        (["0 ."], "takes no mail (a null MX, RFC 7505)", Level.BROKEN),
        (["10 nowhere.invalid."], "no mail server of example.net has an address", Level.BROKEN),
        ([], "no mail server of example.net has an address: example.net", Level.BROKEN),
        (2, "the resolver says error 2", Level.ODD),
    ],
)
def test_a_domain_without_mail(
    examine: Examine, mx: list[str] | int, words: str, level: Level
) -> None:
    (said,) = examine(mx=mx, mail_domain="example.net")
    assert words in said.what
    assert said.level is level


@pytest.mark.parametrize(
    ("reply", "level"),
    [(b"550 5.1.1 no such user\r\n", Level.BROKEN), (b"451 later\r\n", Level.ODD)],
)
def test_a_server_that_does_not_take_it(examine: Examine, reply: bytes, level: Level) -> None:
    (said,) = examine(mx=["10 localhost."], smtp={"RCPT": reply}, mail_domain="example.net")
    assert f"does not take mail for {BOX}: {reply.decode()[:3]}" in said.what
    assert said.level is level


def test_a_server_that_cannot_be_asked(examine: Examine) -> None:
    well = {"mx": ["10 localhost."], "mail_domain": "example.net"}
    (said,) = examine(**well, smtp={"MAIL": b"550 no bounces\r\n"})
    assert "MAIL FROM:<> was refused: 550 no bounces" in said.what
    (said,) = examine(**well, mail_server=LOOPBACK, mail_port=1)
    assert "cannot be asked" in said.what


def test_only_servers_of_our_own_are_asked(examine: Examine) -> None:
    (said,) = examine(
        mx=["10 localhost."], mail_domain="example.net", mail_server="198.51.100.1"
    )
    assert "198.51.100.1 is outside own_networks; it was not asked" in said.what


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Manner(code=404), f"knows no network {OWN}"),
        (contact(role="technical"), f"{OWN} has no abuse contact in RDAP"),
        (contact(mail="nobody"), "has no mail address in RDAP"),
        (contact(mail="abuse@example.org"), "is abuse@example.org in RDAP"),
        (Manner(code=503), "could not be asked about 192.0.2.0/24: 127.0.0.1: HTTP status 503"),
        (Manner(body=b"<html>"), "could not be asked"),
    ],
)
def test_what_the_registry_publishes(examine: Examine, reply: Manner, words: str) -> None:
    (said,) = examine(mx=["10 localhost."], mail_domain="example.net", rdap=reply)
    assert words in said.what
    assert said.level is Level.ODD


def test_asked_only_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_workspace(tmp_path)
    for words, told in (([], False), (["--online"], True)):
        run(["doctor", "-w", str(tmp_path), "--json", *words])
        remarks = json.loads(capsys.readouterr().out)
        assert any("abuse contact" in one["what"] for one in remarks) is told
    run(["doctor", "-w", str(tmp_path / "nowhere"), "--online"])
    assert "abuse contact" not in capsys.readouterr().out


def test_the_resolver_of_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    assert first_resolver(file) == "127.0.0.1"
    file.write_text("# a remark\nsearch example\nnameserver 192.0.2.53\nnameserver ::1\n")
    assert first_resolver(file) == "192.0.2.53"
