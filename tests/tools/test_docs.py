import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from headwater.cli.commands import COMMANDS
from headwater.records.settings import Settings
from headwater.records.tables import TABLES

TOOL = Path(__file__).parents[2] / "tools" / "docs.py"


@pytest.fixture
def docs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(module, "PAGES", tmp_path)
    return module


def test_every_command_setting_table_and_detector_has_its_place(docs: ModuleType) -> None:
    pages = docs.pages()
    for name in COMMANDS:
        assert f"## headwater {name}\n" in pages["commands.md"]
    for key in Settings.model_fields:
        assert key in pages["settings.md"]
    for table, schema in TABLES.items():
        assert f"## {table}\n" in pages["tables.md"]
        for column in schema.names:
            assert f"| `{column}` |" in pages["tables.md"]
    for path in (docs.SOURCE / "detectors").glob("[a-z]*.py"):
        assert f"## {path.stem}\n" in pages["detectors.md"]


def test_comments_beside_columns_are_kept(docs: ModuleType) -> None:
    assert "1: every packet was seen" in docs.pages()["tables.md"]


def test_stale_and_missing_pages_are_noticed(
    docs: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert docs.main(["--check"]) == 1
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    page = docs.PAGES / "settings.md"
    page.write_text(page.read_text() + "x")
    capsys.readouterr()
    assert docs.main(["--check"]) == 1
    assert capsys.readouterr().out == "docs/look-up/settings.md is not fresh: run `make docs`\n"
