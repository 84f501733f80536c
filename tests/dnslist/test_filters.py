"""The shipped filter configurations, in the programs they are for."""

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.dnslist.filters import FRESH, OLD, OWN, UNKNOWN, list_server, mail, program, shipped
from tests.dnslist.running import LOCAL, free_port, until

pytestmark = pytest.mark.programs

RSPAMD_OPTIONS = """
filters = "";
disable_hyperscan = true;
dns {{ nameserver = ["{local}:{port}"]; timeout = 1s; retransmits = 1; }}
"""
NORMAL = 'bind_socket = "{local}:{port}"; count = 1;'
OFF = "enabled = false;"
# What would ask the world: none of it belongs to the test.
MODULES_OFF = (
    *("fuzzy_check", "dkim", "dmarc", "spf", "arc", "phishing", "asn", "mx_check", "mid"),
    *("antivirus", "neural", "bayes_expiry", "greylist", "ratelimit", "replies", "hfilter"),
    *("history_redis", "dkim_signing", "whitelist", "multimap"),
)


@contextmanager
def rspamd(folder: Path, dns_port: int, exempt: str) -> Iterator[int]:
    """rspamd with the shipped files in local.d; the port of its scanner."""
    binary = program("rspamd")
    local = folder / "local.d"
    (local / "maps.d").mkdir(parents=True)
    port = free_port()
    files = {
        "rbl.conf": "url_whitelist = [];\n" + shipped("rspamd/rbl.conf"),
        "rbl_group.conf": shipped("rspamd/rbl_group.conf"),
        "maps.d/domain_age_exempt.inc": shipped("rspamd/domain_age_exempt.inc", (OWN, exempt)),
        "options.inc": RSPAMD_OPTIONS.format(local=LOCAL, port=dns_port),
        "worker-normal.inc": NORMAL.format(local=LOCAL, port=port),
        "worker-controller.inc": f'bind_socket = "{LOCAL}:{free_port()}"; enabled = false;',
        "worker-proxy.inc": f'bind_socket = "{LOCAL}:{free_port()}"; enabled = false;',
        "logging.inc": f'type = "file"; filename = "{folder}/log"; level = "info";',
        **{f"{name}.conf": OFF for name in MODULES_OFF},
    }
    for name, text in files.items():
        (local / name).write_text(text)
    for state in ("db", "run"):
        (folder / state).mkdir()
    places = [f"--var={k}={v}" for k, v in
              {"LOCAL_CONFDIR": folder, "DBDIR": folder / "db", "RUNDIR": folder / "run",
               "LOGDIR": folder}.items()]  # fmt: skip
    command = [binary, "--no-fork", "--insecure", *places]
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        ready = until(lambda: answers(f"http://{LOCAL}:{port}/ping"), 60)
        assert ready, (folder / "out").read_text(errors="replace")[-3000:]
        yield port
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310
            return True
    except OSError:
        return False


def symbols(port: int, message: bytes, sender: str) -> dict[str, float]:
    request = urllib.request.Request(
        f"http://{LOCAL}:{port}/checkv2",
        data=message,
        headers={
            "From": f"someone@{sender}",
            "IP": "192.0.2.9",
            "Helo": "mail.receiver.example",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
        found: dict[str, Any] = json.load(reply)["symbols"]
    return {name: value["score"] for name, value in found.items() if "DOMAIN_AGE" in name}


@pytest.mark.slow  # rspamd compiles all its rules when it starts
def test_rspamd(tmp_path: Path, world: Any) -> None:
    program("rspamd")
    with list_server(tmp_path, world) as served:
        with rspamd(tmp_path / "one", served.port, OWN) as port:
            assert symbols(port, mail(OLD, FRESH), OLD) == {"DOMAIN_AGE_URL_DAYS": 4.0}
            assert symbols(port, mail(FRESH, OLD), FRESH) == {"DOMAIN_AGE_FROM_DAYS": 3.0}
            assert symbols(port, mail(OLD, OLD), OLD) == {}
            assert symbols(port, mail(UNKNOWN, UNKNOWN), UNKNOWN) == {}
        with rspamd(tmp_path / "two", served.port, FRESH) as port:
            assert symbols(port, mail(FRESH, FRESH), FRESH) == {}


SPAMASSASSIN = """
loadplugin Mail::SpamAssassin::Plugin::Check
loadplugin Mail::SpamAssassin::Plugin::URIDNSBL
loadplugin Mail::SpamAssassin::Plugin::AskDNS
dns_server {local}:{port}
dns_available yes
rbl_timeout 10
util_rb_tld com net org
required_score 2.5
add_header all Status _YESNO_ tests=_TESTS_
report_safe 0
"""


def hits(folder: Path, message: bytes) -> set[str]:
    command = [program("spamassassin"), "-x", "-C", str(folder / "rules"),
               f"--siteconfigpath={folder / 'site'}", "-p", "/dev/null"]  # fmt: skip
    environment = {**os.environ, "HOME": str(folder)}
    done = subprocess.run(
        command, input=message, capture_output=True, timeout=60, env=environment
    )
    assert done.returncode == 0, done.stderr.decode()
    status = re.search(rb"^X-Spam-Status:((?:.*\n[ \t])*.*)", done.stdout, re.MULTILINE)
    assert status, done.stdout + done.stderr
    return set(re.findall(r"(?:URI|FROM)_AGE_\w+", status[1].decode().replace("\n", "")))


def test_spamassassin(tmp_path: Path, world: Any) -> None:
    program("spamassassin")
    (tmp_path / "rules").mkdir()
    (tmp_path / "site").mkdir()
    with list_server(tmp_path, world) as served:
        (tmp_path / "site" / "00.pre").write_text(
            SPAMASSASSIN.format(local=LOCAL, port=served.port)
        )
        rules = tmp_path / "rules" / "domain-age.cf"
        rules.write_text(shipped("spamassassin/domain-age.cf"))
        assert hits(tmp_path, mail(OLD, FRESH)) == {"URI_AGE_DAYS"}
        assert hits(tmp_path, mail(FRESH, OLD)) == {"FROM_AGE_DAYS"}
        assert hits(tmp_path, mail(OLD, OLD)) == set()
        assert hits(tmp_path, mail(UNKNOWN, UNKNOWN)) == set()
        escaped = (OWN.replace(".", "\\."), FRESH.replace(".", "\\."))
        rules.write_text(shipped("spamassassin/domain-age.cf", (OWN, FRESH), escaped))
        assert hits(tmp_path, mail(FRESH, FRESH)) == set()
