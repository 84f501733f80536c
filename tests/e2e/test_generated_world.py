"""A generated network through the command line: as Parquet and CSV, once and twice."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from benchmarks.generator import Exporter, Mix, generate, write
from tests.e2e.hunting import Json, check_form, hunted, told, workspace

MIX = Mix(operations=2, hijacked_share=0.05, ipv6_share=0.2)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    write(generate(3, subscribers=300, hours=1, mix=MIX), Exporter(), folder)
    return folder


@pytest.fixture(scope="module")
def truth(world: Path) -> dict[str, Any]:
    told_truth: dict[str, Any] = json.loads((world / "truth.json").read_text())
    return told_truth


@pytest.fixture(scope="module")
def place(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = settled(world, tmp_path_factory.mktemp("ws"))
    told("import", "flows", "-w", place, world / "flows.parquet")
    return place


@pytest.fixture(scope="module")
def answer(place: Path) -> Json:
    return hunted(place)


def settled(world: Path, folder: Path) -> Path:
    """A workspace with the world's settings, networks and lists."""
    place = workspace(folder, (world / "headwater.toml").read_text())
    told("import", "networks", "-w", place, world / "networks.csv")
    for listed in sorted(world.glob("*.txt")):
        means = "policy" if "policy" in listed.stem else "proxy"
        words = ("--name", listed.stem, "--means", means, "-w", place)
        told("import", "blocklist", listed, *words)
    return place


def test_the_answer_has_the_published_form(answer: Json) -> None:
    check_form(answer)


def test_hijacked_hosts_are_found_and_others_are_not(
    answer: Json, truth: dict[str, Any]
) -> None:
    planted = {address for proxy in truth["proxies"] for address in proxy["addresses"]}
    found = {proxy["address"] for proxy in answer["proxies"]}
    assert len(found & planted) >= len(truth["proxies"]) / 2
    assert len(found - planted) <= len(found) / 10


def test_upstreams_are_placed_by_the_table_of_networks(answer: Json) -> None:
    placed = [row for row in answer["upstreams"] if row["as"] and row["country"]]
    assert placed
    assert len(placed) >= len(answer["upstreams"]) / 2


def test_hunting_twice_gives_the_same_answer(place: Path, answer: Json) -> None:
    assert hunted(place) == answer


def test_importing_twice_changes_nothing(world: Path, place: Path, answer: Json) -> None:
    again = told("import", "flows", "-w", place, world / "flows.parquet")
    assert "imported before, nothing was changed" in again
    assert hunted(place) == answer


def test_rows_as_text_in_any_order_and_in_several_files_are_the_same_flows(
    world: Path, answer: Json, tmp_path: Path
) -> None:
    flows = pq.read_table(world / "flows.parquet")
    shuffled = plain(flows).sort_by([("dst", "descending"), ("packets", "ascending")])
    place, folder = settled(world, tmp_path / "ws"), tmp_path / "flows"
    folder.mkdir()
    half = shuffled.num_rows // 2
    for name, part in (("a", shuffled[:half]), ("b", shuffled[half:])):
        pc.write_csv(part, folder / f"{name}.csv")
    told("import", "flows", "-w", place, folder)
    assert hunted(place) == answer


def plain(rows: pa.Table) -> pa.Table:
    """Without dictionaries and with instants as ISO 8601, as CSV holds them."""
    columns = {}
    for field in rows.schema:
        column = rows.column(field.name)
        coded = pa.types.is_dictionary(field.type)
        columns[field.name] = column.cast(pa.string()) if coded else column
    return pa.table(columns)


def test_a_window_holds_less_than_the_whole(place: Path, answer: Json) -> None:
    start, end = answer["window"]["start"], answer["window"]["end"]
    middle = f"{start[:14]}{(int(start[14:16]) + 30) % 60:02}:00Z"
    assert start < middle < end or pytest.fail("the world does not begin with an hour")
    first, second = hunted(place, "--until", middle), hunted(place, "--since", middle)
    assert first["window"] == {"start": start, "end": f"{middle[:-1]}.000000Z"}
    assert second["window"]["start"] == f"{middle[:-1]}.000000Z"
    flows = [each["counts"]["flows"] for each in (first, second)]
    assert min(flows) > 0
    assert sum(flows) == answer["counts"]["flows"]
