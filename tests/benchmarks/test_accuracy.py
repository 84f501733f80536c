"""The scoring of answers: intervals, pooling, ranks and pages, on answers made by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from benchmarks.accuracy import judge, page, tables
from benchmarks.accuracy.ablation import NoByteBalance, NoCompany, no_lists
from benchmarks.accuracy.outcome import Hijacked, Innocent, Outcome, Outsider, Outsiders
from benchmarks.accuracy.plan import Job, View, chosen, short, whole
from benchmarks.accuracy.shares import Share, share
from benchmarks.accuracy.trial import run
from benchmarks.generator import Exporter, Mix
from benchmarks.generator.hijacked.plan import MANNERS
from hypothesis import given
from hypothesis import strategies as st

from headwater.detectors import relay
from headwater.lake.engine import NO_TABLES, NO_VIEWS
from headwater.pipeline.answer import Place
from headwater.pipeline.known import INDICATED, Known, Places
from headwater.pipeline.questions import question
from headwater.records.answer import Answer, Counts, Master, Upstream
from headwater.records.finding import Finding
from headwater.records.settings import parse_settings
from headwater.records.window import Window

WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 6, tzinfo=UTC))
MOMENT = WINDOW.start


# Worked by hand from Wilson's formula.
@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (99, 100, 0.9455, 0.9982),
        (400, 400, 0.9905, 1.0),
    ],
)
def test_intervals_are_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert Share(hits, of).interval == pytest.approx((low, high), abs=1e-4)


@given(of=st.integers(1, 10_000), part=st.floats(0, 1))
def test_an_interval_holds_its_share(of: int, part: float) -> None:
    found = Share(round(part * of), of)
    low, high = found.interval
    assert found.value is not None
    assert 0.0 <= low <= found.value + 1e-12
    assert found.value - 1e-12 <= high <= 1.0


def test_nothing_is_no_share() -> None:
    assert share([]).value is None
    assert str(share([])) == "-"
    assert share([]).interval == (0.0, 1.0)


def sick(confidence: float, packets: float = 100.0, **changed: Any) -> Hijacked:
    plain = Hijacked(
        address="192.0.2.1",
        kind="backconnect",
        manner="backconnect",
        abuse="mail",
        packets=packets,
        confidence=confidence,
        said="backconnect",
    )
    return replace(plain, **changed)


def accused(confidence: float, *roles: str) -> Innocent:
    return Innocent(
        address="192.0.2.9", roles=roles, confidence=confidence, said="direct-sender"
    )


def outcome(**told: Any) -> Outcome:
    plain: dict[str, Any] = {
        "scenario": "1:1",
        "method": "headwater",
        "seed": 1,
        "sampling": 1,
        "subscribers": 100,
        "population": {"office": 4},
        "oriented": {},
        "seconds": {},
    }
    return Outcome(**{**plain, **told})


POOLED = [
    outcome(hijacked=(sick(0.9), sick(0.4)), innocent=(accused(0.7, "office"),)),
    outcome(seed=2, hijacked=(sick(0.55, said="direct-sender"), sick(0.9, packets=3.0))),
]


def test_seeds_are_pooled_by_adding_hosts_not_by_averaging_shares() -> None:
    assert tables.precision(POOLED) == Share(3, 4)
    assert tables.recall(POOLED) == Share(2, 3)
    assert tables.recall(POOLED, lambda host: not host.fair) == Share(1, 1)
    assert tables.kinds_right(POOLED) == Share(2, 3)


def test_scenarios_and_methods_are_not_pooled_together() -> None:
    other = outcome(method="no lists", hijacked=(sick(0.0),))
    assert list(tables.grouped([*POOLED, other])) == [
        ("1:1", "headwater"),
        ("1:1", "no lists"),
    ]


def test_reliability_counts_each_named_host_in_its_row() -> None:
    rows = {row[0]: row for row in tables.reliability(POOLED).rows}
    assert rows["0.5 to 0.6"][1:3] == ("0.550", str(Share(1, 1)))
    assert rows["0.7 to 0.8"][2] == str(Share(0, 1))
    assert rows["0.9 to 0.99"][2] == str(Share(2, 2))
    assert rows["0.99 to 1"][1:] == ("-", "-", "-", "-")


def test_the_accused_are_counted_by_role() -> None:
    told = [outcome(innocent=(accused(0.9, "office", "mail_server"), accused(0.6)))]
    rows = set(tables.innocents(told).rows)
    assert rows == {("office", "1", "4"), ("mail_server", "1", "the rest"),
                    ("home", "1", "the rest")}  # fmt: skip


TRUTH: dict[str, Any] = {
    "proxies": [
        {
            "address": "192.0.2.1",
            "addresses": ["192.0.2.1", "192.0.2.2"],
            "kind": "backconnect",
            "manner": "backconnect",
            "abuse": "mail",
            "expected_packets_abuse": 1900,
            "errands": 40,
        }
    ],
    "lawful": [
        {"address": "192.0.2.1", "role": "office", "also_hijacked": True},
        {"address": "192.0.2.3", "role": "mail_server", "also_hijacked": False},
    ],
    "moved": [{"from": "192.0.2.3", "to": "192.0.2.4", "at": ""}],
    "drivers": [
        {"address": "198.51.100.1", "operation": "one", "proxies": ["192.0.2.1"] * 12},
        {"address": "198.51.100.2", "operation": "one", "proxies": ["192.0.2.1"] * 11},
        {"address": "198.51.100.3", "operation": "two", "proxies": ["192.0.2.1"] * 2},
    ],
    "masters": [
        {"address": "203.0.113.1", "operation": "one", "clients": ["192.0.2.1"] * 10},
        {"address": "203.0.113.2", "operation": "one", "clients": []},
    ],
    "operations": [
        {"name": "one", "manner": "open"},
        {"name": "two", "manner": "backconnect"},
    ],
    "tester": ["198.51.100.8"], "scanner": [], "research": [], "guesser": [],
    "strangers": [], "origins": [],
}  # fmt: skip


def said(address: str, confidence: float) -> Finding:
    return Finding(
        detector="hijacked",
        subject=address,
        kind="backconnect",
        confidence=confidence,
        window=WINDOW,
        summary="",
        proof={"weights": [2.0], "reasons": ["it dials out"]},
    )


def test_a_subscriber_is_found_by_any_of_its_addresses() -> None:
    findings = {"192.0.2.2": said("192.0.2.2", 0.8), "192.0.2.1": said("192.0.2.1", 0.1)}
    (host,) = judge.hijacked(TRUTH, findings, sampling=100)
    assert host.found
    assert host.packets == 19.0
    assert not host.fair
    assert host.reasons == ((2.0, "it dials out"),)


def test_who_runs_no_errands_is_not_counted_among_those_that_can_be_found() -> None:
    idle = {**TRUTH, "proxies": [{**TRUTH["proxies"][0], "errands": 0}]}
    assert not judge.hijacked(idle, {}, sampling=1)[0].fair
    assert judge.hijacked(TRUTH, {}, sampling=1)[0].fair


def test_no_address_of_a_hijacked_subscriber_is_innocent() -> None:
    findings = {
        text: said(text, 0.8) for text in ("192.0.2.1", "192.0.2.2", "192.0.2.4", "192.0.2.5")
    }
    findings["192.0.2.6"] = said("192.0.2.6", 0.49)
    wrong = judge.innocent(TRUTH, findings)
    assert [(host.address, host.roles) for host in wrong] == [
        ("192.0.2.4", ("mail_server",)),  # known by the address it had before
        ("192.0.2.5", ()),
    ]
    assert judge.population(TRUTH) == {"mail_server": 1}


def driver(address: str, role: str = "driver") -> Upstream:
    return Upstream(
        address=address,
        role=role,
        confidence=0.9,
        proxies=(),
        sessions=1,
        bytes=1,
        first_seen=MOMENT,
        last_seen=MOMENT,
        as_number=None,
        country=None,
    )


def master(address: str) -> Master:
    return Master(
        address=address,
        ports=(),
        confidence=0.9,
        proxies=(),
        clean_clients=0,
        period_s=None,
        next_suspects=(),
    )


def answer(upstreams: list[Upstream], masters: list[Master]) -> Answer:
    return Answer(
        window=WINDOW,
        proxies=(),
        upstreams=tuple(upstreams),
        masters=tuple(masters),
        operations=(),
        counts=Counts(flows=0, sessions=0, own_hosts=0, both_directions=0.0),
    )


def test_first_in_rank_means_nobody_innocent_before_it() -> None:
    named = [driver("198.51.100.3"), driver("198.51.100.1"), driver("198.51.100.8"),
             driver("198.51.100.2"), driver("198.51.100.9", "tester")]  # fmt: skip
    found = judge.drivers(TRUTH, answer(named, []))
    ranks = {true.address: (true.rank, true.wrong_above, true.first) for true in found.true}
    assert ranks["198.51.100.1"] == (1, 0, True)
    assert ranks["198.51.100.2"] == (3, 1, False)
    assert [(wrong.address, wrong.role) for wrong in found.wrong] == [
        ("198.51.100.8", "tester")
    ]


def test_who_is_not_named_has_no_rank() -> None:
    found = judge.drivers(TRUTH, answer([], []))
    assert [true.rank for true in found.true] == [None] * 3
    row = tables.outsiders([outcome(drivers=found)]).rows[0]
    assert row[3:6] == (str(Share(0, 2)), str(Share(0, 2)), str(Share(0, 3)))


def test_who_is_dialled_to_be_used_is_a_master_too_and_the_uncalled_are_left_out() -> None:
    found = judge.masters(TRUTH, answer([], [master("198.51.100.3"), master("203.0.113.1")]))
    assert not found.wrong
    assert [(true.address, true.first) for true in found.true] == [("203.0.113.1", True)]


def test_orientation_is_pooled_by_what_decided() -> None:
    told = [outcome(oriented={"flags": (9, 10)}), outcome(oriented={"flags": (10, 10)})]
    assert tables.orientation(told).rows == (
        ("1:1", "headwater", "0.9500 of 20", "flags 0.9500 of 20"),
    )


class Told:
    """An engine with one answer, which remembers what it was given."""

    name = "told"

    def __init__(self, given: pa.Table) -> None:
        self.given = given
        self.extra: Any = None

    def ask(
        self, question: str, window: Window, extra: Any = NO_TABLES, views: Any = NO_VIEWS
    ) -> pa.Table:
        self.extra = extra
        return self.given

    def prepare(
        self, question: str, window: Window, brought: Any, extra: Any = NO_TABLES
    ) -> None:
        self.extra = extra


def test_without_company_no_claim_about_it_reaches_the_judge() -> None:
    told = Told(pa.table({}))
    claims = pa.table({"kind": ["relay", "driven", "mail-out", "calls-master"]})
    NoCompany(told).ask("", WINDOW, {"findings": claims})
    assert told.extra["findings"].column("kind").to_pylist() == ["relay", "mail-out"]


def test_without_balance_sizes_stay_but_are_no_longer_each_session_s_own() -> None:
    sizes = np.arange(100)
    told = Told(pa.table({"peer": sizes, "up_bytes": sizes, "down_bytes": sizes}))
    asked = question("detectors", relay.DETECTOR.question)
    dealt = NoByteBalance(told).ask(asked, WINDOW)
    assert sorted(dealt.column("up_bytes").to_pylist()) == sizes.tolist()
    assert dealt.column("up_bytes").to_pylist() != sizes.tolist()
    assert dealt.column("peer").to_pylist() == sizes.tolist()
    assert NoByteBalance(told).ask("another question", WINDOW).equals(told.given)


def test_without_lists_nobody_is_listed() -> None:
    listed = pa.table(
        {"subject": ["192.0.2.1"], "subject_kind": ["address"], "source": ["example"]}
    )
    facts = Known(
        parse_settings({"own_networks": ["192.0.2.0/24"]}),
        listed,
        INDICATED.empty_table(),
        Places(pa.table({"prefix": pa.array([], pa.string()),
                         "as_number": pa.array([], pa.int64()),
                         "country": pa.array([], pa.string())})),
    )  # fmt: skip
    assert facts.listings(["192.0.2.1"]).num_rows == 1
    assert no_lists(facts).listings(["192.0.2.1"]).num_rows == 0
    assert facts.locate(["192.0.2.1"]) == [Place()]


def test_a_page_has_every_table_and_failures_every_wrong_name() -> None:
    wrong = judge.drivers(TRUTH, answer([driver("198.51.100.8")], []))
    told = [replace(each, drivers=wrong) for each in POOLED]
    text = page.markdown(told, "Seeds 1, 2.")
    for table in page.all_tables(told):
        assert f"## {table.title}" in text
    failed = page.failures(told)
    assert "ACCUSED 192.0.2.9 office 0.700" in failed
    assert "MISSED 192.0.2.1 backconnect/backconnect/mail 100 packets 0.400" in failed
    assert "WRONG DRIVER 198.51.100.8 is tester" in failed
    assert "driver not first: 198.51.100.1 one 12 hosts, rank None" in failed


def test_outsiders_without_anybody_are_no_row() -> None:
    assert tables.outsiders([outcome(drivers=Outsiders())]).rows == ()
    big = Outsider(address="198.51.100.1", operation="one", hosts=10, rank=0)
    assert tables.outsiders([outcome(drivers=Outsiders(true=(big,)))]).rows[0][3] == str(
        Share(1, 1)
    )


def test_views_are_chosen_by_name_and_worlds_without_any_are_left_out() -> None:
    jobs = chosen(whole((21,)), ["1:100", "1 h"])
    assert [[view.name for view in job.views] for job in jobs] == [["1:100"], ["1 h"]]
    assert len(chosen(short((21, 22)), [])) == 2


@pytest.mark.slow
def test_a_small_world_goes_through_the_whole_of_it() -> None:
    every = ("no lists", "no company", "no byte balance", "ports only")
    views = (
        View(name="1:1", ablations=every, baselines=True, orientation=True),
        View(name="1:10", exporter=Exporter(sampling=10)),
    )
    mix = Mix(hijacked_share=0.1, operations=len(MANNERS), kinds=tuple(MANNERS))
    told = run(Job(seed=21, subscribers=150, hours=0.5, mix=mix, views=views))
    assert [each.method for each in told] == [
        "headwater", *every, "NEMEA SMTP rule", "RITA-style beacons", "headwater"
    ]  # fmt: skip
    assert all(len(each.hijacked) == len(told[0].hijacked) > 5 for each in told)
    right, of = (sum(part) for part in zip(*told[0].oriented.values(), strict=True))
    assert of > 1000
    assert right > 0.95 * of
    assert told[-1].hijacked[0].packets == pytest.approx(told[0].hijacked[0].packets / 10)
