"""From findings to the answer: what is named, in what order, and what belongs together."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.scene import outside, own, window

from headwater.pipeline.answer import LIKELY, NEXT_SUSPECT, Place, compose
from headwater.records.answer import Answer, Counts
from headwater.records.finding import Finding
from headwater.records.window import from_us

WINDOW = window(2)
START, END = WINDOW.start_us + 10, WINDOW.end_us - 10
COUNTS = Counts(flows=4, sessions=2, own_hosts=1, both_directions=1.0)
SEEN: dict[str, Any] = {"first_seen_us": START, "last_seen_us": END}


def finding(detector: str, subject: str, kind: str, confidence: float, **proof: Any) -> Finding:
    return Finding(
        detector=detector,
        subject=subject,
        kind=kind,
        confidence=confidence,
        window=WINDOW,
        summary="",
        proof=SEEN | proof,
    )


def proxy(number: int, confidence: float = 0.9, **proof: Any) -> Finding:
    said = {
        "kinds": {"synthetic-open": 0.9, "natural-open": 0.1, "open-relay": 0.0},
        "port": 1080,
        "mail_sessions": 0,
        "reasons": ["because"],
    }
    return finding("hijacked", own(number), "synthetic-open", confidence, **said | proof)


def visitor(subject: str, *hosts: int, role: str = "driver", **said: Any) -> Finding:
    confidence = said.pop("confidence", 0.9)
    proof = {"proxies": [own(host) for host in hosts], "sessions": 5, "bytes": 500}
    return finding("upstream", subject, role, confidence, **proof | said)


def master(subject: str, *hosts: int, others: Sequence[int] = (), **said: Any) -> Finding:
    proof = {
        "ports": [8443],
        "period_s": 300.0,
        "purity": 0.8,
        "proxies": [own(host) for host in hosts],
        "others": [own(host) for host in others],
    }
    return finding("master", subject, "master", said.pop("confidence", 0.9), **proof | said)


def dials(number: int, peer: str, kind: str = "tunnel-out", **said: Any) -> Finding:
    confidence = said.pop("confidence", 0.9)
    proof = {"peer": peer, "port": 8443, "sessions": 1, "bytes": 100}
    return finding("tunnel", own(number), kind, confidence, **proof | said)


def answer(*findings: Finding, spared: Sequence[str] = ()) -> Answer:
    def locate(addresses: Sequence[str]) -> list[Place]:
        return [Place(as_number=64500 + len(a), country="ZZ") for a in addresses]

    def spare(addresses: Sequence[str]) -> list[bool]:
        return [address in spared for address in addresses]

    return compose(findings, WINDOW, COUNTS, locate, spare)


def test_nothing_found_is_an_answer_too() -> None:
    found = answer()
    assert (found.proxies, found.upstreams, found.masters, found.operations) == ((), (), (), ())
    assert (found.window, found.counts) == (WINDOW, COUNTS)


def test_a_proxy_is_told_as_it_was_found() -> None:
    (found,) = answer(proxy(10, 0.93, mail_sessions=7)).proxies
    assert (found.address, found.kind, found.port) == (own(10), "synthetic-open", 1080)
    assert (found.confidence, found.mail_sessions, found.reasons) == (0.93, 7, ("because",))
    assert (found.first_seen, found.last_seen) == (from_us(START), from_us(END))
    assert found.kinds == {
        "synthetic-open": 0.9,
        "natural-open": 0.1,
    }  # what cannot be is left out


@pytest.mark.parametrize(("confidence", "named"), [(LIKELY, 1), (LIKELY - 0.001, 0)])
def test_only_what_is_likely_is_named(confidence: float, named: int) -> None:
    assert len(answer(proxy(10, confidence)).proxies) == named


def test_what_other_detectors_say_of_a_host_names_nobody() -> None:
    assert answer(finding("relay", own(10), "relay", 0.99, port=1080)).proxies == ()


def test_the_surest_proxy_comes_first_then_who_sent_most() -> None:
    found = answer(proxy(10, 0.8), proxy(11, 0.9), proxy(12, 0.9, mail_sessions=5))
    assert [p.address for p in found.proxies] == [own(12), own(11), own(10)]


def test_whom_never_to_accuse_is_nowhere_named() -> None:
    spared = [own(10), outside(1), outside(2)]
    found = answer(
        proxy(10), proxy(11), visitor(outside(1), 10, 11), visitor(outside(3), 10, 11),
        master(outside(2), 10, 11), master(outside(4), 10, 11), spared=spared,
    )  # fmt: skip
    assert [p.address for p in found.proxies] == [own(11)]
    assert [(u.address, u.proxies) for u in found.upstreams] == [(outside(3), (own(11),))]
    assert [(m.address, m.proxies) for m in found.masters] == [(outside(4), (own(11),))]
    # Nor as somebody's next suspect.
    assert not {s.address for m in found.masters for s in m.next_suspects} & set(spared)


def test_a_gateway_never_to_accuse_is_not_named_by_those_who_dial_it() -> None:
    found = answer(proxy(10), dials(10, outside(1)), spared=[outside(1)])
    assert (found.upstreams, found.masters) == ((), ())
    assert found.proxies


def test_a_reason_that_names_whom_never_to_accuse_is_not_given() -> None:
    reasons = [f"calls {outside(1)}, as 5 other suspects do", f"visited by {outside(10)}"]
    calls = finding("master", own(10), "calls-master", 0.9, master=outside(1))
    said = (proxy(10, reasons=reasons), calls)
    assert answer(*said).proxies[0].reasons == tuple(reasons)
    (found,) = answer(*said, spared=[outside(1)]).proxies
    assert found.reasons == (reasons[1],)


def test_an_upstream_drives_only_what_is_named() -> None:
    (found,) = answer(proxy(10), proxy(11, 0.2), visitor(outside(1), 10, 11)).upstreams
    assert (found.proxies, found.role) == ((own(10),), "driver")
    assert (found.as_number, found.country) == (64500 + len(outside(1)), "ZZ")


def test_who_drives_or_is_called_by_nobody_named_is_not_accused() -> None:
    weak = (proxy(11, 0.4), visitor(outside(1), 11), master(outside(2), 11))
    assert (answer(*weak).upstreams, answer(*weak).masters) == ((), ())
    told = master(outside(2), 11, weights={"indicator": 9.0})  # by somebody else
    assert [s.address for s in answer(weak[0], told).masters[0].next_suspects] == [own(11)]


def test_a_gateway_is_no_surer_than_the_host_that_dials_it() -> None:
    found = answer(proxy(10, 0.7), dials(10, outside(5), confidence=0.99))
    assert (found.upstreams[0].confidence, found.masters[0].confidence) == (0.7, 0.7)


def test_drivers_come_before_testers_and_many_proxies_before_few() -> None:
    found = answer(
        proxy(10), proxy(11),
        visitor(outside(1), 10, 11, role="tester"),
        visitor(outside(2), 10, confidence=0.99),
        visitor(outside(3), 10, 11, confidence=0.9),
        visitor(outside(4), 11, confidence=0.99, bytes=900),
    )  # fmt: skip
    assert [u.address for u in found.upstreams] == [outside(n) for n in (3, 4, 2, 1)]


@pytest.mark.parametrize("kind", ["tunnel-out", "dials-back", "carries-to", "mails-for"])
def test_whom_proxies_dial_to_be_used_is_upstream_and_master_at_once(kind: str) -> None:
    found = answer(
        proxy(10), proxy(11),
        dials(10, outside(1), kind, confidence=0.7),
        dials(11, outside(1), kind, port=9000, first_seen_us=START - 5),
    )  # fmt: skip
    (upstream,), (commanding,) = found.upstreams, found.masters
    assert (upstream.address, upstream.role, upstream.confidence) == (outside(1), "driver", 0.9)
    assert (upstream.sessions, upstream.bytes) == (2, 200)
    assert upstream.first_seen == from_us(START - 5)
    assert upstream.proxies == commanding.proxies == (own(10), own(11))
    assert (commanding.address, commanding.ports) == (outside(1), (8443, 9000))


@pytest.mark.parametrize(("dialled", "sure"), [(0.6, 0.7), (0.9, 0.9)])
def test_whom_one_surely_dials_to_be_used_is_surely_a_master(
    dialled: float, sure: float
) -> None:
    """Others call it as well, which makes a master's own evidence weak."""
    weak = master(outside(1), 10, others=[20, 21], confidence=0.7)
    (found,) = answer(proxy(10), weak, dials(10, outside(1), confidence=dialled)).masters
    assert (found.confidence, found.clean_clients) == (sure, 2)


