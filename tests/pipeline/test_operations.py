"""Operations: what belongs together, and names that last from run to run."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scene import outside, own, window

from headwater.pipeline.operations import (
    HERE,
    MOST_FORMER,
    MOST_REMEMBERED,
    OPEN_WEIGHT,
    REMEMBERED,
    REMEMBERED_FOR,
    operation_findings,
    operations,
)
from headwater.records.answer import Answer, Counts, Master, Operation, Proxy, Upstream
from headwater.records.finding import Finding, Kind
from headwater.records.window import Window

HOUR = timedelta(hours=1)
NOTHING: Sequence[Finding] = ()
Outsiders = list[Upstream | Master]
FIRST = window(1)
COUNTS = Counts(flows=1, sessions=1, own_hosts=1, both_directions=1.0)


def later(hours: float) -> Window:
    return Window(FIRST.start + hours * HOUR, FIRST.end + hours * HOUR)


def driver(number: int, *hosts: int, role: str = "driver") -> Upstream:
    return Upstream(
        address=outside(number), role=role, confidence=0.9, sessions=1, bytes=1,
        proxies=tuple(map(own, hosts)), first_seen=FIRST.start, last_seen=FIRST.end,
        as_number=None, country=None,
    )  # fmt: skip


def master(number: int, *hosts: int, clean: int = 0) -> Master:
    return Master(
        address=outside(number), ports=(8443,), confidence=0.95, clean_clients=clean,
        proxies=tuple(map(own, hosts)), period_s=None, next_suspects=(),
    )  # fmt: skip


def met(
    *outsiders: Upstream | Master,
    before: Sequence[Finding] = (),
    at: Window = FIRST,
    kind: Kind = Kind.SYNTHETIC_PROTECTED,
    shuffled: random.Random | None = None,
) -> Answer:
    """What one run says, where these outsiders and their hosts are all there is."""
    rows = list(outsiders)
    proxies = [_proxy(host, kind, at) for host in sorted({h for o in rows for h in o.proxies})]
    if shuffled:
        shuffled.shuffle(rows)
        shuffled.shuffle(proxies)
    upstreams = tuple(each for each in rows if isinstance(each, Upstream))
    masters = tuple(each for each in rows if isinstance(each, Master))
    return Answer(
        window=at, proxies=tuple(proxies), upstreams=upstreams, masters=masters, counts=COUNTS,
        operations=operations(proxies, upstreams, masters, before),
    )  # fmt: skip


def _proxy(host: str, kind: Kind, at: Window) -> Proxy:
    return Proxy(
        address=host, kind=kind, kinds={}, port=1080, confidence=0.9, first_seen=at.start,
        last_seen=at.end, mail_sessions=0, reasons=(),
    )  # fmt: skip


def names(answer: Answer) -> list[str]:
    return [each.name for each in answer.operations]


def hosts(found: Iterable[Operation]) -> list[int]:
    return [len(each.proxies) for each in found]


def test_drivers_that_change_every_hour_keep_the_name() -> None:
    farm, before, said = range(10, 30), NOTHING, set[str]()
    for hour in range(24):
        fresh = [driver(2 * hour + turn, *farm) for turn in (1, 2)]
        now = met(*fresh, master(200, *farm), before=before, at=later(hour))
        before = tuple(operation_findings(now, before))
        said |= set(names(now))
    assert len(said) == 1


def test_without_a_master_the_hosts_keep_the_name() -> None:
    farm, before, said = range(10, 30), NOTHING, set[str]()
    for hour in range(12):
        now = met(*(driver(9 * hour + turn, *farm) for turn in range(3)), before=before)
        before = tuple(operation_findings(now, before))
        said |= set(names(now))
    assert len(said) == 1


def test_hosts_that_come_and_go_keep_the_name() -> None:
    before, said = NOTHING, set[str]()
    for hour in range(12):
        farm = range(10 + 8 * hour, 30 + 8 * hour)  # after three hours nobody is the same
        now = met(driver(1, *farm), master(200, *farm), before=before, at=later(hour))
        before = tuple(operation_findings(now, before))
        said |= set(names(now))
    assert len(said) == 1
    assert now.operations[0].since == FIRST.start


def test_of_a_split_the_greater_part_keeps_the_name() -> None:
    whole = met(driver(1, *range(10, 30)), master(200, *range(10, 30)), master(201, 20))
    before = operation_findings(whole, ())
    parts = met(
        driver(1, *range(10, 24)), master(200, *range(10, 24)),
        driver(2, *range(24, 30)), master(201, *range(24, 30)), before=before,
    )  # fmt: skip
    greater, smaller = parts.operations
    assert (greater.name, greater.was) == (whole.operations[0].name, ())
    assert smaller.name != greater.name
    assert smaller.was == (greater.name,)
    told = {f.subject: f.summary for f in operation_findings(parts, before)}
    assert told[smaller.name] == f"6 proxies, 1 drivers, 1 masters; was {greater.name}"


def test_of_a_merger_the_elder_keeps_the_name_for_good() -> None:
    elder = met(driver(1, *range(10, 14)), master(200, *range(10, 14)))
    before = operation_findings(elder, ())
    both: Outsiders = [
        driver(1, *range(10, 14)), master(200, *range(10, 14)),
        driver(2, *range(20, 40)), master(201, *range(20, 40)),
    ]  # fmt: skip
    apart = met(*both, before=before, at=later(1))
    before = operation_findings(apart, before)
    (old,), (young,) = names(elder), set(names(apart)) - set(names(elder))
    for hours in (2, 3):
        one = met(*both, master(202, *range(10, 40)), before=before, at=later(hours))
        before = operation_findings(one, before)
        assert [(each.name, each.was) for each in one.operations] == [(old, (young,))]
    assert [(f.kind, f.subject) for f in before] == [(HERE, old)]


def test_two_that_share_a_crowded_server_stay_two_and_both_name_it() -> None:
    left, right = range(10, 20), range(30, 40)
    found = met(
        driver(1, *left), master(200, *left), driver(2, *right), master(201, *right),
        master(202, *left, *right, clean=60),
    ).operations  # fmt: skip
    assert hosts(found) == [10, 10]
    assert all(outside(202) in each.masters for each in found)
    joined = met(driver(1, *left), driver(2, *right), master(202, *left, *right, clean=5))
    assert hosts(joined.operations) == [20]


def test_a_crowded_server_hands_no_name_on() -> None:
    left, right = range(10, 20), range(30, 40)
    first = met(driver(1, *left), master(200, *left), master(202, *left, clean=60))
    second = met(
        driver(2, *right), master(201, *right), master(202, *right, clean=60),
        before=operation_findings(first, ()),
    )  # fmt: skip
    assert not set(names(first)) & set(names(second))


def test_visitors_of_open_proxies_join_nothing_that_masters_keep_apart() -> None:
    assert OPEN_WEIGHT < 0.5
    left, right = range(10, 20), range(30, 40)
    outsiders: Outsiders = [master(200, *left), master(201, *right), driver(1, *left, *right)]
    assert hosts(met(*outsiders, kind=Kind.SYNTHETIC_OPEN).operations) == [10, 10]
    assert hosts(met(*outsiders).operations) == [20]


def test_testers_join_nothing() -> None:
    found = met(driver(1, 10, 11), driver(2, 20, 21), driver(3, 10, 20, role="tester"))
    assert hosts(found.operations) == [2, 2]


def test_a_silent_operation_is_remembered_for_a_while() -> None:
    farm: Outsiders = [driver(1, *range(10, 20)), master(200, *range(10, 20))]
    (name,) = names(met(*farm))
    before = operation_findings(met(*farm), ())
    for hours in range(1, 4):
        before = operation_findings(met(before=before, at=later(hours)), before)
        assert [(f.kind, f.subject) for f in before] == [(REMEMBERED, name)]
    assert names(met(*farm, before=before, at=later(4))) == [name]
    too_late = later(REMEMBERED_FOR / HOUR + 1)
    assert operation_findings(met(before=before, at=too_late), before) == []


def test_a_second_operation_at_a_known_master_gets_a_name_of_its_own() -> None:
    """Its master's digest is taken: by the first, which has the other half of the hosts."""
    first = met(master(200, *range(10, 20)))
    before = operation_findings(first, ())
    moved = replace(before[0], proof={**before[0].proof, "masters": [], "telling": []})
    other = met(master(200, *range(30, 40)), before=[moved])
    assert names(first) != names(other)
    assert len(names(other)) == 1


