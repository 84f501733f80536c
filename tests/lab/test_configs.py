"""Configuration texts, and whether the real programs take them."""

import subprocess
from pathlib import Path

import pytest

from headwater.lab import addresses as world
from headwater.lab import configs
from headwater.lab.cast import Hijacked, assemble
from headwater.lab.programs import find
from headwater.lab.scenario import SHORT

HOSTS = {host.address: host for host in assemble(SHORT).hijacked}


def _danted(kind: str) -> Hijacked:
    return next(h for h in HOSTS.values() if h.program == "danted" and h.kind == kind)


def test_an_open_dante_admits_everybody_and_a_protected_one_its_drivers() -> None:
    assert "client pass { from: 0.0.0.0/0" in configs.danted(_danted("synthetic-open"))
    protected = _danted("synthetic-protected")
    text = configs.danted(protected)
    assert "from: 0.0.0.0/0" not in text
    assert all(f"client pass {{ from: {driver}/32" in text for driver in protected.drivers)


@pytest.mark.programs
@pytest.mark.skipif(find("danted") is None, reason="danted is not installed")
def test_dante_takes_its_configuration(tmp_path: Path) -> None:
    for kind in ("synthetic-open", "synthetic-protected"):
        file = tmp_path / kind
        # here nobody has the lab's addresses, and Dante looks: loopback stands in for them
        host = _danted(kind)
        file.write_text(configs.danted(host).replace(host.address, "127.0.0.1"))
        done = subprocess.run([find("danted") or "", "-V", "-f", str(file)], timeout=20)
        assert done.returncode == 0


def test_every_exchanger_has_its_domain_and_its_way() -> None:
    transport = configs.transport_map().splitlines()
    for exchanger in (*world.EXCHANGERS, *world.STERN_EXCHANGERS):
        assert f"{world.mail_domain(exchanger)} smtp:[{exchanger}]:25" in transport
    domains = [line.split()[0] for line in transport]
    assert len(domains) == len(set(domains))


def test_forwards_leave_the_company() -> None:
    for line in configs.forwards().splitlines():
        mailbox, target = line.split()
        assert mailbox.endswith("@corp.example")
        assert target.split("@")[1] in configs.transport_map()


@pytest.mark.programs
@pytest.mark.skipif(find("postconf") is None, reason="Postfix is not installed")
def test_postfix_takes_its_configuration(tmp_path: Path) -> None:
    main = configs.postfix_main("192.0.2.40", str(tmp_path), ("192.0.2.0/24",))
    (tmp_path / "main.cf").write_text(main)
    (tmp_path / "master.cf").write_text(configs.postfix_master())
    done = subprocess.run(
        [find("postconf") or "", "-c", str(tmp_path), "mynetworks", "smtp_bind_address"],
        capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert done.returncode == 0
    assert "mynetworks = 192.0.2.0/24" in done.stdout
    assert "unused parameter" not in done.stderr


def test_an_ssh_server_gives_no_terminal_and_no_command() -> None:
    text = configs.sshd("/k", "/a", "/p", ("192.0.2.41", 22))
    assert "ListenAddress 192.0.2.41:22" in text
    assert "ForceCommand /bin/false" in text
    assert "PasswordAuthentication no" in text


def test_the_natural_proxy_is_open_by_leaving_things_out() -> None:
    text = configs.tinyproxy(next(h for h in HOSTS.values() if h.program == "tinyproxy"))
    assert "Allow" not in text
    assert "ConnectPort" not in text
