from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.export_writer import Spec, Value, field, record

from headwater.wire.information_elements import element
from headwater.wire.sampling import (
    MOST_ENTRIES,
    NOTHING_SAID,
    Context,
    learn,
    rates_of_flows,
    speaks_of_sampling,
    stated,
)
from headwater.wire.templates import Field, Layout, Rows, compile_template


def table(specs: list[Spec], rows: list[list[Value]], scopes: int = 0) -> tuple[Layout, Rows]:
    layout = compile_template(tuple(Field(*spec) for spec in specs), scopes)
    return layout, layout.rows(b"".join(record(specs, row) for row in rows))


def one(specs: list[Spec], row: list[Value]) -> int:
    layout, rows = table(specs, [row])
    return int(stated(layout.names, rows)[0])


@pytest.mark.parametrize(
    ("said", "values", "rate"),
    [
        ([("samplingInterval", 4)], [1_000], 1_000),
        ([("samplingInterval", 8)], [2**63], 2**62),
        ([("samplerRandomInterval", 2)], [64], 64),
        ([("samplingPacketInterval", 4), ("samplingPacketSpace", 4)], [1, 99], 100),
        ([("samplingPacketInterval", 4), ("samplingPacketSpace", 4)], [10, 90], 10),
        ([("samplingPacketInterval", 4)], [512], 1),
        ([("samplingSize", 4), ("samplingPopulation", 4)], [2, 1_000], 500),
        ([("samplingSize", 4), ("samplingPopulation", 4)], [0, 1_000], 0),
        ([("samplingProbability", 8)], [pack("!d", 0.01)], 100),
        ([("samplingProbability", 4)], [pack("!f", 0.5)], 2),
        ([("samplingProbability", 8)], [pack("!d", float("nan"))], 0),
        ([("samplingProbability", 8)], [pack("!d", 0.0)], 0),
        ([("samplingProbability", 8)], [pack("!d", -1.0)], 0),
        ([("octetDeltaCount", 4)], [5], 0),
    ],
)
def test_a_rate_in_each_of_its_spellings(
    said: list[tuple[str, int]], values: list[Value], rate: int
) -> None:
    assert one([field(*pair) for pair in said], values) == rate


def learned(names: list[str], rows: list[list[Value]], scopes: int = 1) -> Context:
    layout, octets = table([field(name, 4) for name in names], rows, scopes)
    return learn(NOTHING_SAID, layout, octets)


def test_the_last_word_on_the_device_counts() -> None:
    assert learned(["samplingInterval"], [[10], [20]], 0) == Context(default=20)


def test_samplers_and_interfaces_are_told_apart() -> None:
    by_sampler = learned(["samplerId", "samplingInterval"], [[2, 20], [1, 10]])
    assert by_sampler == Context(by_sampler=((1, 10), (2, 20)))
    by_interface = learned(["ingressInterface", "samplingInterval"], [[7, 50]])
    assert by_interface == Context(by_interface=((7, 50),))


def test_an_interface_that_is_no_scope_is_no_key() -> None:
    said = learned(["samplerId", "samplingInterval", "ingressInterface"], [[1, 10, 7]])
    assert said == Context(by_sampler=((1, 10),))


def test_a_rate_of_zero_says_nothing() -> None:
    assert learned(["samplingInterval"], [[0]], 0) == NOTHING_SAID


def test_entries_are_bounded() -> None:
    rows: list[list[Value]] = [[number, 10] for number in range(MOST_ENTRIES + 10)]
    context = learned(["samplerId", "samplingInterval"], rows)
    assert len(context.by_sampler) == MOST_ENTRIES


def test_options_that_say_nothing_of_sampling() -> None:
    layout, _ = table([field("ingressInterface", 4)], [])
    assert not speaks_of_sampling(layout)
    layout, _ = table([field("samplingInterval", 4)], [])
    assert speaks_of_sampling(layout)


FLOW = [field("samplerId", 1), field("ingressInterface", 4), field("egressInterface", 4)]


def rates(context: Context, specs: list[Spec], rows: list[list[Value]]) -> list[int]:
    layout, octets = table(specs, rows)
    answer: list[int] = rates_of_flows(context, layout.names, octets).tolist()
    return answer


def test_the_nearest_word_counts() -> None:
    context = Context(default=9, by_sampler=((1, 10), (2, 20)), by_interface=((7, 70), (8, 80)))
    rows: list[list[Value]] = [[1, 7, 0], [3, 7, 8], [3, 0, 8], [3, 0, 0], [2, 0, 0]]
    assert rates(context, FLOW, rows) == [10, 70, 80, 9, 20]


def test_a_flow_that_says_its_own_rate() -> None:
    specs = [*FLOW, field("samplingInterval", 4)]
    context = Context(default=9, by_sampler=((1, 10),))
    assert rates(context, specs, [[1, 0, 0, 5], [1, 0, 0, 0]]) == [5, 10]


def test_the_only_sampler_known_is_that_of_flows_that_name_none() -> None:
    specs = [field("octetDeltaCount", 4)]
    assert rates(Context(by_sampler=((1, 10), (2, 10))), specs, [[1]]) == [10]
    assert rates(Context(by_sampler=((1, 10), (2, 20))), specs, [[1]]) == [1]


def test_nothing_said_means_every_packet() -> None:
    assert rates(NOTHING_SAID, FLOW, [[1, 2, 3]]) == [1]


def test_the_start_of_an_exporter_is_learnt() -> None:
    layout, rows = table([field("systemInitTimeMilliseconds", 8)], [[1_000], [2_000]])
    assert learn(NOTHING_SAID, layout, rows) == Context(boot_ms=2_000)


@given(st.binary(max_size=120))
def test_any_octets_are_learnt_or_ignored(body: bytes) -> None:
    specs = [field("samplerId", 2), field("samplingProbability", 8), field("samplingSize", 2)]
    layout = compile_template(tuple(Field(*spec) for spec in specs), 1)
    whole = body[: len(body) // layout.least * layout.least]
    context = learn(NOTHING_SAID, layout, layout.rows(whole))
    assert all(rate >= 1 for _, rate in context.by_sampler)
    assert element("samplerId") in layout.names
