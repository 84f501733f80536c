"""Whole hunts over other people's captures, judged by what is known of them."""

import csv
import gzip
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.e2e.hunting import Json, told, workspace

from headwater.cli.hunt import NOTHING_FOUND
from headwater.detectors import master
from headwater.lake.duck import DuckEngine
from headwater.lake.tables import Lake
from headwater.pipeline.gateways import GATEWAYS
from headwater.pipeline.hunt import SUSPECTS
from headwater.pipeline.known import INDICATED
from headwater.pipeline.questions import question
from headwater.pipeline.runs import latest
from headwater.pipeline.up_to_date import held
from headwater.records.finding import Finding

CORPORA = Path(os.environ.get("HEADWATER_CORPORA", "/nowhere"))
FLOWS = CORPORA / "flows"

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(
        not FLOWS.is_dir(), reason="HEADWATER_CORPORA names no folder with flows/"
    ),
]

Row = dict[str, str]


def place_of(folder: Path, captures: list[Path], **settings: list[str]) -> Path:
    """A workspace that imported the captures."""
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
    place = workspace(folder / "ws", "".join(lines))
    told("import", "flows", "-w", place, *captures)
    return place


def hunt(place: Path) -> Json:
    """The published answer; here nobody is accused, and the command ends with 1."""
    answer: Json = json.loads(told("hunt", "--json", "-w", place, code=NOTHING_FOUND))
    return answer


def findings(place: Path) -> list[Finding]:
    run = latest(Lake(place / "lake"))
    assert run
    return list(run.findings)


def accused(answer: Json) -> list[str]:
    return [row["address"] for row in answer["proxies"] + answer["scanning"]]


def connections(path: Path) -> Iterator[Row]:
    """The rows of a Zeek log by the names of its columns."""
    names: list[str] = []
    with gzip.open(path, "rt") as log:
        for line in log:
            cells = line.rstrip("\n").split("\t")
            if line.startswith("#fields"):
                names = cells[1:]
            elif not line.startswith("#"):
                yield dict(zip(names, cells, strict=True))


def cut(path: Path, to: Path, *, until: float = float("inf"), later: float = 0.0) -> Path:
    """A copy of a Zeek log up to an instant, its times moved."""
    with gzip.open(path, "rt") as log, to.open("w") as copy:
        for line in log:
            at, tab, rest = line.partition("\t")
            if line.startswith("#"):
                copy.write(line)
            elif float(at) < until:
                copy.write(f"{float(at) + later:.6f}{tab}{rest}")
    return to


# A web proxy of a company, in a capture of seven hours that holds both of its legs.
PROXY, STAFF, PROXY_PORT = "10.0.0.238", "10.0.0.111", 3128
BOTH_LEGS = [
    FLOWS / f"zeek-rita/proxy_rolling.conn.{hours}.log.gz"
    for hours in ("150000_160000", "160000_170000")
]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return place_of(tmp_path_factory.mktemp("company"), BOTH_LEGS, own_networks=["10.0.0.0/24"])


def test_an_unnamed_company_proxy_is_a_relay_of_insiders_and_not_hijacked(
    company: Path,
) -> None:
    answer = hunt(company)
    assert accused(answer) == []
    assert (answer["upstreams"], answer["masters"]) == ([], [])
    (relay,) = [f for f in findings(company) if f.kind == "relay"]
    assert relay.subject == PROXY
    assert relay.confidence > 0.9
    assert (relay.proof["port"], relay.proof["from_outside"]) == (PROXY_PORT, 0)
    assert relay.proof["visitors_served"] == 1
    # Its one client, and nobody else, comes to it.
    page = told("show", "subject", PROXY, "-w", company)
    assert "relay says: relay" in page
    assert STAFF in page
    assert "Accused of nothing." in page


