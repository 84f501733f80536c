"""Templates, options and data in their order: what changes when, and for whom."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.export_writer import (
    EXPORTER,
    NOW_S,
    NOW_US,
    Spec,
    Value,
    address,
    datagrams,
    decode,
    field,
    ipfix_message,
    make_set,
    netflow9_packet,
    options_template,
    record,
    sorted_out,
    template,
    withdrawal,
)

from headwater.wire import templated_packets
from headwater.wire.flow_export import FlowDecoder
from headwater.wire.templated_packets import MOST_DOMAINS

A: list[Spec] = [
    field("sourceIPv4Address", 4), field("destinationIPv4Address", 4),
    field("protocolIdentifier", 1), field("octetDeltaCount", 4), field("packetDeltaCount", 4),
]  # fmt: skip
B: list[Spec] = [A[1], A[0], *A[2:]]  # the same size, other meaning
VALUES: list[Value] = [address("192.0.2.1"), address("198.51.100.2"), 6, 400, 4]
DATA = make_set(300, record(A, VALUES))
SAYING: list[Spec] = [field("samplingInterval", 4)]
SCOPE: list[Spec] = [field("ingressInterface", 4)]


def sampled(rate: int) -> bytes:
    return make_set(400, record(SAYING, [rate]))


def sources(*sets: bytes) -> list[str]:
    return [row["src"] for row in decode(ipfix_message(*sets)).rows]


def test_a_template_that_changes_counts_from_there_on() -> None:
    assert sorted(sources(template(300, A), DATA, template(300, B), DATA)) == [
        "192.0.2.1", "198.51.100.2",
    ]  # fmt: skip


def test_a_template_that_changes_between_packets_of_one_feed() -> None:
    packets = [template(300, A), DATA, DATA, template(300, B), DATA, template(300, A), DATA]
    answer = decode(*map(ipfix_message, packets))
    assert sorted(row["src"] for row in answer.rows) == ["192.0.2.1"] * 3 + ["198.51.100.2"]


def test_a_template_that_is_repeated_changes_nothing() -> None:
    decoder = FlowDecoder()
    packets = [ipfix_message(template(300, A), DATA) for _ in range(50)]
    readings = list(decoder.feed(datagrams(packets)))
    assert len(readings) == 1  # one batch: nothing was cut
    assert len(sorted_out(readings).rows) == 50


def test_a_template_lives_from_feed_to_feed() -> None:
    decoder = FlowDecoder()
    assert list(decoder.feed(datagrams([ipfix_message(template(300, A))]))) == []
    assert len(sorted_out(decoder.feed(datagrams([ipfix_message(DATA)]))).rows) == 1


@pytest.mark.parametrize("other", ["exporter", "domain", "version"])
def test_a_template_is_its_own_domain_s_alone(other: str) -> None:
    decoder = FlowDecoder()
    list(decoder.feed(datagrams([ipfix_message(template(300, A))])))
    stranger = {
        "exporter": datagrams([ipfix_message(DATA)], exporter="192.0.2.253"),
        "domain": datagrams([ipfix_message(DATA, domain=2)]),
        "version": datagrams([netflow9_packet(DATA)]),
    }[other]
    readings = sorted_out([*decoder.feed(stranger), *decoder.finish()])
    assert (readings.rows, readings.reasons) == ([], {"no template": 1})


def test_data_waits_for_its_template() -> None:
    answer = decode(*map(ipfix_message, [DATA, DATA, template(300, A), DATA]))
    assert len(answer.rows) == 3
    assert answer.refused == []


def test_data_waits_over_feeds_and_keeps_its_own_time() -> None:
    decoder = FlowDecoder()
    assert list(decoder.feed(datagrams([ipfix_message(DATA)]))) == []
    late = ipfix_message(template(300, A), exported_s=NOW_S + 600)
    answer = sorted_out(decoder.feed(datagrams([late], received_us=NOW_US + 600_000_000)))
    assert [row["started_at"].timestamp() for row in answer.rows] == [NOW_S]


def test_data_that_waited_in_vain_is_refused_at_the_end() -> None:
    (refused,) = decode(ipfix_message(DATA)).refused
    assert refused.reason == f"no template: 300 of domain 1, exporter {EXPORTER}"
    assert refused.position == "packet 1"


def test_a_withdrawn_template_may_be_defined_anew() -> None:
    assert sources(template(300, A), withdrawal(300), template(300, B), DATA) == [
        "198.51.100.2"
    ]


def test_sampling_counts_from_where_it_is_said() -> None:
    whole_device = options_template(400, [], SAYING)
    answer = decode(
        ipfix_message(template(300, A), DATA),
        ipfix_message(whole_device, sampled(100), DATA),
        ipfix_message(sampled(100), DATA, sampled(200), DATA),
    )
    assert sorted(row["sampling"] for row in answer.rows) == [1, 100, 100, 200]


def test_sampling_is_its_own_domain_s_alone() -> None:
    whole_device = options_template(400, [], SAYING)
    answer = decode(
        ipfix_message(whole_device, sampled(100)),
        ipfix_message(template(300, A), DATA, domain=2),
    )
    assert [row["sampling"] for row in answer.rows] == [1]


def test_options_are_read_and_no_refusal() -> None:
    about = [field("observationTimeSeconds", 4)]
    answer = decode(ipfix_message(options_template(400, SCOPE, about), make_set(400, bytes(8))))
    assert (answer.rows, answer.refused) == ([], [])


def test_exporters_share_a_batch_and_keep_their_names() -> None:
    decoder = FlowDecoder()
    sent = [
        one
        for number in range(1, 4)
        for one in datagrams([ipfix_message(template(300, A), DATA)], f"192.0.2.{number}")
    ]
    readings = list(decoder.feed(sent))
    assert len(readings) == 1
    names = [row["exporter"] for row in sorted_out(readings).rows]
    assert names == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]


def test_no_more_exporters_than_are_kept() -> None:
    decoder = FlowDecoder()
    sent = datagrams(ipfix_message(domain=number) for number in range(MOST_DOMAINS + 2))
    answer = sorted_out(decoder.feed(sent))
    assert answer.reasons == {"too many exporters": 2}


def test_no_more_templates_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templated_packets, "MOST_TEMPLATES", 3)
    sets = [template(300 + number, A) for number in range(5)]
    assert decode(ipfix_message(*sets)).reasons == {"too many templates": 2}
    # One that is withdrawn, or replaced, makes room.
    sets = [template(300 + n, A) for n in range(3)]
    sets += [withdrawal(301), template(304, A), template(304, B)]
    assert decode(ipfix_message(*sets)).refused == []


def test_no_more_fields_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templated_packets, "MOST_TEMPLATE_FIELDS", 2 * len(A))
    sets = [template(300 + number, A) for number in range(4)]
    assert decode(ipfix_message(*sets)).reasons == {"too many templates": 2}


def test_sets_of_numbers_that_mean_nothing() -> None:
    answer = decode(ipfix_message(make_set(5, b"abcd"), template(300, A), DATA))
    assert (len(answer.rows), answer.reasons) == (1, {"unknown set id": 1})


def test_a_set_without_records() -> None:
    answer = decode(
        ipfix_message(template(300, A), make_set(300, b""), make_set(300, bytes(3)))
    )
    assert (answer.rows, answer.refused) == ([], [])


def test_a_broken_template_costs_no_other_set() -> None:
    broken = make_set(2, b"\x01\x2c\x00\x09" + bytes(8))
    answer = decode(ipfix_message(broken, template(300, A), DATA))
    assert (len(answer.rows), answer.reasons) == (1, {"template overruns its set": 1})


def test_a_set_longer_than_its_packet() -> None:
    body = template(300, A) + DATA + b"\x01\x2c\xff\xff" + bytes(8)
    answer = decode(ipfix_message(body))
    assert (len(answer.rows), answer.reasons) == (1, {"set overruns its packet": 1})


@pytest.mark.parametrize("length", [0, 1, 3])
def test_a_set_shorter_than_its_own_header_ends_the_reading(length: int) -> None:
    body = template(300, A) + DATA + b"\x01\x2c" + length.to_bytes(2, "big") + bytes(8)
    answer = decode(ipfix_message(body))
    assert (len(answer.rows), answer.reasons) == (1, {"set overruns its packet": 1})


SETS = [
    template(300, A), template(300, B), template(301, A), DATA, make_set(301, DATA[4:]),
    withdrawal(300), withdrawal(2), options_template(400, [], SAYING), sampled(10), sampled(0),
    make_set(300, b"\xff" * 30), make_set(2, b"\xff" * 9), make_set(3, b"\x01" * 9),
]  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(SETS), max_size=4), max_size=12))
def test_any_order_of_sets_gives_the_same_in_one_feed_or_many(order: list[list[bytes]]) -> None:
    packets = datagrams(ipfix_message(*sets) for sets in order)
    whole, pieces = FlowDecoder(), FlowDecoder()
    together = sorted_out([*whole.feed(packets), *whole.finish()])
    apart = [reading for one in packets for reading in pieces.feed([one])]
    separate = sorted_out([*apart, *pieces.finish()])
    assert sorted(map(str, together.rows)) == sorted(map(str, separate.rows))
    assert together.reasons == separate.reasons


def test_gaps_are_counted_for_each_domain() -> None:
    numbers = count()
    packets = [
        ipfix_message(template(300, A), DATA, sequence=next(numbers) * step, domain=step)
        for _ in range(3)
        for step in (1, 2)
    ]
    assert {gap.domain for gap in decode(*packets).gaps} == {1, 2}


def test_options_that_are_not_numbered_are_no_gap() -> None:
    head = [template(300, A), options_template(400, [], SAYING), sampled(0)]
    before = [ipfix_message(*head, DATA, DATA, sequence=n) for n in (0, 2, 4, 6)]
    assert not decode(*before).gaps
    behind = [ipfix_message(*head, DATA, DATA, sequence=n) for n in (2, 4, 6, 8)]
    assert not decode(*behind).gaps
    assert decode(*behind[:2], *behind[3:]).gaps
