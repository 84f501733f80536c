import json
from pathlib import Path

import pytest
from tests.e2e.hunting import check_form, hunted, told, workspace

from headwater.cli.answer_tables import SHEETS
from headwater.cli.main import run
from headwater.cli.printing import WIDTH
from headwater.lab.recordings import Recording
from headwater.lake.tables import Lake
from headwater.pipeline.runs import latest

OWN = 'own_networks = ["192.0.2.0/24"]\n'
HEADER = "started_at,ended_at,src,dst,src_port,dst_port,protocol,packets,bytes\n"
QUIET = (
    "2026-01-01T12:00:00Z,2026-01-01T12:00:01Z,192.0.2.1,198.51.100.1,40000,443,6,9,900\n"
    "2026-01-01T12:00:00Z,2026-01-01T12:00:01Z,198.51.100.1,192.0.2.1,443,40000,6,9,9000\n"
)


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    """A workspace where one host reads one page."""
    place = workspace(tmp_path / "ws", OWN)
    (tmp_path / "flows.csv").write_text(HEADER + QUIET)
    told("import", "flows", "-w", place, tmp_path / "flows.csv")
    return place


def test_tables_fit_and_name_everybody(hunted_place: Path, recording: Recording) -> None:
    text = told("hunt", "-w", hunted_place)
    assert all(len(line.rstrip()) <= WIDTH for line in text.splitlines())
    truth = recording.truth
    planted = [each.address for each in truth.proxies] + [m.address for m in truth.masters]
    assert [a for a in (*planted, *truth.drivers, *truth.sleepers) if a not in text] == []
    for title in ("Proxies", "Upstreams", "Masters", "Next suspects", "Operations"):
        assert title in text
    assert "both directions 91 %" in text


def test_only_the_first_rows_are_printed_and_the_rest_is_counted(hunted_place: Path) -> None:
    text = told("hunt", "-w", hunted_place, "--top", "2")
    assert "... and 10 more proxies" in text


def test_the_run_is_kept_and_the_latest_one_speaks(hunted_place: Path) -> None:
    lake = Lake(hunted_place / "lake")
    before = latest(lake)
    hunted(hunted_place)
    after = latest(lake)
    assert before
    assert after
    assert after.name > before.name
    assert after.window == before.window
    assert after.counts == before.counts
    assert {f.subject for f in after.findings} == {f.subject for f in before.findings}


def test_where_nothing_is_found_it_says_so_and_ends_with_one(quiet: Path) -> None:
    text = told("hunt", "-w", quiet, code=1)
    for name in SHEETS:
        assert f"No {name} found." in text
    assert "2 flows, 1 sessions of 1 own hosts" in text


def test_where_nothing_is_found_json_is_whole(quiet: Path) -> None:
    answer = json.loads(told("hunt", "--json", "-w", quiet, code=1))
    check_form(answer)
    assert answer["proxies"] == answer["operations"] == []
    assert answer["counts"] == {
        "flows": 2,
        "sessions": 1,
        "own_hosts": 1,
        "both_directions": 1.0,
    }


def test_foreign_own_networks_are_pointed_out(quiet: Path) -> None:
    (quiet / "headwater.toml").write_text('own_networks = ["203.0.113.0/24"]\n')
    assert "no session touches own_networks" in told("hunt", "-w", quiet, code=1)


def test_own_networks_may_change_between_two_hunts(quiet: Path) -> None:
    (quiet / "headwater.toml").write_text('own_networks = ["203.0.113.0/24"]\n')
    told("hunt", "-w", quiet, code=1)
    (quiet / "headwater.toml").write_text(OWN)
    assert "of 1 own hosts" in told("hunt", "-w", quiet, code=1)


def test_a_time_without_flows_says_which_there_are(hunted_place: Path) -> None:
    words = ("--since", "2020-01-01", "--until", "2020-01-02")
    text = told("hunt", "-w", hunted_place, *words, code=1)
    assert text.startswith("There are no flows in that time; there are some from ")
    run_before = latest(Lake(hunted_place / "lake"))
    assert run_before
    assert run_before.counts.flows > 0


def test_a_window_is_cut_to_what_the_lake_holds(hunted_place: Path) -> None:
    whole = hunted(hunted_place)
    assert hunted(hunted_place, "--since", "2000-01-01")["window"] == whole["window"]


@pytest.mark.parametrize(
    ("words", "told_what"),
    [
        (("--since", "soon"), "expected a time such as"),
        (("--since", "2026-01-02", "--until", "2026-01-01"), "is not before"),
        (("--engine", "abacus"), "abacus"),
        (("--top", "0"), "--top"),
    ],
)
def test_wrong_use_ends_with_two(
    quiet: Path,
    words: tuple[str, ...],
    told_what: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["hunt", "-w", str(quiet), *words]) == 2
    assert told_what in capsys.readouterr().err


def test_a_lake_without_flows_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = workspace(tmp_path, OWN)
    assert run(["hunt", "-w", str(place)]) == 2
    assert "headwater import flows" in capsys.readouterr().err


def test_a_lake_that_is_damaged_ends_with_three(
    quiet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told("hunt", "-w", quiet, code=1)
    for path in (quiet / "lake" / "sessions").rglob("*.parquet"):
        path.write_bytes(b"not parquet")
    assert run(["hunt", "-w", str(quiet)]) == 3
    assert "sessions" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")
def test_the_other_engine_finds_the_same(hunted_place: Path) -> None:
    mine, other = hunted(hunted_place), hunted(hunted_place, "--engine", "spark")
    for part in ("proxies", "upstreams", "masters"):
        assert [(row["address"], row["confidence"]) for row in mine[part]] == [
            (row["address"], row["confidence"]) for row in other[part]
        ]
