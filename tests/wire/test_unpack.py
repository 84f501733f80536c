import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.unpack import Member, unpack

TEXT = b"ip,port\n192.0.2.7,22\n" * 20


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


ZIP = zipped(("a.csv", TEXT))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_members_of_a_zip(method: int) -> None:
    data = zipped(("a.csv", TEXT), ("b.csv", b"x"), method=method)
    assert unpack("x.zip", data) == [Member("a.csv", TEXT), Member("b.csv", b"x")]


def test_gzip_and_what_is_packed_in_no_way() -> None:
    assert unpack("a.csv.gz", gzip.compress(TEXT)) == [Member("a.csv", TEXT)]
    assert unpack("a.csv", TEXT) == [Member("a.csv", TEXT)]


@pytest.mark.parametrize("data", [zipped(("a", bytes(10**6))), gzip.compress(bytes(10**6))])
def test_a_bomb_does_not_go_off(data: bytes) -> None:
    with pytest.raises(MalformedInput, match="more than 1000 bytes"):
        unpack("x", data, most=1000)


def test_the_bound_is_for_all_members_together() -> None:
    data = zipped(("a", bytes(600)), ("b", bytes(600)))
    with pytest.raises(MalformedInput, match="more than 400 bytes"):
        unpack("x", data, most=1000)


def test_other_methods_are_refused() -> None:
    with pytest.raises(MalformedInput, match="method"):
        unpack("x", zipped(("a", TEXT), method=zipfile.ZIP_LZMA))


def test_too_many_members_are_refused() -> None:
    with pytest.raises(MalformedInput, match="members"):
        unpack("x", zipped(*((f"{n}", b"") for n in range(101))))


@pytest.mark.parametrize("size", range(4, len(ZIP)))
def test_every_truncation_of_a_zip_is_malformed(size: int) -> None:
    with pytest.raises(MalformedInput):
        unpack("x", ZIP[:size])


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b"]))
def test_any_bytes_give_members_or_malformed_input(data: bytes, magic: bytes) -> None:
    try:
        members = unpack("x", magic + data)
    except MalformedInput:
        return
    assert all(isinstance(m.content, bytes) for m in members)


@given(st.integers(0, len(ZIP) - 1), st.integers(0, 255))
def test_any_changed_octet_gives_members_or_malformed_input(at: int, octet: int) -> None:
    data = ZIP[:at] + bytes([octet]) + ZIP[at + 1 :]
    try:
        members = unpack("x", data)
    except MalformedInput:
        return
    assert len(members) <= 100
