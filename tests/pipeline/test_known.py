"""What is known beside the flows, read from a real lake."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.scene import Row, Scene, outside, own, window

from headwater.pipeline.answer import Place
from headwater.pipeline.known import Known, known
from headwater.records.settings import parse_settings

WINDOW = window(2)
SETTINGS = {
    "own_networks": ["192.0.2.0/24"],
    "mail_servers": [own(25), "192.0.2.32/30"],
    "lawful_proxies": [own(31)],
    "never_accuse": ["198.51.100.0/28", own(53), "2001:db8:53::/48"],
}
SAID: Row = {
    "seen_at": WINDOW.start_us - 10,
    "subject_kind": "address",
    "kind": "listed",
    "means": "spam",
    "source": "list.example",
}


class Shelf:
    """A lake with nothing but its small tables."""

    def __init__(self, folder: Path) -> None:
        self.scene = Scene(folder)

    def sightings(self, *rows: Row) -> Known:
        self.scene.write("sightings", [SAID | row for row in rows])
        return self.known()

    def networks(self, *rows: Row) -> Known:
        self.scene.write("networks", [{"as_of": WINDOW.start_us} | row for row in rows])
        return self.known()

    def known(self) -> Known:
        return known(self.scene.lake, parse_settings(SETTINGS), WINDOW)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def lists(found: Known, *hosts: str) -> dict[str, int]:
    told = found.listings(hosts).to_pylist()
    return {row["host"]: len(json.loads(row["lists"])) for row in told}


def network(prefix: str, source: str = "wide.example", **said: Any) -> Row:
    return {"subject": prefix, "subject_kind": "network", "source": source, **said}


def test_an_empty_lake_knows_nothing(shelf: Shelf) -> None:
    found = shelf.known()
    assert found.listings([own(1)]).num_rows == 0
    assert found.indicated.num_rows == 0
    assert found.locate([outside(1)]) == [Place()]


def test_lists_name_hosts_by_address_and_by_prefix(shelf: Shelf) -> None:
    found = shelf.sightings(
        {"subject": own(10)},
        {"subject": own(10), "source": "other.example", "means": "proxy"},
        {"subject": own(99)},
        network("192.0.2.8/30"),
        network("2001:db8:1::/48"),
    )
    asked = lists(found, own(10), own(11), own(12), "2001:db8:1::5", "2001:db8:2::5")
    assert asked == {own(10): 3, own(11): 1, "2001:db8:1::5": 1}


def test_a_list_counts_once_however_often_it_says_so(shelf: Shelf) -> None:
    found = shelf.sightings(
        {"subject": own(10)},
        {"subject": own(10), "seen_at": WINDOW.start_us - 5},
        network("192.0.2.8/29", source="list.example"),
        network("192.0.2.0/24", source="list.example"),
    )
    assert lists(found, own(10)) == {own(10): 1}


@pytest.mark.parametrize("means", ["policy", "other"])
def test_a_policy_list_accuses_nobody(shelf: Shelf, means: str) -> None:
    found = shelf.sightings(
        {"subject": own(10), "means": means}, network("192.0.2.0/24", means=means)
    )
    assert lists(found, own(10)) == {}


@pytest.mark.parametrize("kind", ["indicator", "reported", "tested"])
def test_only_lists_are_counted_as_lists(shelf: Shelf, kind: str) -> None:
    assert lists(shelf.sightings({"subject": own(10), "kind": kind}), own(10)) == {}


@pytest.mark.parametrize(
    ("until_us", "counts"),
    [
        (None, True),
        (WINDOW.end_us, True),
        (WINDOW.start_us, True),
        (WINDOW.start_us - 1, False),
    ],
)
def test_what_had_run_out_before_the_window_is_forgotten(
    shelf: Shelf, until_us: int | None, counts: bool
) -> None:
    found = shelf.sightings(
        {"subject": own(10), "until": until_us},
        network("192.0.2.11/32", until=until_us),
        {"subject": outside(9), "kind": "indicator", "means": "other", "until": until_us},
    )
    assert lists(found, own(10), own(11)) == ({own(10): 1, own(11): 1} if counts else {})
    assert found.indicated.num_rows == int(counts)


def test_indicators_are_addresses_each_once(shelf: Shelf) -> None:
    malware = {"kind": "indicator", "means": "other"}
    found = shelf.sightings(
        {"subject": outside(9), **malware},
        {"subject": outside(9), "source": "second.example", **malware},
        {"subject": "master.example", "subject_kind": "domain", **malware},
        {"subject": outside(8), "kind": "listed"},
    )
    assert found.indicated.to_pylist() == [{"server": outside(9)}]


def test_roles_are_what_the_settings_say(shelf: Shelf) -> None:
    hosts = [own(25), own(31), own(33), own(36)]
    rows = shelf.known().roles(hosts).to_pylist()
    assert [(r["host"], r["mail_server"], r["lawful_proxy"]) for r in rows] == [
        (own(25), True, False),
        (own(31), False, True),
        (own(33), True, False),
        (own(36), False, False),
    ]


def test_whom_never_to_accuse(shelf: Shelf) -> None:
    asked = [outside(15), outside(16), own(53), own(54), "2001:db8:53::1", "2001:db8:54::1"]
    assert shelf.known().spare(asked) == [True, False, True, False, True, False]


def test_places_are_those_of_the_longest_prefix(shelf: Shelf) -> None:
    found = shelf.networks(
        {"prefix": "198.51.100.0/25", "as_number": 64501, "country": "AA"},
        {"prefix": "198.51.100.0/24", "as_number": 64500, "country": "ZZ"},
        {"prefix": "2001:db8::/32", "as_number": 64502},
    )
    asked = [outside(1), outside(200), outside(300), "2001:db8::1"]
    assert found.locate(asked) == [
        Place(as_number=64501, country="AA"),
        Place(as_number=64500, country="ZZ"),
        Place(),
        Place(as_number=64502),
    ]


def test_of_one_prefix_said_twice_the_newer_counts(shelf: Shelf) -> None:
    prefix = "198.51.100.0/24"
    found = shelf.networks(
        {"prefix": prefix, "as_number": 64502, "as_of": WINDOW.start_us + 5},
        {"prefix": prefix, "as_number": 64501, "as_of": WINDOW.start_us},
    )
    assert found.locate([outside(1)]) == [Place(as_number=64502)]
