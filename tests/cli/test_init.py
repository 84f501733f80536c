import tomllib
from pathlib import Path

import pytest

from headwater.cli.init import make_workspace, settings_text
from headwater.cli.main import run
from headwater.records.settings import Engine, Settings, parse_settings


def test_a_workspace_has_settings_a_lake_and_a_spool(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path / "new")]) == 0
    made = {p.name for p in (tmp_path / "new").iterdir()}
    assert made == {"headwater.toml", "lake", "spool"}


@pytest.mark.parametrize(
    "line",
    [
        'own_networks = ["192.0.2.0/24"]',
        "mail_servers = []",
        "lawful_proxies = []",
        "never_accuse = []",
    ],
)
def test_the_settings_hold_these_lines_literally(line: str) -> None:
    assert line in settings_text().splitlines()


def test_every_setting_is_there_with_its_default_and_meaning() -> None:
    text = settings_text()
    settings = parse_settings(tomllib.loads(text))
    assert settings == parse_settings({"own_networks": ["192.0.2.0/24"]})
    for section in (Settings, Engine):
        for name, field in section.model_fields.items():
            assert name in text
            assert (field.description or "?").split()[0] in text


def test_the_commented_example_can_be_switched_on() -> None:
    text = (
        settings_text()
        .replace("# [exp", "[exp")
        .replace("# already_scaled =", "already_scaled =")
        .replace("# sampling =", "sampling =")
    )
    exporter = parse_settings(tomllib.loads(text)).exporters["192.0.2.1"]
    assert (exporter.already_scaled, exporter.sampling) == (True, 1000)


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = make_workspace(tmp_path)
    path.write_text("mine")
    (tmp_path / "lake" / "x").write_text("mine")
    assert run(["init", str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert path.read_text() == (tmp_path / "lake" / "x").read_text() == "mine"


def test_a_file_in_the_way_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lake").write_text("")
    assert run(["init", str(tmp_path)]) == 2
    assert "is no folder" in capsys.readouterr().err
