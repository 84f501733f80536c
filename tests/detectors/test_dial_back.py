"""Dial back: each call to one outsider is followed, or preceded, by serving somebody else."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.scene import S, Scene, outside, outsiders, own

from headwater.detectors import dial_back
from headwater.detectors.dial_back import (
    AROUND_US,
    DETECTOR,
    LEAST_CONFIDENCE,
    MANY_CALLS,
    MIRRORED,
)
from headwater.measures.coupling import HANDSHAKE_OCTETS
from headwater.pipeline.facts import whole_hours
from headwater.pipeline.questions import question
from headwater.records.finding import Finding

HOST = own(10)
GATEWAY = outside(1)
TARGETS = outsiders(30, 20)
FEWEST_CALLS = 6  # dial_back.sql


def serves_one(
    scene: Scene, at_s: float, target: str, *, port: int, lag_s: float = 0.4, host: str = HOST,
    called: int = 5000,
) -> None:  # fmt: skip
    there, back = scene.size(), scene.size()
    scene.talk(at_s, host, GATEWAY, called, up=back, down=there)
    scene.talk(at_s + lag_s, host, target, port, up=there, down=back)


def serves(
    scene: Scene, calls: int = 30, *, lag_s: float = 0.4, port: int = 443, host: str = HOST,
    called: int = 5000,
) -> None:  # fmt: skip
    """What the gateway sends down a call goes up to somebody else, and the other way round."""
    start_s, every_s = 100.0, 6000 // calls
    for number in range(calls):
        at_s = start_s + every_s * number
        target = TARGETS[number % 30]
        serves_one(scene, at_s, target, lag_s=lag_s, port=port, host=host, called=called)


def one(findings: list[Finding]) -> Finding:
    (found,) = findings
    return found


def test_a_host_that_is_dialled_up_to_serve_fires(scene: Scene) -> None:
    serves(scene, port=25)
    scene.browse(HOST, outsiders(10, 100), scene.times(30))
    found = one(scene.findings(DETECTOR))
    assert (found.subject, found.kind) == (HOST, "dials-back")
    assert (found.proof["peer"], found.proof["port"]) == (GATEWAY, 5000)
    assert not found.proof["in_turn"]
    assert found.proof["calls"] == found.proof["passed_on"] == 30
    assert found.proof["onward_mail"] == found.proof["onward_servers"] == 30
    assert found.confidence >= LEAST_CONFIDENCE


@pytest.mark.parametrize("called", [53, 123, 853])
@pytest.mark.parametrize("short", [(), ("there",), ("back",), ("there", "back")])
def test_calls_that_bring_much_ask_for_no_names(
    scene: Scene, called: int, short: tuple[str, ...]
) -> None:
    serves(scene, port=25, called=called)
    for row in scene.rows:
        if GATEWAY in (row["src"], row["dst"]):
            row["packets"] *= (
                2 if ("there" if row["src"] == GATEWAY else "back") in short else 1
            )
    told = [called] if len(short) < 2 else []
    assert [found.proof["port"] for found in scene.findings(DETECTOR)] == told
    sums = scene.engine.ask(question("pipeline", "facts.sql"), whole_hours(scene.window))
    rows = sums.filter(pa.array(dial_back.worth(sums))).to_pylist()
    assert [row["port"] for row in rows if row["kind"] == dial_back.DIALLED] == told


def test_the_one_place_that_everybody_wants_is_no_gateway(scene: Scene) -> None:
    """Its pages leave the host again each time; they go up to who asked for them."""
    for number, at_s in enumerate(scene.times(40)):
        ask, page = 400 + number, 20_000 + scene.size()
        scene.talk(at_s, HOST, GATEWAY, 5000, up=page, down=ask)
        scene.talk(at_s + 0.4, HOST, TARGETS[0], 443, up=ask, down=page)
    found = one(scene.findings(DETECTOR))
    assert (found.proof["peer"], found.proof["source"]) == (GATEWAY, False)
    assert found.proof["onward_to"] == TARGETS[0]


def test_what_several_gateways_want_again_and_again_is_no_gateway(scene: Scene) -> None:
    """Each page leaves the host again for one of three; each of these wants every page."""
    gateways, pages = outsiders(3, 100), TARGETS[:5]
    for number, at_s in enumerate(scene.times(120)):
        ask, page = 400 + number, 20_000 + scene.size()
        # Clocks of two exporters: the page may seem to come before it was asked for.
        scene.talk(at_s + 0.4, HOST, gateways[number % 3], 5000, up=page, down=ask)
        scene.talk(at_s, HOST, pages[number % 5], 443, up=ask, down=page, lasts_s=1)
    assert {f.proof["peer"] for f in scene.findings(DETECTOR)} == set(gateways)


def test_a_place_whose_answers_no_record_shows_is_no_gateway_either(scene: Scene) -> None:
    """What comes back to the host takes another way; what is handed on tells who had asked."""
    gateways, page_at = outsiders(3, 100), TARGETS[0]
    for number, at_s in enumerate(scene.times(120)):
        ask, page = 4_000 + scene.size() // 10, 50_000 + scene.size()
        scene.talk(at_s, HOST, gateways[number % 3], 5000, up=page, down=ask)
        scene.talk(at_s + 0.4, HOST, page_at, 443, up=ask, down=page, lasts_s=1)
    scene.rows = [row for row in scene.rows if row["src"] != page_at]
    assert {f.proof["peer"] for f in scene.findings(DETECTOR)} == set(gateways)


def test_who_wants_it_through_a_pool_is_named_by_the_gateways_door(scene: Scene) -> None:
    """Each of many gateways is called too seldom to be told by itself; the page is not."""
    gateways, pages = outsiders(20, 100), TARGETS[:2]
    for number, at_s in enumerate(scene.times(60)):
        ask, page = 400 + number, 20_000 + scene.size()
        scene.talk(at_s, HOST, gateways[number % 20], 5000, up=page, down=ask)
        scene.talk(at_s + 0.4, HOST, pages[number % 2], 443, up=ask, down=page)
    named = {(f.proof["peer"], f.proof["port"]) for f in scene.findings(DETECTOR)}
    assert named
    assert named <= {(gateway, 5000) for gateway in gateways}


@pytest.mark.parametrize("wraps", [0, 2_900])
def test_a_few_long_letters_among_pages_make_no_source_of_a_gateway(
    scene: Scene, wraps: int
) -> None:
    """All told it gave more than it took, not in most calls; its certificate is no content."""
    for number, at_s in enumerate(scene.times(12)):
        ask, page = 400 + number, 2_000 + scene.size() // 100
        gives, takes = (90 * page, ask) if number % 4 == 0 and not wraps else (ask, page)
        scene.talk(at_s + 0.4, HOST, GATEWAY, 5000, up=takes, down=gives + wraps)
        scene.talk(at_s, HOST, TARGETS[number % 3], 443, up=gives, down=takes)
    found = one(scene.findings(DETECTOR))
    assert found.proof["gave"] > found.proof["took"]
    assert (found.proof["peer"], found.proof["source"]) == (GATEWAY, False)


@pytest.mark.parametrize(
    ("begins_s", "lasts_s", "around"),
    [(-0.3, 3.0, True), (0.1, 3.0, False), (-0.3, 2.0, False)],
)
@pytest.mark.parametrize("targets", [1, 12])
def test_a_call_that_lasts_around_its_errand_brought_it(
    scene: Scene, begins_s: float, lasts_s: float, around: bool, targets: int
) -> None:
    """Where others are called too seldom to tell; else who gave contents was asked for them."""
    for number, at_s in enumerate(scene.times(12)):
        form, thanks, target = 9_000 + scene.size(), 400, TARGETS[number % targets]
        begun_s = at_s + begins_s
        scene.talk(begun_s, HOST, GATEWAY, 5000, up=thanks, down=form, lasts_s=lasts_s)
        scene.talk(at_s, HOST, target, 443, up=form, down=thanks, lasts_s=2)
    found = one(scene.findings(DETECTOR))
    assert found.proof["around"] == (around and targets > 1)
    assert (found.proof["peer"] == GATEWAY) == (around and targets > 1)


def shares_calls(scene: Scene, *, whole: bool = True, calls: int = 40) -> None:
    """What the gateway sends down one call goes up to one after the other."""
    for number, at_s in enumerate(scene.times(calls)):
        sizes = [scene.size() for _ in range(4)]
        down = 4 * 900 if whole else scene.size()
        scene.talk(at_s, HOST, GATEWAY, 443, up=sum(sizes), down=down, lasts_s=50)
        for turn, size in enumerate(sizes):
            site = TARGETS[(4 * number + turn) % 30]
            scene.talk(at_s + 0.3 + 11 * turn, HOST, site, 80, up=900, down=size)


def test_one_call_may_be_for_several_errands(scene: Scene) -> None:
    shares_calls(scene)
    found = one(scene.findings(DETECTOR))
    assert (found.proof["peer"], found.proof["in_turn"]) == (GATEWAY, True)
    assert found.proof["onward_servers"] == 30
    assert "several errands in one" in found.summary


def test_calls_of_another_size_than_their_errands_are_quiet(scene: Scene) -> None:
    shares_calls(scene, whole=False)
    assert scene.findings(DETECTOR) == []


def tries_passwords(
    scene: Scene, *, page: int, calls: int = 900, mirrored: float = 1.0
) -> list[Finding]:
    """Again and again, often two a second: each asks the same of one of two and gets the same.

    Of ``mirrored`` of them what is given goes where it was asked for, of the rest elsewhere.
    """
    for number, at_s in enumerate(scene.times(calls, 100, 1600)):
        given = page if number % 100 < 100 * mirrored else 3 * page
        scene.talk(at_s, HOST, GATEWAY, 5000, up=given, down=2_000, lasts_s=0.5)
        scene.talk(at_s + 0.1, HOST, TARGETS[number % 2], 443, up=2_000, down=page, lasts_s=0.4)
    return scene.findings(DETECTOR)


def test_who_tries_passwords_is_told_by_times_though_all_is_of_one_size(scene: Scene) -> None:
    found = one(tries_passwords(scene, page=6_000))
    assert (found.proof["peer"], found.proof["port"]) == (GATEWAY, 5000)
    assert found.proof["passed_on"] > 2 * found.proof["by_chance"]
    assert found.confidence > 0.9


def test_one_size_both_ways_tells_no_mirror(scene: Scene) -> None:
    """Who calls two places at once takes as much of the one as he gives the other."""
    assert tries_passwords(scene, page=2_000 + 2 * HANDSHAKE_OCTETS - 100) == []


def test_half_of_a_session_tells_no_mirror(scene: Scene) -> None:
    """Who tells many the same at once gives each as much as another's half shows it to take."""
    for number, at_s in enumerate(scene.times(200, 100, 1600)):
        for place in (GATEWAY, TARGETS[number % 2]):
            scene.talk(at_s, HOST, place, 443, up=5_000, down=5_200, lasts_s=0.5)
    scene.rows = [
        row for row in scene.rows if row["dst"] != GATEWAY and row["src"] not in TARGETS[:2]
    ]
    assert scene.ask(DETECTOR).num_rows > 0
    assert scene.findings(DETECTOR) == []


