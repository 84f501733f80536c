"""Recorded answers of real registries, served by servers of our own and asked over sockets."""

import json
import os
import tarfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from headwater.lab.registries import LOOPBACK, Manner, Registry, rdap_server, whois_servers
from headwater.pipeline.look_up_domain import Doors, Lookup, look_up
from headwater.records.domain import Standing
from headwater.sources.rdap_client import Bounds, Reply, ask_rdap, make_client
from headwater.sources.whois_client import Patience, ask_whois
from headwater.wire.names import ascii_name
from headwater.wire.rdap_bootstrap import Bootstrap
from headwater.wire.whois_servers import form_of, query_line

pytestmark = pytest.mark.corpora

TODAY: Final = "2026-11-21"
EXPECTED_RIGHT: Final = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A registered domain, its server, the answer, and the day the suite expects."""

    name: str
    server: str
    answer: bytes
    day: str


@pytest.fixture(scope="module")
def corpora() -> Path:
    root = os.environ.get("HEADWATER_CORPORA")
    if not root:
        pytest.skip("HEADWATER_CORPORA is not set")
    return Path(root)


@pytest.fixture(scope="module")
def recorded(corpora: Path) -> list[Recorded]:
    folder = corpora / "whois/weppos"
    expected = json.loads((folder / "expected.json").read_text())["responses"]
    found = []
    with tarfile.open(folder / "responses.tar.gz") as archive:
        for member in archive:
            key = member.name.removeprefix("./").removeprefix("responses/")
            says = expected.get(key, {})
            name = ascii_name(says.get("domain") or "")
            day = str(says.get("created_on"))[:10]
            file = archive.extractfile(member) if name and day[:4].isdigit() else None
            if file and name:
                server = key.split("/")[0]
                found.append(Recorded(name=name, server=server, answer=file.read(), day=day))
    return found


def no_rdap(url: str) -> Reply:
    raise AssertionError(f"nobody has RDAP here: {url}")


def ask_all(
    cases: list[Recorded], cut_after: int | None = None
) -> list[tuple[Recorded, Lookup]]:
    servers = {case.server: Registry() for case in cases}
    for case in cases:
        line = query_line(case.name, form_of(case.server)).decode().strip()
        servers[case.server].answers[line] = Manner(body=case.answer, cut_after=cut_after)
    with whois_servers(servers) as connect:

        def whois(server: str, line: bytes) -> bytes:
            return ask_whois(server, line, connect, time.monotonic, Patience())

        def doors(case: Recorded) -> Doors:
            return Doors(
                rdap=no_rdap,
                whois=whois,
                bootstrap=Bootstrap(published="", bases={}),
                may_ask_whois=lambda host: host in servers,
                whois_server=lambda _: case.server,
            )

        return [(case, look_up(case.name, doors(case), TODAY)) for case in cases]


def registered(lookup: Lookup) -> str | None:
    return next((s.answer.registered for s in lookup.said if s.answer.registered), None)


def test_dates_come_through_the_sockets(recorded: list[Recorded]) -> None:
    latest = {(case.server, case.name): case for case in recorded}
    answers = ask_all(list(latest.values()))
    right = [case for case, lookup in answers if (registered(lookup) or "")[:10] == case.day]
    assert len(answers) > 100
    assert len(right) >= EXPECTED_RIGHT * len(answers)


def test_answers_that_break_off_are_never_read_as_free(recorded: list[Recorded]) -> None:
    latest = {(case.server, case.name): case for case in recorded}
    for cut in (5, 60, 200):
        for case, lookup in ask_all(list(latest.values())[:60], cut):
            assert lookup.standing is not Standing.FREE, case.server
            assert (registered(lookup) or case.day)[:10] == case.day


def test_rdap_answers_come_through_http(corpora: Path) -> None:
    folder = corpora / "rdap/whoisit"
    cases = [
        case
        for case in json.loads((folder / "expected.json").read_text())["cases"]
        if case["object"] == "domain" and case["expected"].get("registration_date")
    ]
    registry = Registry(otherwise=Manner(code=404))
    with ExitStack() as held:
        base = held.enter_context(rdap_server(registry))
        client = held.enter_context(make_client("test", 2))

        def rdap(url: str) -> Reply:
            return ask_rdap(url, client, lambda h: h == LOOPBACK, time.monotonic, Bounds())

        doors = Doors(
            rdap=rdap,
            whois=lambda server, line: b"",
            bootstrap=Bootstrap(published="", bases={"com": (base,), "no": (base,)}),
            may_ask_whois=lambda host: False,
        )
        for case in cases:
            name = str(json.loads((folder / case["file"]).read_text())["ldhName"]).lower()
            body = (folder / case["file"]).read_bytes()
            registry.answers[f"domain/{name}"] = Manner(body=body)
            found = registered(look_up(name, doors, TODAY))
            assert (found or "")[:10] == case["expected"]["registration_date"][:10]
    assert len(cases) == 2
