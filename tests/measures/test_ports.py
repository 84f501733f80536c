import re
from pathlib import Path

import numpy as np
import pytest

import headwater
from headwater.measures.ports import (
    EPHEMERAL,
    MAIL_PORTS,
    MOST_TOLD,
    WEB_PORTS,
    each_at_a_clients,
    each_at_its_own,
)

SOURCE = Path(headwater.__file__).parent
A_PACKET = re.compile(r"(?:client|server)_bytes > (\d+) \* (?:client|server)_packets")
LISTED = re.compile(r"\bport (?:not )?in \(([0-9, ]+)\)")
EXCHANGERS = frozenset({25})  # where mail as such is not meant, they may stand alone


@pytest.mark.parametrize("known", [MAIL_PORTS, WEB_PORTS], ids=["mail", "web"])
def test_questions_that_list_some_of_these_ports_list_them_all(known: tuple[int, ...]) -> None:
    lists = {
        f"{path.relative_to(SOURCE)}: {match[0]}": {int(port) for port in match[1].split(",")}
        for path in sorted(SOURCE.rglob("*.sql"))
        for match in LISTED.finditer(path.read_text())
    }
    named = {place: ports & set(known) for place, ports in lists.items() if ports & set(known)}
    assert named
    assert not [
        place for place, ports in named.items() if ports not in (set(known), EXCHANGERS)
    ]


def test_questions_agree_on_what_is_more_than_names() -> None:
    found = [
        int(octets)
        for path in sorted(SOURCE.rglob("*.sql"))
        for octets in A_PACKET.findall(path.read_text())
    ]
    assert len(found) >= 2
    assert set(found) == {MOST_TOLD}


@pytest.mark.parametrize(
    ("shares", "servers", "apart"),
    [
        ([0.4, 0.3, 0.3], 3, True),
        ([0.4, 0.3, 0.3], 4, False),  # two share a port
        ([0.5, 0.3, 0.2], 3, False),  # half goes to one service
        ([], 0, False),
    ],
)
def test_people_are_met_at_ports_of_their_own(
    shares: list[float], servers: int, apart: bool
) -> None:
    assert each_at_its_own(shares, servers) == apart


@pytest.mark.parametrize(
    ("ports", "clients"),
    [
        ([EPHEMERAL, EPHEMERAL + 1, EPHEMERAL + 1], True),  # the last two are of one host
        ([EPHEMERAL, EPHEMERAL - 1, EPHEMERAL - 1], False),
        ([EPHEMERAL, EPHEMERAL, EPHEMERAL], False),
        ([EPHEMERAL, EPHEMERAL + 1, EPHEMERAL], False),
        ([], False),
    ],
)
def test_who_has_a_clients_port_at_each_host_dialled_it(
    ports: list[int], clients: bool
) -> None:
    hosts = np.array([0, 1, 1][: len(ports)], np.int64)
    assert each_at_a_clients(hosts, np.array(ports, np.int64)) == clients