def test_a_named_company_proxy_is_explained(company: Path) -> None:
    settings = company / "headwater.toml"
    plain = settings.read_text()
    settings.write_text(f'{plain}lawful_proxies = ["{PROXY}"]\n')
    answer = hunt(company)
    page = told("show", "subject", PROXY, "-w", company)
    settings.write_text(plain)
    assert accused(answer) == []
    assert f"{PROXY}: own host, in lawful_proxies" in page
    assert "Accused of nothing." in page


# Public hosts that people work at; of two of them six hours in which both were watched.
TWO, FOUR = ("008", "011"), ("008", "010", "011", "012")
BEGAN, SIX_HOURS = 1655071198, 6 * 3600
ATTACK = "External-Attack-to-Device"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Json:
    folder = tmp_path_factory.mktemp("attacked")
    captures = [
        cut(path, folder / f"{path.stem}.log", until=BEGAN + SIX_HOURS)
        for path in map(labelled, TWO)
    ]
    return hunt(place_of(folder, captures, own_networks=watched(TWO)))


def labelled(number: str) -> Path:
    return FLOWS / f"stratosphere/{number}.conn.log.labeled.gz"


def watched(numbers: tuple[str, ...]) -> list[str]:
    """The host of each log: the one that was attacked."""
    attacked = [
        Counter(row["id.resp_h"] for row in connections(labelled(number)) if is_attack(row))
        for number in numbers
    ]
    return [each.most_common(1)[0][0] for each in attacked]


def is_attack(row: Row) -> bool:
    return row["detailedlabel"] == ATTACK


def attackers(numbers: tuple[str, ...]) -> set[str]:
    return {row["id.orig_h"] for row in rows_of(numbers) if is_attack(row)}


def rows_of(numbers: tuple[str, ...]) -> Iterator[Row]:
    for number in numbers:
        yield from connections(labelled(number))


def doors_tried(
    numbers: tuple[str, ...], until: float
) -> tuple[dict[str, set[Any]], dict[str, set[Any]]]:
    """By outside source: the doors it knocked on with a SYN, and those that opened."""
    tried, opened, hosts = defaultdict(set), defaultdict(set), set(watched(numbers))
    for row in rows_of(numbers):
        door = (row["id.resp_h"], row["id.resp_p"])
        if row["proto"] == "tcp" and door[0] in hosts and float(row["ts"]) < until:
            if "S" in row["history"]:
                tried[row["id.orig_h"]].add(door)
            if "h" in row["history"]:
                opened[row["id.orig_h"]].add(door)
    return tried, opened


def named(answer: Json) -> set[str]:
    testers = {row["address"] for row in answer["upstreams"] if row["role"] == "tester"}
    return testers | {row["address"] for row in answer["scanners"]}


def check_scanners(answer: Json, numbers: tuple[str, ...], until: float) -> None:
    """Who knocked on enough doors of two hosts is named, and nobody who is no attacker."""
    found = named(answer)
    tried, opened = doors_tried(numbers, until)
    shut = {
        source: len({door for door in doors - opened[source] if door[1] not in USUAL_PORTS})
        for source, doors in tried.items()
    }
    clear = {
        source
        for source, doors in tried.items()
        if shut[source] >= 4 + len(opened[source]) and len({host for host, _ in doors}) > 1
    }
    assert len(clear) >= 20
    assert clear <= found
    assert found <= attackers(numbers)


# Where a few shut doors may be those of one dead name.
USUAL_PORTS = {
    "25", "53", "80", "110", "123", "143", "443", "465", "587", "853", "993", "995",
}  # fmt: skip


def test_labelled_scanners_are_named_and_nobody_else(attacked: Json) -> None:
    check_scanners(attacked, TWO, BEGAN + SIX_HOURS)


def test_what_floods_bring_back_names_nobody(attacked: Json) -> None:
    """Sources of SYN+ACK and RST only: the labels call them attackers; they are victims."""
    histories = defaultdict(set)
    for row in rows_of(TWO):
        histories[row["id.orig_h"]].add(row["history"])
    victims = {source for source, seen in histories.items() if seen <= {"H", "R"}}
    assert len(victims) >= 10
    assert not victims & named(attacked)