@pytest.mark.parametrize(("doubted", "first"), [(0.85, outside(1)), (0.75, outside(2))])
def test_a_driver_of_many_in_doubt_comes_after_a_sure_one_of_few(
    doubted: float, first: str
) -> None:
    of_many = visitor(outside(1), 1, 2, 3, 4, confidence=doubted)
    of_few = visitor(outside(2), 1, 2, confidence=0.99)
    said = answer(proxy(1), proxy(2), proxy(3), proxy(4), of_few, of_many)
    assert said.upstreams[0].address == first


@pytest.mark.parametrize(("part", "first"), [(0.4, outside(2)), (0.6, outside(1))])
def test_who_does_little_of_many_hosts_work_comes_after_who_does_all_of_few(
    part: float, first: str
) -> None:
    of_many = visitor(outside(1), 1, 2, 3, 4, parts=[part] * 4)
    of_few = visitor(outside(2), 1, 2, parts=[1.0, 1.0])
    said = answer(proxy(1), proxy(2), proxy(3), proxy(4), of_few, of_many)
    assert said.upstreams[0].address == first


def test_work_of_hosts_that_are_not_named_does_not_count() -> None:
    elsewhere = visitor(outside(1), 1, 2, 3, 9, parts=[0.3, 0.3, 0.3, 1.0])
    of_one = visitor(outside(2), 1, parts=[1.0])
    said = answer(proxy(1), proxy(2), proxy(3), elsewhere, of_one)
    assert [upstream.address for upstream in said.upstreams] == [outside(2), outside(1)]