def test_one_host_alone_is_no_operation() -> None:
    assert met(driver(1, 10), master(200, 10)).operations == ()
    assert hosts(met(driver(1, 10, 11)).operations) == [2]


def test_where_all_outsiders_are_shared_they_tell_who_it_is() -> None:
    """Every host is an open proxy, so that no tie is a strong one."""
    found = met(driver(1, 10, 11, 12), kind=Kind.SYNTHETIC_OPEN)
    (kept,) = operation_findings(found, ())
    assert kept.proof["telling"] == [outside(1)]
    again = met(driver(1, 40, 41, 42), kind=Kind.SYNTHETIC_OPEN, before=[kept])
    assert names(again) == names(found)


def test_a_host_is_the_same_whenever_it_got_its_address() -> None:
    farm = range(10, 20)
    (kept,) = operation_findings(met(driver(1, *farm), master(200, *farm)), ())
    held = [f"{own(number)}@2026-03-01T12:00:00Z" for number in farm]
    moved = replace(kept, proof={**kept.proof, "proxies": held})
    assert names(met(driver(2, *farm), master(201, *farm), before=[moved])) == [kept.subject]


def test_the_latest_of_the_silent_are_remembered_and_not_too_many() -> None:
    (one,) = operation_findings(met(driver(1, 10, 11)), ())
    seen_us = one.proof["last_seen_us"]
    silent = [
        replace(one, subject=f"op-{at:06}", proof={**one.proof, "last_seen_us": seen_us + at})
        for at in range(MOST_REMEMBERED + 5)
    ]
    kept = operation_findings(met(at=later(1)), silent)
    assert [f.subject for f in kept] == [f.subject for f in silent[:4:-1]]


