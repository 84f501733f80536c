import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from headwater.cli.doctor import examine, verdict
from headwater.cli.doctor_settings import remarks_on_settings
from headwater.cli.init import make_workspace
from headwater.cli.main import run
from headwater.cli.remark import Level, Remark
from headwater.lake.tables import Lake
from headwater.pipeline.import_leases import as_rows
from headwater.records.lease import Lease
from headwater.records.settings import parse_settings
from headwater.records.window import to_us

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
OWN = "198.51.100.0/24"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    make_workspace(tmp_path).write_text(f'own_networks = ["{OWN}"]\n')
    return tmp_path


def write_flows(
    place: Path,
    pairs: list[tuple[str, str]],
    at: datetime = NOW,
    times: int = 100,
    **columns: list[int],
) -> None:
    rows = len(pairs) * times
    table = pa.table(
        {
            "started_at": pa.array([at] * rows, pa.timestamp("us", tz="UTC")),
            "ended_at": pa.array([at] * rows, pa.timestamp("us", tz="UTC")),
            "src": [src for src, _ in pairs] * times,
            "dst": [dst for _, dst in pairs] * times,
            "exporter": ["192.0.2.254"] * rows,
        }
        | {
            name: pa.array([1] * rows, kind)
            for name, kind in {
                "src_port": pa.int32(),
                "dst_port": pa.int32(),
                "protocol": pa.int32(),
                "packets": pa.int64(),
                "bytes": pa.int64(),
                "sampling": pa.int32(),
            }.items()
        }
        | {name: pa.array(values, pa.int32()) for name, values in columns.items()}
    )
    with Lake(place / "lake").append("flows", f"{at} {pairs}") as change:
        change.write(table)


BOTH_WAYS = [("198.51.100.1", "203.0.113.1"), ("203.0.113.1", "198.51.100.1")]


def said(place: Path) -> str:
    """All remarks but those on what this machine happens to have installed."""
    return "\n".join(
        remark.what for remark in examine(place, NOW) if "install" not in remark.do
    )


def test_all_is_well(place: Path) -> None:
    write_flows(place, BOTH_WAYS)
    assert said(place) == ""


def test_no_workspace_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "-w", str(tmp_path)]) == 3
    assert "headwater init" in capsys.readouterr().out


def test_unreadable_settings_are_broken(place: Path) -> None:
    (place / "headwater.toml").write_text("own_networks = 7")
    assert "own_networks = 7: expected" in said(place)
    assert verdict(list(examine(place, NOW))) == 3


def test_a_new_workspace_is_odd_and_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_workspace(tmp_path)
    assert run(["doctor", "-w", str(tmp_path), "--json"]) == 1
    remarks = json.loads(capsys.readouterr().out)
    assert {"what": "there are no flows yet", "do": "headwater import flows FILE...",
            "level": "odd"} in remarks  # fmt: skip
    assert any("still the example" in remark["what"] for remark in remarks)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"own_networks": []}, "own_networks is empty"),
        ({"own_networks": ["192.0.2.0/24"]}, "still the example"),
        ({"own_networks": ["0.0.0.0/0"]}, "wider than"),
        ({"own_networks": ["::/0"]}, "wider than"),
        ({"own_networks": ["10.0.0.0/8", "10.1.0.0/16"]}, "which overlap"),
        ({"own_networks": [OWN], "never_accuse": ["198.51.100.0/23"]}, "all of your"),
        ({"own_networks": [OWN], "lawful_proxies": [OWN]}, "all of your"),
    ],
)
def test_settings_that_are_hardly_meant(settings: dict[str, list[str]], told: str) -> None:
    (remark,) = remarks_on_settings(parse_settings(settings))
    assert told in remark.what


