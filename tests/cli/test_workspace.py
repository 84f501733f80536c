from pathlib import Path

import pytest

from headwater.cli.init import make_workspace
from headwater.cli.workspace import VARIABLE, find_workspace, open_workspace
from headwater.records.errors import Misconfigured


def test_what_is_given_wins_over_the_variable_and_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("given", "named", "here"):
        make_workspace(tmp_path / name)
    monkeypatch.chdir(tmp_path / "here")
    named = {VARIABLE: str(tmp_path / "named")}
    assert find_workspace(tmp_path / "given", named) == tmp_path / "given"
    assert find_workspace(None, named) == tmp_path / "named"
    assert find_workspace(None, {}) == Path()


def test_a_folder_without_settings_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="headwater init"):
        find_workspace(tmp_path)
    with pytest.raises(Misconfigured, match=rf"\${VARIABLE}"):
        find_workspace(None, {VARIABLE: str(tmp_path)})


def test_an_open_workspace_knows_its_places(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    place = open_workspace(tmp_path)
    assert (place.lake, place.spool) == (tmp_path / "lake", tmp_path / "spool")
    assert str(place.zone) == "UTC"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            b'own_networks = ["192.0.2.0/24"]\nmail_servers = [',
            r"headwater\.toml: not TOML.*line 2",
        ),
        (b"own_networks = []\nown_networks = []", "line 2"),
        (b"\xff\xfe", "not TOML"),
        (b"a = " + b"[" * 5000, "not TOML"),
        (b"#" * (1 << 20) + b"#", "larger than"),
        (
            b"own_networks = []\ntimezone = 'Mars/Olympus'",
            'timezone = "Mars/Olympus": expected',
        ),
        (b"own_networks = []\ntimezone = '../../etc/passwd'", "timezone = "),
        (b"own_networks = ['x']", r"headwater\.toml: own_networks\[0\]"),
    ],
)
def test_unreadable_settings_are_told_with_their_place(
    text: bytes, told: str, tmp_path: Path
) -> None:
    (tmp_path / "headwater.toml").write_bytes(text)
    with pytest.raises(Misconfigured, match=told):
        open_workspace(tmp_path)
