from pathlib import Path

import numpy as np
import pytest
from tests.pipeline.lease_files import MARGIN, asked, said, taken
from tests.wire.leases.samples import BLOCKS, DETAIL, ISC, KEA4, at

from headwater.lake.tables import Lake
from headwater.pipeline.who import LeaseBook

MAC = "00:00:5e:00:53:01"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def test_the_last_entry_of_dhcpd_wins_and_earlier_ones_stay_history(
    tmp_path: Path, lake: Lake
) -> None:
    taken(lake, tmp_path, ISC)
    next_client = (
        ISC.split("lease ")[1]
        .replace("09:00:00", "10:00:00")
        .replace("00:5E:00:53:01", "00:5E:00:53:09")
    )
    taken(lake, tmp_path, ISC + "lease " + next_client)
    assert said(lake, "192.0.2.10", "09:15:00") == MAC
    assert said(lake, "192.0.2.10", "09:45:00") == "no lease"
    assert said(lake, "192.0.2.10", "10:30:00") == "00:00:5e:00:53:09"
    assert said(lake, "192.0.2.11", "23:00:00") == "line-7/0:1:3:e9"
    assert said(lake, "2001:db8:1:7::9", "09:05:00") == "0003000100005e005301"


def test_a_lease_that_kea_deleted_is_sure_until_the_last_word_before(
    tmp_path: Path, lake: Lake
) -> None:
    taken(lake, tmp_path, KEA4)
    assert said(lake, "192.0.2.10", "09:05:00") == MAC
    assert said(lake, "192.0.2.10", "09:30:00") == f"cannot say: {MAC}"
    assert said(lake, "192.0.2.10", "10:01:00") == "no lease"


def test_a_radius_session_and_its_missing_stop(tmp_path: Path, lake: Lake) -> None:
    start, update, stop = DETAIL.split("\n\n")
    taken(lake, tmp_path, f"{start}\n\n{update}\n")
    assert said(lake, "192.0.2.10", "09:05:00") == "alice"
    found = asked(lake, "192.0.2.10", "09:20:00")
    assert (found.verdict, found.subscriber) == ("cannot say", None)
    assert found.candidates[0].doubts == ("its end was never told",)
    assert [row.session for row in found.leases] == ["s1", "s1"]
    stop = stop.replace("Calling-Station-Id", "User-Name").replace("00-00-5E-00-53-01", "alice")
    taken(lake, tmp_path, f"{start}\n\n{update}\n\n{stop}\n")
    assert said(lake, "192.0.2.10", "09:20:00") == "alice"
    assert said(lake, "192.0.2.10", "09:40:00") == "no lease"


def test_near_an_edge_and_between_two_nobody_is_named(tmp_path: Path, lake: Lake) -> None:
    rows = ["2026-03-01T09:00Z,2026-03-01T10:00Z,alice", "2026-03-01T10:00Z,,bob"]
    text = "\n".join(["address,starts,ends,subscriber", *(f"192.0.2.1,{r}" for r in rows), ""])
    taken(lake, tmp_path, text)
    found = asked(lake, "192.0.2.1", "09:59:57")
    assert [(c.subscriber, bool(c.doubts)) for c in found.candidates] == [
        ("alice", True),
        ("bob", True),
    ]
    assert said(lake, "192.0.2.1", "09:59:54") == "alice"
    assert len(found.leases) == 2


def test_two_who_certainly_held_it_at_once(tmp_path: Path, lake: Lake) -> None:
    rows = ["09:00Z,2026-03-01T10:00Z,alice", "09:30Z,2026-03-01T11:00Z,bob"]
    lines = [f"192.0.2.1,2026-03-01T{row}" for row in rows]
    taken(lake, tmp_path, "\n".join(["address,starts,ends,subscriber", *lines]))
    found = asked(lake, "192.0.2.1", "09:45:00")
    assert found.verdict == "cannot say"
    assert {c.doubts for c in found.candidates} == {("several held it at once",)}


def test_a_shared_address(tmp_path: Path, lake: Lake) -> None:
    taken(lake, tmp_path, BLOCKS)
    assert said(lake, "192.0.2.1", "09:30:00") == "cannot say: alice, bob, b"
    assert said(lake, "192.0.2.1", "09:30:00", 1500) == "alice"
    assert said(lake, "192.0.2.1", "09:30:00", 99) == "no lease"


def test_a_book_answers_many_as_who_answers_one(tmp_path: Path, lake: Lake) -> None:
    taken(lake, tmp_path, ISC)
    taken(lake, tmp_path, DETAIL, name="radius")
    addresses = ["192.0.2.10", "192.0.2.11", "2001:db8:1::1", "192.0.2.99"]
    book = LeaseBook(lake.read("leases"), MARGIN)
    for clock in ("08:00:00", "09:05:00", "09:20:00", "12:00:00"):
        named = book.subscribers(addresses, np.full(4, at(clock)))
        assert named == [asked(lake, a, clock).subscriber for a in addresses]


def test_no_leases_at_all(lake: Lake) -> None:
    assert said(lake, "192.0.2.1", "09:00:00") == "no lease"
    assert said(lake, "2001:db8::1", "09:00:00", 5) == "no lease"