@pytest.mark.parametrize(
    "settings",
    [
        {"own_networks": ["10.0.0.0/8", "2001:db8::/32"]},
        {
            "own_networks": [OWN],
            "never_accuse": ["198.51.100.7"],
            "mail_servers": ["192.0.2.1"],
        },
    ],
)
def test_sensible_settings_are_left_alone(settings: dict[str, list[str]]) -> None:
    assert list(remarks_on_settings(parse_settings(settings))) == []


def test_flows_of_somebody_else_are_odd(place: Path) -> None:
    write_flows(place, [("192.0.2.1", "203.0.113.1"), ("203.0.113.1", "192.0.2.1")])
    assert "100% have neither side in own_networks" in said(place)


@pytest.mark.parametrize(("kept", "missing"), [(0, "to"), (1, "from")])
def test_an_exporter_of_one_direction_is_named(place: Path, kept: int, missing: str) -> None:
    write_flows(place, [BOTH_WAYS[kept]])
    assert f"exporter 192.0.2.254 shows no flows {missing} your networks" in said(place)


def test_a_few_flows_prove_nothing_about_directions(place: Path) -> None:
    write_flows(place, [BOTH_WAYS[0]], times=99)
    assert said(place) == ""


@pytest.mark.parametrize(
    ("begun", "other", "rate", "told"),
    [
        pytest.param(20, 0x18, 1, True, id="a tenth show their beginning"),
        pytest.param(100, 0x18, 1, False, id="half of them"),
        pytest.param(20, 0x18, 10, False, id="it is said"),
        pytest.param(0, 0x10, 1, False, id="nothing but acknowledgements"),
        pytest.param(0, 0, 1, False, id="no flags"),
    ],
)
def test_sampling_that_is_not_said(
    place: Path, begun: int, other: int, rate: int, told: bool
) -> None:
    rows = 2 * 100
    write_flows(
        place,
        BOTH_WAYS,
        src_port=list(range(rows)),
        protocol=[6] * rows,
        sampling=[rate] * rows,
        tcp_flags=[0x1B] * begun + [other] * (rows - begun),
    )
    assert ("as if it sampled" in said(place)) == told


def test_clocks_that_cannot_be_right(place: Path) -> None:
    write_flows(place, BOTH_WAYS, at=NOW + timedelta(hours=2))
    write_flows(place, BOTH_WAYS, at=datetime(1970, 1, 2, tzinfo=UTC))
    assert "from the future" in said(place)
    assert "from 1970-01-02: a router's clock was never set" in said(place)


@pytest.mark.parametrize(("hours", "odd"), [(24, False), (25, True)])
def test_leases_that_stopped_coming_are_odd(place: Path, hours: int, odd: bool) -> None:
    write_flows(place, BOTH_WAYS)
    began = NOW - timedelta(hours=hours)
    lease = Lease(
        held="198.51.100.1",
        starts_us=to_us(began),
        sure_us=to_us(NOW),
        ends_us=None,
        told_us=to_us(NOW),
        subscriber="alice",
    )
    with Lake(place / "lake").append("leases", "x") as change:
        change.write(as_rows([lease], "radius"))
    assert ("the newest lease began" in said(place)) is odd


def test_damage_is_broken(place: Path) -> None:
    write_flows(place, BOTH_WAYS)
    (file,) = (place / "lake" / "flows").glob("date=*/hour=*/*")
    file.write_bytes(file.read_bytes()[:-9])
    remarks = list(examine(place, NOW))
    assert any("table flows is damaged" in r.what for r in remarks)
    assert verdict(remarks) == 3


def test_an_import_that_was_killed_is_told(place: Path) -> None:
    (place / "lake" / "flows" / ".staging-dead").mkdir(parents=True)
    assert "stopped half-way" in said(place)


def test_the_verdict_is_the_worst_remark() -> None:
    odd = Remark(level=Level.ODD, what="", do="")
    broken = Remark(level=Level.BROKEN, what="", do="")
    assert [verdict([]), verdict([odd]), verdict([odd, broken])] == [0, 1, 3]
