from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.export_writer import NOW_S, NOW_US, Spec, field, record

from headwater.wire.flow_times import (
    LATEST_MS,
    UNKNOWN_MS,
    Clock,
    clipped_ms,
    from_ntp,
    reverse_times,
    times,
    uptime_to_us,
)
from headwater.wire.information_elements import REVERSE_DELAY_MILLISECONDS, element, reverse
from headwater.wire.templates import Field, compile_template

NTP_NOW = NOW_S + 2_208_988_800


def clock(
    specs: list[Spec],
    values: list[int],
    *,
    uptime_ms: int = UNKNOWN_MS,
    boot_ms: int = UNKNOWN_MS,
) -> Clock:
    layout = compile_template(tuple(Field(*spec) for spec in specs))
    rows = layout.rows(record(specs, values))
    return Clock(rows, np.array([NOW_US]), np.array([uptime_ms]), boot_ms)


def seconds_from_now(specs: list[Spec], values: list[int], **kinds: int) -> tuple[float, float]:
    read = clock(specs, values, **kinds)
    layout = compile_template(tuple(Field(*spec) for spec in specs))
    started, ended = times(read, layout.names)
    return (started[0] - NOW_US) / 1e6, (ended[0] - NOW_US) / 1e6


@pytest.mark.parametrize(
    ("unit", "size", "start", "end"),
    [
        ("Seconds", 4, NOW_S - 60, NOW_S - 1),
        ("Seconds", 8, NOW_S - 60, NOW_S - 1),
        ("Milliseconds", 8, NOW_S * 1_000 - 60_000, NOW_S * 1_000 - 1_000),
        ("Microseconds", 8, NTP_NOW - 60 << 32, NTP_NOW - 1 << 32),
        ("Nanoseconds", 8, NTP_NOW - 60 << 32, NTP_NOW - 1 << 32),
        ("DeltaMicroseconds", 4, 60_000_000, 1_000_000),
    ],
)
def test_times_that_stand_alone(unit: str, size: int, start: int, end: int) -> None:
    specs = [field(f"flowStart{unit}", size), field(f"flowEnd{unit}", size)]
    assert seconds_from_now(specs, [start, end]) == (-60, -1)


UPTIMES = [field("flowStartSysUpTime", 4), field("flowEndSysUpTime", 4)]


def test_uptimes_by_the_header_of_the_packet() -> None:
    assert seconds_from_now(UPTIMES, [540_000, 599_000], uptime_ms=600_000) == (-60, -1)


def test_uptimes_that_wrapped_in_between() -> None:
    before = 2**32 - 55_000
    assert seconds_from_now(UPTIMES, [before, 4_000], uptime_ms=5_000) == (-60, -1)


def test_uptimes_a_little_ahead_of_the_header() -> None:
    assert seconds_from_now(UPTIMES, [600_500, 601_000], uptime_ms=600_000) == (0.5, 1)


def test_uptimes_by_the_start_in_the_record_or_in_options() -> None:
    boot_ms = (NOW_S - 600) * 1_000
    in_record = [*UPTIMES, field("systemInitTimeMilliseconds", 8)]
    assert seconds_from_now(in_record, [540_000, 599_000, boot_ms]) == (-60, -1)
    assert seconds_from_now(UPTIMES, [540_000, 599_000], boot_ms=boot_ms) == (-60, -1)


@pytest.mark.parametrize("days", [0, 50, 300, 1_900])
def test_uptimes_of_exporters_that_run_for_long(days: int) -> None:
    boot_ms = (NOW_S - 600 - days * 86_400) * 1_000
    uptimes = [(NOW_S * 1_000 - boot_ms - ago) % 2**32 for ago in (60_000, 1_000)]
    assert seconds_from_now(UPTIMES, uptimes, boot_ms=boot_ms) == (-60, -1)


def test_packets_seen_before_the_exporter_counted() -> None:
    assert seconds_from_now(UPTIMES, [2**32 - 59_000, 0], boot_ms=NOW_S * 1_000 - 1_000) == (
        -60, -1,
    )  # fmt: skip


def test_a_start_in_1970_is_not_explained_away() -> None:
    started, _ = seconds_from_now(UPTIMES, [540_000, 599_000], boot_ms=0)
    assert started == 540 - NOW_S


