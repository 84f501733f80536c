from pathlib import Path

import pytest

from headwater.sources.growing_file import (
    CHUNK,
    LONGEST_RECORD,
    copy_whole_records,
    stamp_of,
)


@pytest.mark.parametrize(
    ("written", "ends", "whole"),
    [
        (b"a\nb\n", b"\n", b"a\nb\n"),
        (b"a\nb", b"\n", b"a\n"),
        (b"a", b"\n", b""),
        (b"", b"\n", b""),
        (b"a\n\tb\n\nc\n\td\n", b"\n\n", b"a\n\tb\n\n"),
        (b"head\nrow\nro", b"\n\n", b"head\nrow\n"),
        (b"lease x {\n}\nlease y {\n", b"\n}\n", b"lease x {\n}\n"),
    ],
)
def test_only_whole_records_are_copied(
    tmp_path: Path, written: bytes, ends: bytes, whole: bytes
) -> None:
    file, copy = tmp_path / "live", tmp_path / "copy"
    file.write_bytes(written)
    assert copy_whole_records(file, copy, ends) == len(whole)
    assert copy.read_bytes() == whole


def test_a_big_file_is_copied_in_pieces(tmp_path: Path) -> None:
    file, copy = tmp_path / "live", tmp_path / "copy"
    lines = b"x" * 99 + b"\n"
    file.write_bytes(lines * (2 * CHUNK // 100) + b"half")
    copy_whole_records(file, copy, b"\n")
    assert copy.read_bytes() == file.read_bytes()[:-4]


def test_a_record_without_end_is_none(tmp_path: Path) -> None:
    file, copy = tmp_path / "live", tmp_path / "copy"
    file.write_bytes(b"a\n" + b"x" * LONGEST_RECORD)
    assert copy_whole_records(file, copy, b"\n") == 0


def test_a_stamp_changes_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "live"
    assert stamp_of(file) is None
    file.write_text("a")
    first = stamp_of(file)
    assert first == stamp_of(file)
    file.write_text("ab")
    second = stamp_of(file)
    assert second != first
    (tmp_path / "other").write_text("ab")
    (tmp_path / "other").rename(file)
    assert stamp_of(file) != second