@pytest.mark.parametrize(("visited", "masters"), [((2,), 1), ((2, 3), 0)])
def test_who_visits_more_than_dial_it_is_no_master(
    visited: Sequence[int], masters: int
) -> None:
    said = answer(
        proxy(1), proxy(2), proxy(3), dials(1, outside(1)), visitor(outside(1), *visited)
    )
    assert len(said.masters) == masters
    assert [upstream.role for upstream in said.upstreams] == ["driver"] * len(said.upstreams)


def test_a_tunnel_of_a_host_that_is_not_named_names_nobody() -> None:
    found = answer(proxy(10, 0.2), dials(10, outside(1)))
    assert (found.upstreams, found.masters) == ((), ())


@pytest.mark.parametrize(("claims", "shown"), [((0.4,), 0), ((0.5,), 1), ((0.4, 0.3), 1)])
def test_whom_several_may_dial_is_shown_where_one_most_likely_does(
    claims: tuple[float, ...], shown: int
) -> None:
    found = answer(
        proxy(10), proxy(11),
        *(dials(10 + n, outside(1), confidence=sure) for n, sure in enumerate(claims)),
    )  # fmt: skip
    assert (len(found.upstreams), len(found.masters)) == (shown, shown)


def test_who_is_tunnelled_into_dials_nobody() -> None:
    assert answer(proxy(10), dials(10, outside(1), "tunnel-in")).masters == ()