def test_not_all_that_it_ever_was_is_told() -> None:
    (one,) = operation_findings(met(driver(1, 10, 11)), ())
    former = [f"op-{at:06}" for at in range(MOST_FORMER + 5)]
    before = [replace(one, proof={**one.proof, "was": former})]
    (found,) = met(driver(1, 10, 11), before=before).operations
    assert found.was == tuple(former[:MOST_FORMER])


graph = st.lists(
    st.tuples(
        st.booleans(), st.integers(1, 12), st.sets(st.integers(10, 40), min_size=1),
        st.integers(0, 6),
    ),
    max_size=6, unique_by=lambda row: row[:2],
)  # fmt: skip


def drawn(rows: Iterable[tuple[bool, int, set[int], int]]) -> list[Upstream | Master]:
    return [
        master(100 + number, *sorted(met), clean=clean)
        if commands
        else driver(number, *sorted(met))
        for commands, number, met, clean in rows
    ]


@settings(max_examples=60)
@given(first=graph, second=graph, seed=st.randoms(use_true_random=False))
def test_names_are_single_and_do_not_hang_on_the_order(
    first: list[tuple[bool, int, set[int], int]],
    second: list[tuple[bool, int, set[int], int]],
    seed: random.Random,
) -> None:
    before = operation_findings(met(*drawn(first)), ())
    now = met(*drawn(second), before=before, at=later(1))
    assert len(set(names(now))) == len(names(now))
    assert sum(hosts(now.operations)) == len({h for o in now.operations for h in o.proxies})
    seed.shuffle(before)
    again = met(*drawn(second), before=before, at=later(1), shuffled=seed)
    assert again.operations == now.operations
    kept = operation_findings(now, before)
    assert len({finding.subject for finding in kept}) == len(kept)
    # What a kept run comes to is what it said when it was made.
    asked_again = met(*drawn(second), before=kept, at=later(1))
    assert names(asked_again) == names(now)
    assert [each.was for each in asked_again.operations] == [e.was for e in now.operations]