def test_of_one_size_nearly_all_that_goes_together_is_mirrored(scene: Scene) -> None:
    assert tries_passwords(scene, page=6_000, calls=300, mirrored=MIRRORED - 0.1) == []


def test_a_poller_that_browses_is_quiet(scene: Scene) -> None:
    scene.poll(HOST, GATEWAY, 5000, 120)
    scene.browse(HOST, outsiders(20, 100), scene.times(200))
    assert scene.ask(DETECTOR).num_rows > 0
    assert scene.findings(DETECTOR) == []


def test_small_calls_beside_as_many_small_others_are_chance(scene: Scene) -> None:
    """A host that calls without pause is paired all the time, whatever the shift."""
    for number in range(2400):
        at_s = 100 + 2.5 * number
        scene.talk(at_s, HOST, GATEWAY, 5000, up=300, down=300, lasts_s=0.1)
        scene.talk(at_s + 0.7, HOST, TARGETS[number % 30], 443, up=300, down=300, lasts_s=0.1)
    assert scene.findings(DETECTOR) == []


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(("beyond_s", "fires"), [(0, True), (0.001, False)])
def test_the_two_start_within_the_limit(
    scene: Scene, side: int, beyond_s: float, fires: bool
) -> None:
    serves(scene, lag_s=side * (AROUND_US / S + beyond_s))
    assert bool(scene.findings(DETECTOR)) == fires


