import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from headwater.records.errors import MalformedInput
from headwater.sources import list_files
from headwater.sources.list_files import LONGEST_LINE, bytes_of, digest_of, lines_of

TEXT = b"192.0.2.1\r\nK\xf6ln\n\nlast"
PACKERS: list[Callable[[bytes], bytes]] = [bytes, gzip.compress, bz2.compress, lzma.compress]


@pytest.mark.parametrize("pack", PACKERS)
def test_lines_of_plain_and_packed_files(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "list"
    path.write_bytes(pack(TEXT))
    assert list(lines_of(path)) == ["192.0.2.1\r", "K\ufffdln", "", "last"]
    assert bytes_of(path, len(TEXT)) == TEXT


@pytest.mark.parametrize("cut", [12, -9, -1])
def test_broken_compressed_data_is_malformed(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "list.gz"
    path.write_bytes(gzip.compress(TEXT * 100)[:cut])
    with pytest.raises(MalformedInput, match="damaged or cut short"):
        list(lines_of(path))


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_lines_do_not_depend_on_how_they_are_read(
    tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_files, "CHUNK", chunk)
    path = tmp_path / "list"
    path.write_bytes(TEXT + b"\n")
    assert list(lines_of(path)) == ["192.0.2.1\r", "K\ufffdln", "", "last"]


@pytest.mark.parametrize("chunk", [1000, 1 << 20])
def test_an_endless_line_is_one_line_and_bounded(
    tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_files, "CHUNK", chunk)
    path = tmp_path / "list"
    path.write_bytes(b"x" * (LONGEST_LINE * 3) + b"\nnext\n" + b"y" * (LONGEST_LINE * 2))
    assert [len(line) for line in lines_of(path)] == [LONGEST_LINE, 4, LONGEST_LINE]


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"x\n" * 10_000))
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
