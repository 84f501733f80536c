"""Compressed files are known by their octets and bounded; damage is malformed input."""

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from headwater.records.errors import MalformedInput
from headwater.sources import opened as opened_module
from headwater.sources.opened import is_packed, opened

TEXT = b"one line of a log\n" * 20_000


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
}


def read_all(path: Path, size: int = 4096) -> bytes:
    with opened(path) as stream:
        parts = []
        while data := stream.read(size):
            parts.append(data)
    return b"".join(parts)


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_packed_files_whatever_their_name(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "flows.log"
    path.write_bytes(pack(TEXT))
    assert is_packed(path)
    assert read_all(path) == TEXT


def test_plain_files(tmp_path: Path) -> None:
    path = tmp_path / "flows.log.gz"
    path.write_bytes(TEXT)
    assert not is_packed(path)
    assert read_all(path) == TEXT


def test_concatenated_gzip_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "flows.log"
    path.write_bytes(gzip.compress(TEXT) + gzip.compress(b"more\n"))
    assert read_all(path) == TEXT + b"more\n"


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_a_cut_file_is_malformed(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "flows.log"
    noise = os.urandom(100_000)
    path.write_bytes(pack(noise)[:-50])
    with pytest.raises(MalformedInput, match="damaged or cut short"):
        read_all(path)


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened_module, "ALLOWED_BYTES", 1 << 20)
    path = tmp_path / "flows.log"
    path.write_bytes(bz2.compress(bytes(64 << 20)))
    with pytest.raises(MalformedInput, match="unpacks to far more"):
        read_all(path, 1 << 16)


def test_peeked_octets_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "flows.log"
    path.write_bytes(gzip.compress(TEXT))
    with opened(path) as stream:
        assert stream.peek(10) == TEXT[:10]
        assert stream.read(4) == TEXT[:4]
        assert stream.read(5000) == TEXT[4:5004]


def test_reading_is_told(tmp_path: Path) -> None:
    path = tmp_path / "flows.log"
    path.write_bytes(TEXT)
    heard: list[int] = []
    with opened(path, heard.append) as stream:
        while stream.read(100_000):
            pass
    assert heard[-1] == len(TEXT)
    assert heard == sorted(heard)