@pytest.mark.parametrize(("calls", "asked"), [(FEWEST_CALLS, True), (FEWEST_CALLS - 1, False)])
def test_the_fewest_calls(scene: Scene, calls: int, asked: bool) -> None:
    serves(scene, calls)
    assert bool(scene.ask(DETECTOR).num_rows) == asked


def test_sampled_records_are_not_asked_about(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=2)
    serves(scene)
    assert scene.ask(DETECTOR).num_rows == 0


def test_mail_servers_are_nobodys_gateway(scene: Scene) -> None:
    for at_s in scene.times(40):
        scene.talk(at_s, HOST, GATEWAY, 25, up=900, down=900)
        scene.talk(at_s + 0.4, HOST, TARGETS[3], 443, up=900, down=900)
    answer = scene.ask(DETECTOR)
    called = [
        row["peer"] for row in answer.select(["leg", "peer"]).to_pylist() if row["leg"] == "to"
    ]
    assert GATEWAY not in called


def test_errands_of_other_hosts_are_theirs(scene: Scene) -> None:
    for number in range(40):
        at_s = 100 + 100 * number
        size = scene.size()
        scene.talk(at_s, HOST, GATEWAY, 5000, up=900, down=size)
        scene.talk(at_s + 0.4, own(11), TARGETS[number % 30], 443, up=size, down=900)
    assert scene.findings(DETECTOR) == []