def test_the_other_callers_of_a_master_are_the_next_suspects() -> None:
    (found,) = answer(proxy(10), master(outside(1), 10, 12, others=[13])).masters
    assert (found.proxies, found.clean_clients) == ((own(10),), 2)
    assert {s.address for s in found.next_suspects} == {own(12), own(13)}
    expected = pytest.approx(0.9 * NEXT_SUSPECT * 0.8, abs=1e-4)
    assert [s.confidence for s in found.next_suspects] == [expected] * 2


def test_a_take_down_is_worth_the_proxies_that_know_no_other_master() -> None:
    found = answer(
        *(proxy(number) for number in (10, 11, 12)), dials(12, outside(5)),
        master(outside(3), 10, 11, 12, 13), master(outside(4), 11),
    )  # fmt: skip
    assert {m.address: (len(m.proxies), m.goes_dark) for m in found.masters} == {
        outside(3): (3, 1), outside(4): (1, 0), outside(5): (1, 0),
    }  # fmt: skip


def test_masters_come_by_what_hangs_on_them_whoever_else_calls() -> None:
    found = answer(
        *(proxy(number) for number in (10, 11, 12)),
        master(outside(1), 10, 11, 12, others=range(20, 30)), master(outside(2), 10, 11),
        master(outside(3), 10, 11, 12, confidence=0.8), master(outside(4), 10),
    )  # fmt: skip
    assert [each.address for each in found.masters] == [outside(n) for n in (1, 3, 2, 4)]


@pytest.mark.parametrize(("doubted", "first"), [(0.85, outside(1)), (0.75, outside(2))])
def test_a_master_of_many_in_doubt_comes_after_a_sure_one_of_few(
    doubted: float, first: str
) -> None:
    of_many = master(outside(1), 1, 2, 3, 4, confidence=doubted)
    of_few = master(outside(2), 5, 6, confidence=0.99)
    said = answer(*(proxy(number) for number in range(1, 7)), of_few, of_many)
    assert said.masters[0].address == first


def test_a_proxy_that_calls_several_hangs_on_each_by_a_part() -> None:
    found = answer(
        *(proxy(number) for number in range(10, 15)),
        *(master(outside(n), 10, 11, 12) for n in (1, 2, 3)), master(outside(4), 13, 14),
    )  # fmt: skip
    assert [each.address for each in found.masters] == [outside(n) for n in (4, 1, 2, 3)]


def test_what_shares_a_driver_or_a_master_is_one_operation() -> None:
    found = answer(
        *(proxy(number) for number in (10, 11, 12, 20, 21, 30)),
        visitor(outside(1), 10, 11), visitor(outside(2), 20, 21), visitor(outside(5), 30),
        master(outside(3), 11, 12), visitor(outside(4), 10, 20, role="tester"),
    )  # fmt: skip
    first, second = found.operations
    assert first.proxies == (own(10), own(11), own(12))
    assert (first.upstreams, first.masters) == ((outside(1),), (outside(3),))
    assert (second.proxies, second.upstreams) == ((own(20), own(21)), (outside(2),))


def test_a_tie_found_late_joins_two_operations() -> None:
    hosts = [proxy(number) for number in (10, 11, 20, 21)]
    apart = answer(*hosts, visitor(outside(1), 10, 11), visitor(outside(2), 20, 21))
    joined = answer(
        *hosts, visitor(outside(1), 10, 11), visitor(outside(2), 20, 21),
        master(outside(3), 11, 20),
    )  # fmt: skip
    assert (len(apart.operations), len(joined.operations)) == (2, 1)
    assert joined.operations[0].proxies == tuple(own(n) for n in (10, 11, 20, 21))


def test_an_operation_keeps_its_name_while_it_keeps_its_master() -> None:
    before = answer(proxy(10), proxy(11), master(outside(3), 10, 11))
    after = answer(
        proxy(10), proxy(12), proxy(13), master(outside(3), 10, 12), visitor(outside(1), 12, 13)
    )
    assert before.operations[0].name == after.operations[0].name
    other = answer(proxy(10), proxy(11), master(outside(4), 10, 11))
    assert other.operations[0].name != before.operations[0].name


