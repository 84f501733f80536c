"""The shipped Postfix configuration, in Postfix, in a network namespace of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.dnslist.filters import FRESH, OLD, OWN, UNKNOWN, program, put_ages, shipped

pytestmark = [pytest.mark.programs, pytest.mark.root]

MASTER = """
smtp inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = /dev/stdout
myhostname = mail.receiver.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 192.0.2.1
mydestination = receiver.example
local_recipient_maps =
alias_maps =
local_transport = discard
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject_unauth_destination
"""
# Everything in one namespace without a way out; it ends when the talk has ended.
SCRIPT = """
set -e
ip link set lo up
mount --bind {folder}/resolv.conf /etc/resolv.conf
{python} -m headwater.dnslist.serve {folder} >{folder}/dns.log 2>&1 &
server=$!
# It says its port when it listens; whom it does not answer Postfix lets pass.
until [ -s {folder}/dns.log ]; do kill -0 $server; sleep 0.1; done
postfix -c {folder}/etc start-fg >{folder}/postfix.log 2>&1 &
postfix=$!
trap 'kill $server $postfix; wait' EXIT
{python} {talk} {senders}
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that Postfix's own user can reach; pytest's are closed to others."""
    with tempfile.TemporaryDirectory(prefix="headwater-postfix-") as name:
        yield Path(name)


def namespaces() -> None:
    if os.geteuid() != 0:
        pytest.skip("making a network namespace needs root")
    tried = subprocess.run(["unshare", "-n", "-m", "true"], capture_output=True, timeout=10)
    if tried.returncode != 0:
        pytest.skip("no namespaces can be made here")


def prepare(folder: Path, exempt: str) -> None:
    folder.chmod(0o755)
    for name in ("etc", "spool", "data"):
        (folder / name).mkdir()
    subprocess.run(["chown", "postfix", str(folder / "data")], check=True, timeout=10)
    here = str(folder / "etc")
    (folder / "etc" / "main.cf").write_text(
        MAIN.format(folder=folder) + shipped("postfix/main.cf", ("/etc/postfix", here))
    )
    (folder / "etc" / "master.cf").write_text(MASTER)
    exempted = shipped("postfix/domain-age-exempt", (OWN, exempt))
    (folder / "etc" / "domain-age-exempt").write_text(exempted)
    (folder / "etc" / "domain-age-replies").write_text(shipped("postfix/domain-age-replies"))
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    (folder / "dns.toml").write_text('listen = ["127.0.0.1"]\nport = 53\n')


def replies(folder: Path, exempt: str, senders: list[str]) -> dict[str, tuple[int, str]]:
    prepare(folder, exempt)
    talk = Path(__file__).with_name("postfix_talk.py")
    script = SCRIPT.format(
        folder=folder, python=sys.executable, talk=talk, senders=" ".join(senders)
    )
    done = subprocess.run(
        ["unshare", "-n", "-m", "bash", "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
    )
    logs = "".join(
        (folder / f"{n}.log").read_text(errors="replace") for n in ("dns", "postfix")
    )
    assert done.returncode == 0, done.stderr + logs
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {sender: (code, said) for sender, code, said in lines}


def test_young_senders_are_told_to_wait(place: Path, world: Any) -> None:
    program("postfix")
    namespaces()
    put_ages(place, world)
    said = replies(place, OWN, [FRESH, f"mail.{FRESH}", OLD, UNKNOWN])
    assert {sender: code for sender, (code, _) in said.items()} == {
        FRESH: 450,
        f"mail.{FRESH}": 450,
        OLD: 250,
        UNKNOWN: 250,
    }
    assert "registered a few days ago" in said[FRESH][1]


def test_own_domains_are_exempt(place: Path, world: Any) -> None:
    program("postfix")
    namespaces()
    put_ages(place, world)
    said = replies(place, FRESH, [FRESH, f"mail.{FRESH}"])
    assert [code for code, _ in said.values()] == [250, 250]