def test_hosts_at_which_people_work_accuse_nobody(attacked: Json) -> None:
    assert accused(attacked) == []
    assert attacked["masters"] == []
    assert [row for row in attacked["upstreams"] if row["role"] == "driver"] == []


@pytest.mark.slow
def test_all_four_hosts_for_all_their_hours(tmp_path: Path) -> None:
    captures = [labelled(number) for number in FOUR]
    answer = hunt(place_of(tmp_path, captures, own_networks=watched(FOUR)))
    check_scanners(answer, FOUR, float("inf"))
    assert accused(answer) == []
    assert answer["masters"] == []


# A home in which one machine runs a remote-access trojan whose master is gone.
TROJAN = FLOWS / "stratosphere/001.labeled-conn.log.gz"
A_DAY = 1_490_000_000  # the capture's own times begin at zero


@pytest.fixture(scope="module")
def infected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("infected")
    capture = cut(TROJAN, folder / "001.log", later=A_DAY)
    return place_of(folder, [capture], own_networks=["192.168.1.0/24", "fd2d:ab8c:225::/48"])


def test_one_infected_machine_alone_accuses_nobody(infected: Path) -> None:
    """One host's calls to one server that is silent: no crowd, no list, no relayed word."""
    answer = hunt(infected)
    assert accused(answer) == []
    assert answer["masters"] == []


def test_the_labelled_master_comes_first_among_its_hosts_servers(
    infected: Path, tmp_path: Path
) -> None:
    """Once the host is suspected and every server it calls is asked about."""
    homes = Counter(
        (row["id.orig_h"], row["id.resp_h"], row["id.resp_p"])
        for row in connections(TROJAN)
        if row["detailedlabel"] == "CC"
    )
    bot, home, port = homes.most_common(1)[0][0]
    hunt(infected)  # joins the sessions
    lake = Lake(infected / "lake")
    window = held(lake)
    assert window
    sessions = lake.read("sessions").to_pylist()
    called = sorted({row["server"] for row in sessions if row["client"] == bot})
    suspect = {"host": bot, "port": None, "confidence": 0.99, "relays": False}
    extra = {
        "suspects": pa.Table.from_pylist([suspect], schema=SUSPECTS),
        "gateways": GATEWAYS.empty_table(),
        "indicators": pa.table([called], schema=INDICATED),
    }
    asked = question("detectors", master.DETECTOR.question)
    found = DuckEngine(lake, spill_dir=tmp_path).ask(asked, window, extra)
    ranked = [f for f in master.DETECTOR.weigh(found, window) if f.kind == "master"]
    ranked.sort(key=lambda f: -sum(f.proof["weights"].values()))
    assert len(ranked) >= 10
    assert (ranked[0].subject, ranked[0].proof["ports"]) == (home, [int(port)])
    assert ranked[0].proof["period_s"] == pytest.approx(11.5, abs=1)
    weights = [sum(f.proof["weights"].values()) for f in ranked[:2]]
    assert weights[0] > weights[1] + 2


# One host tries one port of another 2,305 times within half a minute, and is refused.
INSISTING = FLOWS / "nfcapd-slips"


@pytest.mark.parametrize("ours", ["both", "the one that refuses"])
def test_one_door_tried_two_thousand_times_is_no_scan(tmp_path: Path, ours: str) -> None:
    with gzip.open(INSISTING / "expected.csv.gz", "rt") as table:
        pairs = Counter((row["sa"], row["da"], row["dp"]) for row in csv.DictReader(table))
    ((knocker, refuser, _), times), _ = pairs.most_common(2)
    assert times == 2305
    own = [knocker, refuser] if ours == "both" else [refuser]
    place = place_of(tmp_path, [INSISTING / "test1-malicious.nfdump"], own_networks=own)
    answer = hunt(place)
    assert accused(answer) == []
    assert named(answer) == set()
