"""Files are found, recognised and read, whatever they are packed in."""

import gzip
import os
from io import BytesIO
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headwater.records.errors import MalformedInput, Misconfigured
from headwater.records.intake import Refused
from headwater.sources.flow_files import (
    STDIN,
    Reading,
    find_files,
    format_of,
    ignored_columns,
    kept,
    readings,
)
from headwater.sources.flow_formats import FlowFormat
from headwater.wire.flow_export import FlowDecoder
from headwater.wire.flow_rows import Portion

HEADER = "started_at,src,dst,src_port,dst_port,protocol,packets,bytes,Label\n"
LINE = "2024-05-01T12:00:00Z,192.0.2.1,192.0.2.2,40000,25,tcp,3,180,x\n"
NFDUMP = """\
ts,te,td,sa,da,sp,dp,pr,flg,ipkt,ibyt
2024-05-01 12:00:00,2024-05-01 12:00:00,0.0,192.0.2.1,192.0.2.2,40000,25,TCP,...AP.SF,3,180
Summary
flows,bytes,packets
1,180,3
"""
ZEEK_COLUMNS = {
    "_node_name": "w1",
    "ts": "1714564800.0",
    "id.orig_h": "192.0.2.1",
    "id.orig_p": "40000",
    "id.resp_h": "192.0.2.2",
    "id.resp_p": "25",
    "proto": "tcp",
    "duration": "-",
    "history": "ShADadFf",
    "orig_pkts": "3",
    "orig_ip_bytes": "180",
    "resp_pkts": "2",
    "resp_ip_bytes": "120",
}
ZEEK = (
    "#separator \\x09\n#unset_field\t-\n#fields\t" + "\t".join(ZEEK_COLUMNS) + "\n"
    + "\t".join(ZEEK_COLUMNS.values()) + "\n#close\t2024-05-01-13-00-00\n"
)  # fmt: skip
ZEEK_JSON = (
    '{"ts":1714564800.0,"id.orig_h":"192.0.2.1","id.orig_p":40000,"id.resp_h":"192.0.2.2",'
    '"id.resp_p":25,"proto":"tcp","history":"ShADadFf","orig_pkts":3,"orig_ip_bytes":180,'
    '"resp_pkts":2,"resp_ip_bytes":120}\n'
)
TEXTS = {
    FlowFormat.CSV: HEADER + LINE,
    FlowFormat.NFDUMP_CSV: NFDUMP,
    FlowFormat.ZEEK: ZEEK,
    FlowFormat.ZEEK_JSON: ZEEK_JSON,
}


def all_of(path: Path, spool: Path) -> list[Reading]:
    return list(readings(path, "a", format_of(path), FlowDecoder(), spool))


def flows_of(found: list[Reading]) -> list[dict[str, object]]:
    return [row for got in found if isinstance(got, Portion) for row in got.flows.to_pylist()]


def refused_of(found: list[Reading]) -> list[Refused]:
    return [got for got in found if isinstance(got, Refused)]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("kind", TEXTS)
def test_text_of_each_format(tmp_path: Path, kind: FlowFormat, packed: bool) -> None:
    path = tmp_path / "flows.dat"
    text = TEXTS[kind].encode()
    path.write_bytes(gzip.compress(text) if packed else text)
    assert format_of(path) is kind
    found = all_of(path, tmp_path)
    first, *others = flows_of(found)
    assert (first["src"], first["dst_port"], first["packets"]) == ("192.0.2.1", 25, 3)
    assert [flow["src"] for flow in others] == (["192.0.2.2"] if "Zeek" in kind else [])
    assert refused_of(found) == []


