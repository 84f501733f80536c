"""Comment lines name the columns, wherever they come."""

import pytest

from headwater.records.errors import MalformedInput
from headwater.wire.lines import Block
from headwater.wire.zeek import NEEDED
from headwater.wire.zeek_header import ZeekHeader, comment_cuts

FIELDS = "\t".join(["#fields", *NEEDED]) + "\n"


def test_columns_separator_and_blank() -> None:
    header = ZeekHeader()
    header.read(b"#separator \\x2c\n#unset_field,NONE\n" + FIELDS.replace("\t", ",").encode())
    values = ["1", "192.0.2.1", "1", "192.0.2.2", "2", "tcp", "1", "60", "NONE", "0"]
    rows = header.parser()(",".join(values).encode()).rows
    assert rows.column_names == list(NEEDED)
    assert [column[0] for column in rows.to_pydict().values()] == [
        None if value == "NONE" else value for value in values
    ]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("#fields\tts\tuid\n", "not a conn.log"),
        (FIELDS.replace("proto", "ts"), "twice"),
        ("#separator \\x09\\x09\n", "separator"),
        ("#separator\n", "separator"),
    ],
)
def test_a_header_that_makes_no_sense(lines: str, why: str) -> None:
    with pytest.raises(MalformedInput, match=why):
        ZeekHeader().read(lines.encode())


def test_records_before_any_header() -> None:
    with pytest.raises(MalformedInput, match="without a #fields line"):
        ZeekHeader().parser()


def test_a_block_is_cut_at_comments() -> None:
    block = Block(5, b"#a\n#b\n1\n2\n#c\n3\n#d")
    assert list(comment_cuts(block)) == [
        Block(5, b"#a\n#b\n"),
        Block(7, b"1\n2\n"),
        Block(9, b"#c\n"),
        Block(10, b"3\n"),
        Block(11, b"#d"),
    ]


def test_a_block_without_comments_stays_whole() -> None:
    assert list(comment_cuts(Block(1, b"1\n2\n"))) == [Block(1, b"1\n2\n")]
