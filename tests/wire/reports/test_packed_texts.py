"""Packed logs are read as texts; bombs, damage and what is no text are left alone."""

import gzip
import zipfile
from base64 import encodebytes
from io import BytesIO

from tests.wire.reports.cases import multipart, opened, told

from headwater.wire.mail import Mail
from headwater.wire.reports.packed_texts import MOST_BYTES, MOST_TEXTS, packed_texts

LINE = b"2019-03-12 08:15:27 SRC=192.0.2.7 DST=198.51.100.4 SPT=4444 DPT=23 DROP\n"


def attached(name: str, content: bytes) -> Mail:
    part = (
        f"Content-Type: application/octet-stream; name={name}\n"
        f"Content-Disposition: attachment; filename={name}\n"
        f"Content-Transfer-Encoding: base64\n\n{encodebytes(content).decode()}"
    )
    return multipart("Port scan", "Content-Type: text/plain\n\nlog attached, UTC", part)


def zipped(**files: bytes) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return packed.getvalue()


def test_a_packed_log_accuses_as_a_plain_one() -> None:
    for name, content in (
        ("fw.log.gz", gzip.compress(LINE)),
        ("logs.zip", zipped(fw_log=LINE)),
    ):
        found = opened(attached(name, content)).incidents
        assert [told(i) for i in found] == [("192.0.2.7", 4444, "08:15:27", "scan")]


def test_what_is_no_text_is_left_out() -> None:
    packed = zipped(a_log=b"\0\0" + LINE, a_exe=LINE, a_pdf=LINE, b_txt=LINE)
    assert packed_texts(attached("x.zip", packed)) == [LINE.decode()]
    assert packed_texts(attached("x.log", LINE)) == []


def test_damage_bombs_and_crowds() -> None:
    whole = gzip.compress(LINE)
    assert packed_texts(attached("x.gz", whole[:-9])) == []
    assert packed_texts(attached("x.gz", gzip.compress(b"a" * (MOST_BYTES + 1)))) == []
    crowd = zipped(**{f"f{number}_log": LINE for number in range(MOST_TEXTS + 5)})
    assert len(packed_texts(attached("x.zip", crowd))) == MOST_TEXTS
