import io
import json

import pytest

from headwater.cli.printing import Column, print_json, print_pairs, print_table, progress

LONG_V6 = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"


def printed(*rows: tuple[object, ...]) -> list[str]:
    stream = io.StringIO()
    columns = [
        Column(name="address", whole=True),
        Column(name="sessions", right=True),
        Column(name="reasons"),
    ]
    print_table(columns, rows, stream=stream)
    return stream.getvalue().splitlines()


def test_a_table_fits_80_columns_and_leaves_addresses_whole() -> None:
    lines = printed((LONG_V6, 12, "many words " * 20), ("192.0.2.1", 3, "x" * 200))
    assert max(map(len, lines)) <= 80
    assert any(LONG_V6 in line for line in lines)
    assert any("192.0.2.1 " in line for line in lines)


def test_cells_are_text_and_never_markup_or_colour() -> None:
    lines = printed(("192.0.2.1", 1, "[red]x[/red] [/]"))
    assert any("[red]x[/red] [/]" in line for line in lines)
    assert "\x1b" not in "".join(lines)


def test_json_is_one_document() -> None:
    stream = io.StringIO()
    print_json({"name": "Köln", "numbers": [1, 2]}, stream)
    assert json.loads(stream.getvalue()) == {"name": "Köln", "numbers": [1, 2]}


def test_pairs_stand_in_one_column() -> None:
    stream = io.StringIO()
    print_pairs({"flows": 12, "exporters": 2}, stream)
    assert stream.getvalue() == "flows      12\nexporters  2\n"


def test_progress_is_silent_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("reading") as on_progress:
        on_progress(1, 2)
    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "coloured"), [(Terminal(), True), (io.StringIO(), False)])
def test_colour_only_on_terminals(
    stream: io.StringIO, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    print_table(
        [Column(name="address", whole=True, colour="cyan")], [["192.0.2.1"]], None, stream
    )
    assert "192.0.2.1" in stream.getvalue()
    assert ("\x1b[36m192.0.2.1" in stream.getvalue()) is coloured
    assert ("\x1b" in stream.getvalue()) is coloured
