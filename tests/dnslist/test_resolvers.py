"""The shipped resolver configurations, in Unbound and BIND."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import pyarrow as pa
import pytest
from tests.dnslist.filters import (
    FRESH,
    OLD,
    SHIPPED_PORT,
    UNKNOWN,
    list_server,
    program,
    shipped,
)
from tests.dnslist.running import LOCAL, free_port, until

from headwater.outputs.files import deliver
from headwater.outputs.list_zone import Listed, ListZone
from headwater.outputs.rpz.render import render_rpz

pytestmark = pytest.mark.programs

YOUNG = ListZone(
    origin="young.example.org", servers=("ns.example.org",), mailbox="h@example.org", serial=1
)


@contextmanager
def world_of_one_answer() -> Iterator[int]:
    """Stands in for the rest of the DNS: every name has the address 192.0.2.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((LOCAL, 0))
        sock.settimeout(0.2)
        stop = threading.Event()
        thread = threading.Thread(target=answer_all, args=(sock, stop))
        thread.start()
        try:
            yield sock.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def answer_all(sock: socket.socket, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            message, asker = sock.recvfrom(4096)
        except TimeoutError:
            continue
        query = dns.message.from_wire(message)
        reply = dns.message.make_response(query, recursion_available=True)
        asked = query.question[0]
        if asked.rdtype == dns.rdatatype.A:
            reply.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "A", "192.0.2.1"))
        sock.sendto(reply.to_wire(), asker)


def ask(port: int, name: str, kind: str = "A") -> tuple[dns.rcode.Rcode, list[str]] | None:
    query = dns.message.make_query(name, kind)
    try:
        reply = dns.query.udp(query, LOCAL, timeout=3, port=port)
    except (OSError, dns.exception.Timeout):
        return None
    return reply.rcode(), [record.to_text() for rrset in reply.answer for record in rrset]


@contextmanager
def started(command: list[str], folder: Path, port: int) -> Iterator[int]:
    """Run a resolver until the block ends."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        up = until(lambda: ask(port, "localhost") is not None, 30)
        assert up, (folder / "log").read_text(errors="replace")[-3000:]
        yield port
    finally:
        process.terminate()
        process.wait(20)


def write_policy(path: Path) -> None:
    listed = Listed(pa.array([FRESH, "mine.example"]), pa.array(["127.0.0.2"] * 2))
    deliver(render_rpz(YOUNG, [listed], exempt=["mine.example"]), path)


def unbound_conf(folder: Path, port: int, *parts: str) -> Path:
    path = folder / "unbound.conf"
    path.write_text(
        f'server:\n interface: {LOCAL}\n port: {port}\n username: ""\n chroot: ""\n'
        f' directory: "{folder}"\n pidfile: ""\n use-syslog: no\n do-daemonize: no\n'
        f' root-hints: ""\n{"".join(parts)}\nremote-control:\n control-enable: no\n'
    )
    return path


def check_forwarding(port: int) -> None:
    nothing = (dns.rcode.NOERROR, list[str]())
    assert ask(port, f"www.{FRESH}.dal.example.org") == (dns.rcode.NOERROR, ["127.0.2.2"])
    assert ask(port, f"{OLD}.dal.example.org") == (dns.rcode.NOERROR, ["127.0.255.255"])
    assert ask(port, f"{UNKNOWN}.dal.example.org") == nothing
    assert ask(port, f"{FRESH}.dal.example.org", "AAAA") == nothing
    assert ask(port, f"{FRESH}.young.example.org") == (dns.rcode.NOERROR, ["127.0.0.2"])
    assert ask(port, f"{OLD}.young.example.org") == (dns.rcode.NXDOMAIN, [])
    assert ask(port, "2.0.0." + "127.proxies.example.org") == (dns.rcode.NOERROR, ["127.0.0.2"])


def test_unbound_forwards(tmp_path: Path, world: Any) -> None:
    binary = program("unbound")
    port = free_port()
    with list_server(tmp_path, world) as served:
        part = shipped("unbound/domain-age.conf", (SHIPPED_PORT, str(served.port)))
        conf = unbound_conf(tmp_path, port, part)
        with started([binary, "-d", "-c", str(conf)], tmp_path, port):
            check_forwarding(port)


def check_policy(port: int) -> None:
    assert ask(port, f"www.{FRESH}") == (dns.rcode.NXDOMAIN, [])
    assert ask(port, FRESH) == (dns.rcode.NXDOMAIN, [])
    assert ask(port, f"www.{OLD}") == (dns.rcode.NOERROR, ["192.0.2.1"])
    assert ask(port, "www.mine.example") == (dns.rcode.NOERROR, ["192.0.2.1"])


def test_unbound_denies_young_names_and_spares_exempt_ones(tmp_path: Path) -> None:
    binary = program("unbound")
    port = free_port()
    write_policy(tmp_path / "young.rpz")
    policy = shipped("unbound/young-policy.conf", ("/var/lib/unbound", str(tmp_path)))
    with world_of_one_answer() as world_port:
        rest = f'forward-zone:\n name: "."\n forward-addr: {LOCAL}@{world_port}\n'
        conf = unbound_conf(tmp_path, port, " do-not-query-localhost: no\n", policy, rest)
        with started([binary, "-d", "-c", str(conf)], tmp_path, port):
            check_policy(port)


def bind_conf(folder: Path, port: int, options: str, *parts: str) -> Path:
    path = folder / "named.conf"
    path.write_text(
        f'options {{ directory "{folder}"; listen-on port {port} {{ {LOCAL}; }};\n'
        f' listen-on-v6 {{ none; }}; pid-file none; session-keyfile "{folder}/key";\n'
        f" dnssec-validation no; recursion yes; empty-zones-enable no;\n {options} }};\n"
        f'controls {{ }};\nzone "." {{ type hint; file "{folder}/hints"; }};\n'
        + "\n".join(parts)
    )
    # A root that nobody serves: nothing of the test leaves this machine.
    (folder / "hints").write_text(f". 3600 NS root.example.\nroot.example. 3600 A {LOCAL}\n")
    return path


def test_bind_forwards(tmp_path: Path, world: Any) -> None:
    binary = program("named")
    port = free_port()
    with list_server(tmp_path, world) as served:
        part = shipped("bind/domain-age.conf", (SHIPPED_PORT, str(served.port)))
        conf = bind_conf(tmp_path, port, "", part)
        with started([binary, "-g", "-c", str(conf)], tmp_path, port):
            check_forwarding(port)


def test_bind_denies_young_names_and_spares_exempt_ones(tmp_path: Path) -> None:
    binary = program("named")
    port = free_port()
    write_policy(tmp_path / "young.rpz")
    policy = shipped("bind/young-policy.conf", ("/var/lib/bind", str(tmp_path)))
    with world_of_one_answer() as world_port:
        options = 'response-policy { zone "young.rpz"; }; forward only;'
        options += f"forwarders {{ {LOCAL} port {world_port}; }};"
        conf = bind_conf(tmp_path, port, options, policy)
        with started([binary, "-g", "-c", str(conf)], tmp_path, port):
            check_policy(port)
