"""The exporter's arithmetic: nothing is lost, nothing is doubled, samples are fair."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from benchmarks.generator import Exporter, Mix, World, export, export_parts, generate
from benchmarks.generator.draws import Ints
from benchmarks.generator.exporter import F_ACK, F_SYN

from headwater.records.tables import FLOWS

MIX = Mix(hijacked_share=0.02, operations=3, kinds=("protected", "backconnect", "harvester"))


@pytest.fixture(scope="module")
def world() -> World:
    return generate(3, subscribers=300, hours=1.5, mix=MIX)


def numbers(table: pa.Table, name: str) -> Ints:
    return table[name].to_numpy().astype(np.int64)


def counted(world: World) -> tuple[int, int]:
    turns = world.turns
    packets = turns["up_packets"].sum() + turns["down_packets"].sum()
    return int(packets), int(turns["up_bytes"].sum() + turns["down_bytes"].sum())


def test_columns_are_those_of_the_flows_table(world: World) -> None:
    table = export(world, Exporter())
    for column in table.schema:
        expected = FLOWS.field(column.name).type
        assert column.type == expected, column.name
    required = {each.name for each in FLOWS if not each.nullable}
    assert required <= set(table.column_names)


@pytest.mark.parametrize("active_s", [60.0, 300.0, 1800.0])
@pytest.mark.parametrize("idle_s", [15.0, 120.0])
def test_slices_add_up_to_the_conversations(
    world: World, active_s: float, idle_s: float
) -> None:
    table = export(world, Exporter(active_s=active_s, idle_s=idle_s))
    packets, octets = counted(world)
    assert pc.sum(table["packets"]).as_py() == packets
    assert pc.sum(table["bytes"]).as_py() == octets


def test_no_record_outlives_the_active_timeout(world: World) -> None:
    table = export(world, Exporter(active_s=120.0))
    ends, starts = numbers(table, "ended_at"), numbers(table, "started_at")
    assert (ends >= starts).all()
    assert (ends - starts).max() <= 121_500_000  # and one round trip for the other direction


def test_shorter_timeouts_make_more_records(world: World) -> None:
    rows = [export(world, Exporter(active_s=each)).num_rows for each in (60.0, 300.0, 1800.0)]
    assert rows[0] > rows[1] > rows[2]


@pytest.mark.parametrize("sampling", [10, 100])
def test_sampling_takes_its_share_of_packets_and_octets(world: World, sampling: int) -> None:
    table = export(world, Exporter(sampling=sampling))
    packets, octets = counted(world)
    seen = pc.sum(table["packets"]).as_py()
    expected = packets / sampling
    assert abs(seen - expected) < 6 * np.sqrt(expected)
    assert pc.sum(table["bytes"]).as_py() == pytest.approx(octets / sampling, rel=0.03)
    assert pc.min(table["packets"]).as_py() >= 1
    assert set(numbers(table, "sampling")) == {sampling}


def test_samples_scatter_as_a_binomial(world: World) -> None:
    totals = [
        pc.sum(export(world, Exporter(sampling=200, seed=seed))["packets"]).as_py()
        for seed in range(12)
    ]
    expected = counted(world)[0] / 200
    assert 0.3 < np.std(totals, ddof=1) / np.sqrt(expected) < 2.0


def test_packets_are_never_larger_than_the_path_takes(world: World) -> None:
    for sampling in (1, 50):
        table = export(world, Exporter(sampling=sampling))
        octets, packets = numbers(table, "bytes"), numbers(table, "packets")
        tcp = numbers(table, "protocol") == 6
        assert (octets[tcp] <= packets[tcp] * 1500).all()
        assert (octets >= packets * 28).all()


def test_the_opening_flag_is_seldom_sampled(world: World) -> None:
    whole, thin = export(world, Exporter()), export(world, Exporter(sampling=100))
    shares = []
    for table in (whole, thin):
        tcp = table.filter(pc.equal(table["protocol"], 6))
        talked = tcp.filter(pc.greater(tcp["bytes"], 2000))
        flags = numbers(talked, "tcp_flags")
        shares.append(float(((flags & F_SYN) > 0).mean()))
    assert shares[0] > 0.5
    assert shares[1] < 0.1


def test_servers_answer_and_never_knock(world: World) -> None:
    table = export(world, Exporter())
    from_web = table.filter(
        pc.and_(pc.equal(table["src_port"], 443), pc.equal(table["protocol"], 6))
    )
    flags = numbers(from_web, "tcp_flags")
    assert ((flags & F_ACK) > 0).mean() > 0.999


def test_equal_clocks_give_both_directions_one_time(world: World) -> None:
    table = export(world, Exporter(clocks="equal", active_s=3600.0, idle_s=3600.0))
    there = {
        (
            row["src"],
            row["dst"],
            row["src_port"],
            row["dst_port"],
            row["started_at"],
            row["ended_at"],
        )
        for row in table.slice(0, 4000).to_pylist()
    }
    pairs = [key for key in there if (key[1], key[0], key[3], key[2], key[4], key[5]) in there]
    assert len(pairs) > 1000


def test_directions_have_their_own_clocks_and_the_client_is_first(world: World) -> None:
    table = export(world, Exporter(clocks="direction", active_s=3600.0, idle_s=3600.0))
    table = table.filter(pc.not_equal(pc.bit_wise_and(table["tcp_flags"], F_SYN), 0))
    first: dict[tuple[str, str, int, int], int] = {}
    started = numbers(table, "started_at")
    keys = zip(
        *(table[name].to_pylist() for name in ("src", "dst", "src_port", "dst_port")),
        strict=True,
    )
    for key, start in zip(keys, started.tolist(), strict=True):
        first.setdefault(key, start)
    later = [
        first[(dst, src, server, client)] - start
        for (src, dst, client, server), start in first.items()
        if server == 443 and (dst, src, server, client) in first
    ]
    assert len(later) > 500
    assert min(later) >= 0
    assert np.median(later) > 5_000  # a round trip


def test_lost_records_are_lost_at_random(world: World) -> None:
    rows = [export(world, Exporter(loss=loss)).num_rows for loss in (0.0, 0.05)]
    assert rows[1] / rows[0] == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("way", ["inbound", "outbound"])
def test_blind_paths_show_one_direction(world: World, way: str) -> None:
    table = export(world, Exporter(blind_share=1.0, blind_to=way))
    side = "dst" if way == "inbound" else "src"
    other = "src" if way == "inbound" else "dst"
    outside = [each for each in table[other].to_pylist() if not each.startswith("10.")]
    inward = [own for own in table[side].to_pylist() if own.startswith("10.")]
    assert not outside or not inward


def test_half_blind_routers_keep_most(world: World) -> None:
    whole = export(world, Exporter()).num_rows
    half = export(world, Exporter(blind_share=0.5)).num_rows
    assert 0.6 < half / whole < 0.9


def test_doubled_records_name_another_router(world: World) -> None:
    table = export(world, Exporter(doubled_share=0.2))
    names = ["src", "dst", "src_port", "dst_port", "protocol", "started_at", "packets", "bytes"]
    groups = table.group_by(names).aggregate([("exporter", "count_distinct")])
    twice = pc.sum(pc.equal(groups["exporter_count_distinct"], 2)).as_py()
    assert twice / groups.num_rows == pytest.approx(0.2, abs=0.02)


def test_parts_are_the_whole(world: World) -> None:
    parts = list(export_parts(world, Exporter(sampling=10)))
    assert sum(part.num_rows for part in parts) == export(world, Exporter(sampling=10)).num_rows


def test_the_same_exporter_sends_the_same(world: World) -> None:
    exporter = Exporter(sampling=50, loss=0.1, jitter_us=400.0)
    assert export(world, exporter).equals(export(world, exporter))
    assert not export(world, exporter).equals(export(world, replace(exporter, seed=1)))


def test_traffic_between_own_hosts_may_pass_unseen(world: World) -> None:
    table = export(world, Exporter(inside_share=0.0))
    pairs = zip(table["src"].to_pylist(), table["dst"].to_pylist(), strict=True)
    assert not any(src.startswith("10.") and dst.startswith("10.") for src, dst in pairs)
    assert table.num_rows < export(world, Exporter()).num_rows
