"""Snapshots there and back, cut short, damaged; rows that are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.dnslist.answers.age_lookup import Knowledge, look_up
from headwater.dnslist.answers.age_rows import build_snapshot
from headwater.dnslist.answers.ages import AgeTable
from headwater.dnslist.answers.dal import DalZone
from headwater.dnslist.answers.proxies import PROXY_ROWS
from headwater.dnslist.answers.snapshot import MAGIC, Snapshot, read_snapshot, snapshot_pieces
from headwater.dnslist.serve.snapshot_file import (
    Watched,
    open_proxies,
    open_snapshot,
)
from headwater.outputs.files import deliver
from headwater.records.errors import MalformedInput
from headwater.wire.dns import labels_of


def block(snapshot: Snapshot) -> bytes:
    return b"".join(snapshot_pieces(snapshot))


def test_a_snapshot_on_disk_answers_the_same(
    snapshot: Snapshot, tmp_path: Path, world: Any
) -> None:
    path = tmp_path / "dns" / "ages"
    size = deliver(snapshot_pieces(snapshot), path)
    assert path.stat().st_size == size
    opened = open_snapshot(path)
    for name, *_ in world.rows:
        assert look_up(opened, labels_of(name)) == look_up(snapshot, labels_of(name))
    assert look_up(opened, labels_of("fresh.example")).knowledge is Knowledge.KNOWN
    assert (opened.registrars, opened.provenances) == (
        snapshot.registrars,
        snapshot.provenances,
    )
    assert [p.name for p in path.parent.iterdir()] == ["ages"]


def test_every_cut_is_noticed(snapshot: Snapshot) -> None:
    whole = np.frombuffer(block(snapshot), np.uint8)
    for size in [*range(200), *range(200, len(whole) - 64, 997)]:
        with pytest.raises(MalformedInput):
            read_snapshot(whole[:size])


@given(st.binary(max_size=300))
def test_any_bytes_are_a_snapshot_or_malformed(text: bytes) -> None:
    for front in (b"", MAGIC):
        with pytest.raises(MalformedInput):
            read_snapshot(np.frombuffer(front + text, np.uint8))


def test_a_description_that_lies_is_refused(snapshot: Snapshot) -> None:
    for old, new in [
        (b'"facts": 13', b'"facts": 99'),
        (b'"facts": 13', b'"facts": -1'),
        (b'"made_at"', b'"maybe_t"'),
    ]:
        lying = block(snapshot).replace(old, new)
        with pytest.raises(MalformedInput):
            read_snapshot(np.frombuffer(lying, np.uint8))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ages").touch()
    with pytest.raises(MalformedInput):
        open_snapshot(tmp_path / "ages")


def test_rows_that_are_no_names_are_refused_and_counted(world: Any) -> None:
    rows = [
        ("good.example", "2026-01-01", None),
        ("UPPER.example", "2026-01-01", None),
        ("nodots", "2026-01-01", None),
        ("a..example", "2026-01-01", None),
        ("a" * 64 + ".example", "2026-01-01", None),
        (".".join(["a" * 63] * 4), "2026-01-01", None),
        ("sp ace.example", "2026-01-01", None),
    ]
    batch = world.batch(rows)
    undated = batch.set_column(1, "registered", np.full(7, None)).cast(batch.schema)
    made, refused = build_snapshot([batch], rules=["example"], secret=world.secret, made_at=1)
    assert (len(made.ages), refused) == (1, 6)
    assert build_snapshot([undated], rules=["example"], secret=world.secret, made_at=1)[1] == 7


def test_no_rows_make_an_empty_snapshot(world: Any, tmp_path: Path) -> None:
    made, _ = build_snapshot([], rules=[], secret=world.secret, made_at=1)
    deliver(snapshot_pieces(made), tmp_path / "ages")
    looked = look_up(open_snapshot(tmp_path / "ages"), (b"a", b"example"))
    assert (looked.knowledge, looked.name) == (Knowledge.NOT_YET, b"a.example")


def test_a_new_file_is_noticed_once(snapshot: Snapshot, tmp_path: Path) -> None:
    watched = Watched(tmp_path / "ages")
    assert not watched.changed()
    deliver(snapshot_pieces(snapshot), tmp_path / "ages")
    assert (watched.changed(), watched.changed()) == (True, False)
    deliver(snapshot_pieces(snapshot), tmp_path / "ages")
    assert watched.changed()
    (tmp_path / "ages").unlink()
    assert not watched.changed()


def test_buckets_out_of_order_are_refused(snapshot: Snapshot) -> None:
    have = snapshot.ages
    for wrong in (len(have) - 1, 1 << 31):
        starts = have.starts.copy()
        starts[0] = wrong  # beyond the bucket's end
        with pytest.raises(MalformedInput):
            AgeTable(starts, have.fingerprints, have.facts)


def test_a_table_of_something_else_is_no_table_of_proxies(tmp_path: Path) -> None:
    path = tmp_path / "proxies.arrow"
    odd = pa.table({**{name: [1] for name in PROXY_ROWS.names}, "until": [None]})
    with pa.ipc.new_file(str(path), odd.schema) as writer:
        writer.write_table(odd)
    with pytest.raises(MalformedInput):
        open_proxies(path)


def test_days_before_all_domains_and_far_ahead_can_be_told(world: Any, apex: Any) -> None:
    batch = world.batch([("odd.example", "1901-01-01", "2900-01-01")])
    at = batch.schema.get_field_index("as_of")
    for as_of in (-3000, 2_000_000_000):
        rows = batch.set_column(at, "as_of", pa.array([as_of], pa.int32())).cast(batch.schema)
        made, _ = build_snapshot([rows], rules=["example"], secret=world.secret, made_at=1)
        zone = DalZone(apex("dal.example.org"), made, details=True)
        verdict = zone.look(labels_of("odd.example"), world.now)
        assert verdict.text.startswith(b"19800101; changed=")
        assert verdict.address == 0x7F00FF00
