"""List files: what is written, and what real programs say to it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.reversename
import dns.zone
import pyarrow as pa
import pytest
from tests.dnslist.running import LOCAL, free_port, until

from headwater.outputs.files import deliver
from headwater.outputs.list_zone import LINES, Listed, ListZone
from headwater.outputs.rbldnsd.render import render_dnset, render_ip4trie, render_ip6trie
from headwater.outputs.rpz.render import Policy, render_rpz
from headwater.outputs.zonefile.render import render_zonefile

ZONE = ListZone(
    origin="dal.example.org", servers=("ns.example.org",), mailbox="h.m@example.org", serial=7
)
NAMES = Listed(
    pa.array(["fresh.example", "old.example"]),
    pa.array(["127.0.2.2", "127.0.255.9"]),
    pa.array(["20260308", '20030926 "quoted"\nline']),
)
HEAD = "$SOA 3600 ns.example.org. h\\.m.example.org. 7 3600 600 604800 3600"


def test_a_dnset() -> None:
    text = b"".join(render_dnset(ZONE, [NAMES])).decode()
    assert text.splitlines() == [
        HEAD,
        "$NS 3600 ns.example.org.",
        "$TTL 3600",
        ".test :127.0.1.1:test entry",
        ".fresh.example :127.0.2.2:20260308",
        ".old.example :127.0.255.9:20030926 ?quoted??line",
    ]


def test_a_policy_zone_spares_exempt_names() -> None:
    rendered = render_rpz(
        ZONE, [NAMES], policy=Policy.NODATA, exempt=["Old.example.", "mine.example"]
    )
    body = b"".join(rendered).decode().splitlines()[3:]
    assert body == [
        "mine.example CNAME rpz-passthru.",
        "*.mine.example CNAME rpz-passthru.",
        "old.example CNAME rpz-passthru.",
        "*.old.example CNAME rpz-passthru.",
        "fresh.example CNAME *.",
        "*.fresh.example CNAME *.",
    ]


def test_a_zone_file_is_read_by_others() -> None:
    text = b"".join(render_zonefile(ZONE, [NAMES])).decode()
    zone = dns.zone.from_text(text, origin="dal.example.org", relativize=False)
    found = {(str(n), rd.to_text()) for n, _, rd in zone.iterate_rdatas() if "old" in str(n)}
    assert found == {
        (f"{name}.dal.example.org.", text)
        for name in ("old.example", "*.old.example")
        for text in ("127.0.255.9", '"20030926 ?quoted??line"')
    }


def test_long_lists_come_in_pieces_and_nothing_is_lost() -> None:
    count = 2 * LINES + 5
    many = Listed(
        pa.array([f"n{number}.example" for number in range(count)]),
        pa.array(["127.0.1.1"]).take(pa.array([0] * count)),
    )
    pieces = list(
        render_dnset(
            ZONE,
            [many, many.__class__(*[c.slice(0, 0) for c in (many.subjects, many.addresses)])],
        )
    )
    lines = b"".join(pieces).splitlines()
    assert len(pieces) == 5
    assert lines[-1] == f".n{count - 1}.example :127.0.1.1:".encode()
    assert len(lines) == count + 4


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "zone"
    path.write_text("old")

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        deliver(broken(), path)
    assert path.read_text() == "old"
    assert deliver([b"n", b"ew"], path) == 3
    assert (path.read_text(), list(tmp_path.iterdir())) == ("new", [path])


@pytest.mark.programs
@pytest.mark.parametrize("render", [render_zonefile, render_rpz])
def test_binds_checker_takes_the_zone(tmp_path: Path, render: object) -> None:
    checker = shutil.which("named-checkzone") or shutil.which("/usr/bin/named-checkzone")
    if not checker:
        pytest.skip("named-checkzone is not installed")
    assert callable(render)
    deliver(render(ZONE, [NAMES]), tmp_path / "zone")
    done = subprocess.run(
        [checker, "-k", "ignore", "-i", "none", ZONE.origin, str(tmp_path / "zone")],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.programs
def test_rbldnsd_serves_what_is_written(tmp_path: Path) -> None:
    program = shutil.which("rbldnsd", path="/usr/sbin:/usr/bin")
    if not program:
        pytest.skip("rbldnsd is not installed")
    tmp_path.chmod(0o755)
    address = Listed(pa.array(["192.0.2.17"]), pa.array(["127.0.0.4"]), pa.array(["why"]))
    v6 = Listed(pa.array(["2001:db8::17"]), pa.array(["127.0.0.6"]), pa.array(["why"]))
    for name, pieces in [
        ("names", render_dnset(ZONE, [NAMES])),
        ("v4", render_ip4trie(ZONE, [address])),
        ("v6", render_ip6trie(ZONE, [v6])),
    ]:
        deliver(pieces, tmp_path / name)
    port = free_port()
    process = subprocess.Popen(
        [program, "-n", "-b", f"{LOCAL}/{port}", "-u", "nobody:nogroup", "-w", str(tmp_path),
         "dal.example.org:dnset:names", "p.example.org:ip4trie:v4", "p.example.org:ip6trie:v6"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def ask(name: str, kind: str = "A") -> list[str]:
        query = dns.message.make_query(name, kind)
        try:
            answer = dns.query.udp(query, LOCAL, timeout=1, port=port).answer
        except (OSError, dns.exception.Timeout):
            return []
        return [record.to_text() for rrset in answer for record in rrset]

    try:
        assert until(lambda: ask("test.dal.example.org") == ["127.0.1.1"])
        assert ask("www.fresh.example.dal.example.org") == ["127.0.2.2"]
        assert ask("fresh.example.dal.example.org", "TXT") == ['"20260308"']
        assert ask("never.example.dal.example.org") == []
        assert ask("17.2.0." + "192.p.example.org") == ["127.0.0.4"]
        assert ask("2.0.0." + "127.p.example.org") == ["127.0.0.2"]
        nibbles = (
            dns.reversename.from_address("2001:db8::17").to_text().removesuffix("ip6.arpa.")
        )
        assert ask(f"{nibbles}p.example.org") == ["127.0.0.6"]
    finally:
        process.terminate()
        process.wait(10)
