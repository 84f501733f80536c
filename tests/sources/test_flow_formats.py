"""Formats are known by their content."""

import pytest

from headwater.records.errors import MalformedInput
from headwater.sources.flow_formats import FlowFormat, detect, header

ZEEK = b"#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\n"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xd4\xc3\xb2\xa1rest", FlowFormat.CAPTURE),
        (b"\xa1\xb2\x3c\x4drest", FlowFormat.CAPTURE),
        (b"\x0a\x0d\x0d\x0arest", FlowFormat.CAPTURE),
        (b"PAR1rest", FlowFormat.PARQUET),
        (b"\x0c\xa5\x01\x00", FlowFormat.NFCAPD),
        (ZEEK, FlowFormat.ZEEK),
        (b'{"ts":1.5,"id.orig_h":"192.0.2.1"}\n', FlowFormat.ZEEK_JSON),
        (b"ts,te,td,sa,da,sp,dp,pr,flg\n", FlowFormat.NFDUMP_CSV),
        (b"firstSeen,duration,proto,srcAddr,srcPort,dstAddr\n", FlowFormat.NFDUMP_CSV),
        (b"started_at,src,dst,protocol,packets,bytes\n", FlowFormat.CSV),
        (b'\xef\xbb\xbf"started_at";"src";"dst"\r\n', FlowFormat.CSV),
    ],
)
def test_formats(head: bytes, kind: FlowFormat) -> None:
    assert detect(head) is kind


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"", "empty file"),
        (b"\x7fELF\x02\x01", "begins with 7f454c46"),
        (b"2016-07-27 13:43:21,48.380,192.0.2.1,192.0.2.2,53,53,UDP\n", "column names"),
        (b"# a comment\n", "column names"),
        (b"#fields\tts\tquery\n", "a Zeek log, but not conn.log"),
        (b'{"a":1}\n', "JSON, but not"),
        (b"{" * 5000, "JSON, but not"),
        (b"\xff\xfe\x00", "begins with fffe00"),
        (b"\n\n\n", "column names"),
    ],
)
def test_what_is_none_is_said(head: bytes, why: str) -> None:
    with pytest.raises(MalformedInput, match=why):
        detect(head)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_headers(delimiter: str) -> None:
    line = delimiter.join(['"a"', " b ", "c"]).encode() + b"\r\n"
    assert header(line) == (["a", "b", "c"], delimiter)