@pytest.mark.parametrize(("fetched_s", "fires"), [(1.1, True), (0.9, False)])
@pytest.mark.parametrize("sources", [1, 30])
def test_known_mistake_uploading_here_what_is_still_fetched_there(
    scene: Scene, sources: int, fetched_s: float, fires: bool
) -> None:
    """Who hands on only what was fetched to the end was not asked for it by its taker."""
    for number in range(40):
        size, at_s = scene.size(), 100 + 100 * number
        source = TARGETS[number % sources]
        scene.talk(at_s, HOST, source, 443, up=300, down=size, lasts_s=fetched_s)
        scene.talk(at_s + 1, HOST, GATEWAY, 443, up=size, down=300)
    assert {f.proof["peer"] for f in scene.findings(DETECTOR)} == (
        {GATEWAY} if fires else set()
    )


def test_letters_may_be_ordered_to_the_end_before_they_are_mailed(scene: Scene) -> None:
    for number in range(40):
        size, at_s = scene.size(), 100 + 100 * number
        scene.talk(at_s, HOST, GATEWAY, 5000, up=300, down=size, lasts_s=0.5)
        scene.talk(at_s + 1, HOST, TARGETS[number % 30], 25, up=size, down=300)
    assert one(scene.findings(DETECTOR)).proof["peer"] == GATEWAY


@pytest.mark.parametrize("people", [True, False])
def test_people_are_met_at_ports_of_their_own(scene: Scene, people: bool) -> None:
    """As a volunteer's browser carries them to a network against censorship."""
    for number in range(30):
        port = 20_000 + 7 * number if people else 443
        serves_one(scene, 100 + 200 * number, TARGETS[number], port=port)
    assert one(scene.findings(DETECTOR)).proof["among_peers"] == people


@pytest.mark.parametrize(("by_chance", "spoken"), [(50.0, True), (50.5, False)])
def test_a_host_that_calls_without_pause_needs_twice_its_chance(
    by_chance: float, spoken: bool
) -> None:
    hundred = np.array([100])
    (confidence,) = dial_back._confidence(hundred, np.array([by_chance]), hundred)
    assert (confidence > 0.9) == spoken


@pytest.mark.parametrize(("tries", "hits", "by_chance", "worth"), [
    (30, 20, 1.0, True),
    (30, 20, 15.0, False),
    (MANY_CALLS, MANY_CALLS, MANY_CALLS, True),  # all of one size: the hunt goes by times
    (MANY_CALLS - 1, MANY_CALLS - 1, MANY_CALLS, False),
    (100, 100 * MIRRORED - 1, 100, False),
])  # fmt: skip
def test_what_facts_make_worth_a_look(
    tries: int, hits: float, by_chance: float, worth: bool
) -> None:
    one_row = {
        "kind": ["dialled"], "tries": [tries], "hits": [int(hits)], "by_chance": [by_chance],
    }  # fmt: skip
    assert dial_back.worth(pa.table(one_row)).tolist() == [worth]
