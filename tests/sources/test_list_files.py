import gzip
from pathlib import Path

import pytest

from headwater.records.errors import MalformedInput
from headwater.sources import list_files
from headwater.sources.list_files import LONGEST_LINE, bytes_of, digest_of, lines_of

TEXT = b"192.0.2.1\r\nK\xf6ln\n\nlast"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_of_plain_and_packed_files(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "list"
    path.write_bytes(gzip.compress(TEXT) if pack is gzip.compress else TEXT)
    assert list(lines_of(path)) == ["192.0.2.1\r\n", "K\ufffdln\n", "\n", "last"]
    assert bytes_of(path, len(TEXT)) == TEXT


@pytest.mark.parametrize("cut", [3, 12, -9, -1])
def test_broken_gzip_data_is_malformed(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "list.gz"
    path.write_bytes(gzip.compress(TEXT * 100)[:cut])
    with pytest.raises(MalformedInput, match="broken gzip data"):
        list(lines_of(path))


def test_an_endless_line_is_one_line_and_bounded(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"x" * (LONGEST_LINE * 3) + b"\nnext\n")
    assert [len(line) for line in lines_of(path)] == [LONGEST_LINE, 5]


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_files, "LARGEST_UNPACKED", 1000)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"x\n" * 10_000))
    with pytest.raises(MalformedInput, match="unpacks to more than"):
        list(lines_of(path))
    with pytest.raises(MalformedInput, match="larger than 100 bytes"):
        bytes_of(path, 100)


def test_the_digest_names_content_and_words(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(TEXT)
    other.write_bytes(TEXT)
    assert digest_of(one, "a", "b") == digest_of(other, "a", "b")
    assert digest_of(one, "a", "b") != digest_of(one, "ab")
    other.write_bytes(TEXT + b"x")
    assert digest_of(one) != digest_of(other)