def test_bad_lines_are_named_and_the_others_kept(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    bad = ["too,few\n", LINE.replace("192.0.2.1", "host"), '"open,quote\n', "\n"]
    path.write_text(HEADER + LINE + "".join(line + LINE for line in bad))
    found = all_of(path, tmp_path)
    assert len(flows_of(found)) == 5
    assert sorted((r.position, r.reason) for r in refused_of(found)) == [
        ("line 3", "wrong number of values: 2 of 9"),
        ("line 5", "src not readable"),
        ("line 7", "wrong number of values: 1 of 9"),
    ]


def test_two_zeek_logs_one_behind_the_other(tmp_path: Path) -> None:
    path = tmp_path / "conn.log"
    path.write_text(ZEEK + ZEEK.replace("_node_name\t", "").replace("w1\t", ""))
    found = all_of(path, tmp_path)
    assert [flow["packets"] for flow in flows_of(found)] == [3, 2, 3, 2]
    assert refused_of(found) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("started_at,src\n1,2\n", "no column dst, protocol, packets, bytes"),
        ("sa,da,pr\n1,2,3\n", "nfdump CSV without ts, td, ipkt, ibyt"),
        (HEADER.replace("Label", "x,x") + LINE, "a column name twice"),
    ],
)
def test_columns_that_are_missing_end_the_file(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "flows.csv"
    path.write_text(text)
    with pytest.raises(MalformedInput, match=why):
        all_of(path, tmp_path)


def parquet(path: Path, rows: int, groups: int) -> None:
    table = pa.table(
        {
            "started_at": pa.array([1_714_564_800] * rows, pa.timestamp("s", tz="UTC")),
            "src": ["192.0.2.1"] * rows,
            "dst": pa.array(["192.0.2.2"] * rows).dictionary_encode(),
            "protocol": pa.array([6] * rows, pa.uint8()),
            "packets": pa.array(range(rows), pa.uint64()),
            "bytes": pa.array(range(rows), pa.int64()),
            "Label": ["x"] * rows,
        }
    )
    pq.write_table(table, path, row_group_size=rows // groups, compression="none")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_parquet(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "flows"
    parquet(path, 100, 4)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    flows = flows_of(all_of(path, tmp_path / "spool"))
    assert [flow["packets"] for flow in flows] == list(range(100))
    assert list(tmp_path.glob("spool/*")) == []


def test_a_damaged_row_group_costs_itself_only(tmp_path: Path) -> None:
    path = tmp_path / "flows"
    parquet(path, 100, 4)
    content = bytearray(path.read_bytes())
    metadata = pq.read_metadata(path)
    start = metadata.row_group(1).column(0).data_page_offset
    content[start : start + 20] = b"\xff" * 20
    path.write_bytes(content)
    found = all_of(path, tmp_path)
    assert [flow["packets"] for flow in flows_of(found)] == [*range(25), *range(50, 100)]
    assert [(r.position, r.records) for r in refused_of(found)] == [("row 26", 25)]


@pytest.mark.parametrize("size", [4, 100, 900])
def test_cut_parquet_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "flows"
    parquet(path, 100, 4)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(MalformedInput, match="damaged or cut short"):
        all_of(path, tmp_path)


def test_columns_that_are_passed_over_are_named(tmp_path: Path) -> None:
    table, text = tmp_path / "flows.parquet", tmp_path / "flows.csv"
    parquet(table, 1, 1)
    text.write_text(HEADER)
    assert ignored_columns(table, FlowFormat.PARQUET) == ("Label",)
    assert ignored_columns(text, FlowFormat.CSV) == ("Label",)


def test_folders_are_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    names = ["b/2", "b/1", "a", ".hidden", "b/.hidden/3"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert find_files([tmp_path]) == [tmp_path / name for name in ("a", "b/1", "b/2")]
    assert find_files([tmp_path / ".hidden", STDIN]) == [tmp_path / ".hidden", STDIN]


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no such file"):
        find_files([tmp_path / "nowhere"])


class Stopped(BytesIO):
    """A stream during which somebody presses Ctrl-C."""

    def read(self, size: int | None = -1, /) -> bytes:
        if not self.tell():
            return super().read(4)
        raise KeyboardInterrupt


def test_who_stops_while_a_stream_is_spooled_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), kept(STDIN, Stopped(b"any text"), tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_standard_input_is_spooled_meanwhile(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    with kept(STDIN, BytesIO(TEXTS[FlowFormat.CSV].encode()), spool) as path:
        assert path.parent == spool
        assert len(flows_of(all_of(path, spool))) == 1
    assert list(spool.iterdir()) == []


def test_a_pipe_with_a_name_is_spooled_too(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=[TEXTS[FlowFormat.CSV].encode()])
    writer.start()
    assert find_files([pipe]) == [pipe]
    with kept(pipe, BytesIO(), tmp_path / "spool") as path:
        assert len(flows_of(all_of(path, tmp_path))) == 1
    writer.join()