def test_one_proxy_alone_is_no_operation() -> None:
    assert answer(proxy(10), visitor(outside(1), 10)).operations == ()


def test_the_order_of_findings_does_not_matter() -> None:
    findings = [
        proxy(10), proxy(11), proxy(12), visitor(outside(1), 10, 11), visitor(outside(2), 12),
        master(outside(3), 11, 12), master(outside(4), 10, 11), dials(12, outside(5)),
    ]  # fmt: skip
    assert answer(*findings) == answer(*findings[::-1])


def scanner(subject: str, *answered: int, doors: int = 30, **said: Any) -> Finding:
    proof = {
        "ports": [23], "doors": doors, "opened": len(answered), "hosts": 20, "dark": 15,
        "answered_by": [own(host) for host in answered],
        "changed": [
            {"host": own(host), "what": "mail", "port": 25, "after_s": 60.0}
            for host in said.pop("changed", ())
        ],
    }  # fmt: skip
    return finding("dark_scan", subject, "scanner", 0.99, **proof | said)


def scanning(number: int, confidence: float = 0.9, **said: Any) -> Finding:
    proof = {
        "port": 23, "server": None, "protocol": 6, "targets": 400, "opened": 3, "per_hour": 9.5,
    }  # fmt: skip
    return finding("own_scan", own(number), "scanning", confidence, **proof | said)


def test_who_scans_is_no_proxy_and_drives_nobody() -> None:
    found = answer(scanning(10), scanner(outside(1), 11))
    assert (found.proxies, found.upstreams, found.masters) == ((), (), ())
    (host,), (outsider,) = found.scanning, found.scanners
    assert (host.address, host.port, host.targets, host.per_hour) == (own(10), 23, 400, 9.5)
    assert (outsider.address, outsider.answered_by) == (outside(1), (own(11),))
    assert (outsider.as_number, outsider.country) == (64500 + len(outside(1)), "ZZ")
    assert (outsider.first_seen, outsider.last_seen) == (from_us(START), from_us(END))


@pytest.mark.parametrize(
    ("role", "sure", "named"),
    [("driver", 0.6, True), ("tester", 0.99, True), ("tester", 0.98, False)],
)
def test_an_outsider_is_named_once_by_the_surer_word(
    role: str, sure: float, named: bool
) -> None:
    visited = visitor(outside(1), 10, role=role, confidence=sure)
    found = answer(proxy(10), visited, scanner(outside(1)), scanner(outside(2)))
    assert [u.address for u in found.upstreams] == ([outside(1)] if named else [])
    others = [outside(2)] if named else [outside(1), outside(2)]
    assert [s.address for s in found.scanners] == others


def test_whose_visit_changed_something_comes_first() -> None:
    found = answer(
        scanner(outside(1), doors=500),
        scanner(outside(2), doors=900),
        scanner(outside(3), 10, changed=[10]),
    )
    assert [s.address for s in found.scanners] == [outside(3), outside(2), outside(1)]


@pytest.mark.parametrize(("confidence", "named"), [(LIKELY, 1), (LIKELY - 0.001, 0)])
def test_only_who_likely_scans_is_named(confidence: float, named: int) -> None:
    assert len(answer(scanning(10, confidence)).scanning) == named


def test_a_measuring_host_never_to_accuse_is_not_named() -> None:
    said = (scanning(10), scanning(11, server=outside(2), port=None), scanner(outside(1), 10))
    found = answer(*said, scanner(outside(3)), spared=[own(10), outside(2), outside(3)])
    assert [(s.address, s.server) for s in found.scanning] == [(own(11), None)]
    assert [(s.address, s.answered_by) for s in found.scanners] == [(outside(1), ())]