def test_uptimes_of_an_unknown_start_keep_their_distance() -> None:
    assert seconds_from_now(UPTIMES, [540_000, 599_000]) == (-59, 0)


def test_without_times_it_is_the_time_of_export() -> None:
    assert seconds_from_now([field("octetDeltaCount", 4)], [1]) == (0, 0)


def test_without_times_of_its_own_it_is_the_observation() -> None:
    specs = [field("observationTimeMilliseconds", 8)]
    assert seconds_from_now(specs, [NOW_S * 1_000 - 5_000]) == (-5, -5)


def test_an_observation_ends_what_began() -> None:
    specs = [field("flowStartMilliseconds", 8), field("observationTimeMilliseconds", 8)]
    values = [NOW_S * 1_000 - 60_000, NOW_S * 1_000 - 1_000]
    assert seconds_from_now(specs, values) == (-60, -1)


@pytest.mark.parametrize(
    ("name", "duration"),
    [("flowDurationMilliseconds", 59_000), ("flowDurationMicroseconds", 59_000_000)],
)
def test_a_duration_gives_the_other_end(name: str, duration: int) -> None:
    start, end = NOW_S * 1_000 - 60_000, NOW_S * 1_000 - 1_000
    for side, value in (("Start", start), ("End", end)):
        specs = [field(f"flow{side}Milliseconds", 8), field(name, 4)]
        assert seconds_from_now(specs, [value, duration]) == (-60, -1)


def test_one_end_alone_is_both() -> None:
    specs = [field("flowEndSeconds", 4)]
    assert seconds_from_now(specs, [NOW_S - 7]) == (-7, -7)


@given(st.integers(0, 2**64 - 1))
def test_milliseconds_never_wrap(value: int) -> None:
    (answer,) = clipped_ms(np.array([value], dtype=np.uint64)).tolist()
    assert answer == min(value, LATEST_MS) * 1_000


@given(st.integers(NOW_US // 2, 2 * NOW_US))
def test_ntp_stamps_to_the_microsecond(microseconds: int) -> None:
    seconds, rest = divmod(microseconds, 1_000_000)
    stamp = ((seconds + 2_208_988_800) % 2**32 << 32) + -(-rest * 2**32 // 1_000_000)
    assert from_ntp(np.array([stamp], dtype=np.uint64)).tolist() == [microseconds]


def test_the_ntp_era_turns_in_2036() -> None:
    (answer,) = from_ntp(np.array([1 << 32], dtype=np.uint64)).tolist()
    assert datetime.fromtimestamp(answer / 1e6, UTC) == datetime(
        2036, 2, 7, 6, 28, 17, tzinfo=UTC
    )


@given(st.integers(0, 2**32 - 1), st.integers(-(2**31) + 1, 2**31 - 1))
def test_uptimes_are_relative(uptime: int, age_ms: int) -> None:
    stamp = np.array([(uptime - age_ms) % 2**32], dtype=">u4")
    answer = uptime_to_us(stamp, np.array([uptime]), np.array([NOW_US]))
    assert answer.tolist() == [NOW_US - age_ms * 1_000]


def test_the_way_back_has_its_own_times_where_told() -> None:
    both = (np.array([NOW_US - 60_000_000]), np.array([NOW_US]))
    start = reverse(element("flowStartMilliseconds"))
    specs: list[Spec] = [(start, 8), (REVERSE_DELAY_MILLISECONDS, 4)]
    for wanted, values in (
        (specs[:1], [NOW_S * 1_000 - 59_000]),
        (specs[1:], [1_000]),
    ):
        layout = compile_template(tuple(Field(*spec) for spec in wanted))
        read = clock(wanted, values)
        started, ended = reverse_times(read, layout.names, both)
        assert (started.tolist(), ended.tolist()) == ([NOW_US - 59_000_000], [NOW_US])


def test_an_answer_does_not_begin_after_the_end() -> None:
    both = (np.array([NOW_US - 60_000_000]), np.array([NOW_US]))
    wanted: list[Spec] = [(REVERSE_DELAY_MILLISECONDS, 4)]
    layout = compile_template(tuple(Field(*spec) for spec in wanted))
    read = clock(wanted, [2**32 - 1])
    assert reverse_times(read, layout.names, both)[0].tolist() == [NOW_US]
