"""Kinds, told by what was said of a host; and by its company."""

from datetime import timedelta
from typing import Any

import pytest

from headwater.measures.kinds import (
    APPEARED_US,
    CROWD,
    DRIVEN_SHARE,
    MANY,
    SEVERAL,
    Traits,
    probabilities,
)
from headwater.records.finding import Kind
from headwater.records.window import Window, from_us

WINDOW = Window(from_us(0), from_us(7_200_000_000))
SENDER = {
    "mail_in_clients": 0, "mail_in_sessions": 0, "serves_mail": False, "sampling": 100,
    "mail_bytes": 1000, "mail_packets": 20, "fed_bytes": 0, "weights": {},
}  # fmt: skip
FED = SENDER | {
    "weights": {"fed": 2.0}, "fed_bytes": 1000, "fed_port": 28_656, "fed_visitors": 1,
    "fed_first": WINDOW.start_us,
}  # fmt: skip


def likeliest(traits: Traits) -> str:
    found = probabilities(traits, WINDOW)
    assert sum(found.values()) == pytest.approx(1, abs=0.01)
    return max(found, key=lambda kind: found[kind])


def test_of_whom_nothing_is_said_nothing_is_known() -> None:
    assert likeliest(Traits()) == Kind.CANNOT_SAY


def test_who_only_sends_is_a_direct_sender() -> None:
    assert likeliest(Traits(sender=SENDER)) == Kind.DIRECT_SENDER


@pytest.mark.parametrize(
    ("custom", "kind"),
    [
        ({"backconnect": 1.0}, Kind.BACKCONNECT),
        ({"backconnect": 0.5, "synthetic-open": 0.5}, Kind.DIRECT_SENDER),
        ({"synthetic-protected": 1.0}, Kind.SYNTHETIC_PROTECTED),
        ({"cannot-say": 1.0}, Kind.DIRECT_SENDER),
    ],
)
def test_company_of_one_kind_tells_what_was_not_seen(
    custom: dict[str, float], kind: Kind
) -> None:
    assert likeliest(Traits(sender=SENDER, custom=custom)) == kind


@pytest.mark.parametrize(
    ("kind", "told"),
    [("backconnect", Kind.BACKCONNECT), ("synthetic-protected", Kind.DIRECT_SENDER)],
)
@pytest.mark.parametrize("seen", [{"sampling": 1}, {"mail_packets": 1_000}])
def test_a_port_that_relays_would_have_been_seen(
    kind: str, told: Kind, seen: dict[str, int]
) -> None:
    traits = Traits(sender=SENDER | seen, custom={kind: 1.0})
    assert likeliest(traits) == told


def test_a_port_that_is_fed_was_seen() -> None:
    company = {"synthetic-open": 1.0}
    assert likeliest(Traits(sender=FED | {"mail_packets": 1_000})) == Kind.SYNTHETIC_PROTECTED
    traits = Traits(sender=FED | {"mail_packets": 1_000}, custom=company)
    assert likeliest(traits) == Kind.SYNTHETIC_OPEN


def test_what_the_host_itself_shows_counts_for_more() -> None:
    dialled = {"confidence": 0.99}
    shown = Traits(dialled=dialled, custom={"synthetic-open": 0.5})
    assert likeliest(shown) == Kind.BACKCONNECT


def networks(*numbers: int) -> dict[str, float]:
    return {f"2001:db8:{number:x}::1": 1.0 for number in numbers}


def relay(**told: Any) -> dict[str, Any]:
    """A port that serves whoever comes, from four networks, since before the records."""
    served = {"visitors": 4, "visitors_served": 4, "port": 9000, "first_visit_us": 0}
    return {**served, "passed_for": networks(1, 2, 3, 4), **told}


def crew(*numbers: int, share_of_load: float = 0.9) -> dict[str, Any]:
    return {"drivers": list(networks(*numbers)), "share_of_load": share_of_load}


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({}, Kind.SYNTHETIC_OPEN),
        ({"lasting": True}, Kind.SYNTHETIC_PROTECTED),
        ({"passed_for": networks(1, 2, 3)}, Kind.SYNTHETIC_PROTECTED),
        ({"port": 25}, Kind.OPEN_RELAY),
        ({"port": 3128}, Kind.NATURAL_OPEN),
        ({"port": 3128, "first_visit_us": APPEARED_US}, Kind.NATURAL_OPEN),
        ({"port": 3128, "first_visit_us": APPEARED_US + 1}, Kind.SYNTHETIC_OPEN),
    ],
)
def test_a_port_that_relays_is_of_a_kind(told: dict[str, Any], kind: Kind) -> None:
    assert likeliest(Traits(listening=relay(**told))) == kind


@pytest.mark.parametrize(
    ("served", "kind"), [(1, Kind.SYNTHETIC_PROTECTED), (2, Kind.CONTENT_PROXY)]
)
def test_a_front_has_several_visitors(served: int, kind: Kind) -> None:
    claim = relay(
        port=443, visitors=served, visitors_served=served, passed_for=networks(*range(served))
    )
    assert likeliest(Traits(listening=claim, one_origin=True)) == kind


@pytest.mark.parametrize(
    ("port", "one_origin", "at_web", "kind"),
    [
        (443, True, False, Kind.CONTENT_PROXY),
        (8443, True, False, Kind.SYNTHETIC_OPEN),  # a door to what is attacked
        (8443, True, True, Kind.CONTENT_PROXY),
        (8443, False, True, Kind.SYNTHETIC_OPEN),
    ],
)
def test_a_front_is_visited_as_sites_are_or_as_others_of_its_origin(
    port: int, one_origin: bool, at_web: bool, kind: Kind
) -> None:
    traits = Traits(listening=relay(port=port), one_origin=one_origin, at_web=at_web)
    assert likeliest(traits) == kind


def test_what_others_of_one_origin_tell_by_amounts_is_a_front_at_any_port() -> None:
    told = relay(port=8443, origin="2001:db8::1")
    assert likeliest(Traits(listening=told, one_origin=True)) == Kind.CONTENT_PROXY


@pytest.mark.parametrize(
    ("drivers", "kind"),
    [((8, 9), Kind.SYNTHETIC_OPEN), ((1, 2, 3, 4), Kind.SYNTHETIC_PROTECTED)],
)
def test_a_crew_at_every_door_is_no_public(drivers: tuple[int, ...], kind: Kind) -> None:
    assert likeliest(Traits(listening=relay(), driven=crew(*drivers))) == kind


@pytest.mark.parametrize(
    ("port", "came", "turned_away", "kind"),
    [
        (4153, CROWD, 0, Kind.SYNTHETIC_OPEN),
        (3128, CROWD, 0, Kind.NATURAL_OPEN),
        (4153, CROWD - 1, 0, Kind.SYNTHETIC_PROTECTED),
        (4153, CROWD, 8, Kind.SYNTHETIC_OPEN),
        (4153, CROWD, 9, Kind.SYNTHETIC_PROTECTED),
    ],
)
def test_customers_of_one_list_are_at_every_door_and_a_public(
    port: int, came: int, turned_away: int, kind: Kind
) -> None:
    """Of a crowd some have no luck; where strangers are turned away it has a key."""
    everybody = range(1, came + 1)
    claim = relay(
        port=port,
        visitors=came + turned_away,
        visitors_served=came,
        passed_for=networks(*everybody),
    )
    assert likeliest(Traits(listening=claim, driven=crew(*everybody))) == kind


def test_a_crew_of_many_machines_in_few_networks_is_no_public() -> None:
    rack = {f"2001:db8:1::{number:x}": 1.0 for number in range(2, 2 + 2 * CROWD)}
    claim = relay(visitors=len(rack), visitors_served=len(rack), passed_for=rack)
    driven = {"drivers": list(rack), "share_of_load": 0.9}
    assert likeliest(Traits(listening=claim, driven=driven)) == Kind.SYNTHETIC_PROTECTED


@pytest.mark.parametrize(
    ("visitors", "kind"), [(3, Kind.SYNTHETIC_OPEN), (4, Kind.SYNTHETIC_PROTECTED)]
)
def test_several_who_were_turned_away_tell_of_a_lock(visitors: int, kind: Kind) -> None:
    claim = relay(visitors=visitors, visitors_served=2, passed_for=networks(1, 2))
    assert likeliest(Traits(listening=claim, driven=crew(1))) == kind


def test_of_strangers_served_and_unserved_some_had_no_luck() -> None:
    """At a shut door none of them has the key; but where no crew is known they may be one."""
    served = relay(visitors=2 * MANY, turned_away=MANY)
    assert likeliest(Traits(listening=served)) == Kind.SYNTHETIC_PROTECTED
    assert likeliest(Traits(listening=served, driven=crew(9))) == Kind.SYNTHETIC_OPEN
    fewer = served | {"turned_away": MANY - 1}
    assert likeliest(Traits(listening=fewer)) == Kind.SYNTHETIC_OPEN


def test_a_door_at_which_only_the_crew_knocked_may_be_shut() -> None:
    claim = relay(port=3128, visitors=1, visitors_served=1, passed_for=networks(1))
    assert likeliest(Traits(listening=claim, driven=crew(1))) == Kind.SYNTHETIC_PROTECTED


@pytest.mark.parametrize(
    ("strangers", "kind"),
    [(SEVERAL - 1, Kind.SYNTHETIC_PROTECTED), (SEVERAL, Kind.NATURAL_OPEN)],
)
def test_several_who_drive_nobody_else_show_an_open_door(strangers: int, kind: Kind) -> None:
    """Even neighbours of the crew."""
    near = {f"2001:db8:1::{number:x}": 1.0 for number in range(2, 2 + strangers)}
    came = networks(1) | near
    claim = relay(port=3128, visitors=len(came), visitors_served=len(came), passed_for=came)
    assert likeliest(Traits(listening=claim, driven=crew(1))) == kind


@pytest.mark.parametrize("told", [{"browsed_for": []}, {"lag_s": 60}])
def test_who_wants_nothing_but_mail_or_waits_for_it_is_no_public(told: dict[str, Any]) -> None:
    assert likeliest(Traits(listening=relay(**told))) == Kind.SYNTHETIC_PROTECTED


@pytest.mark.parametrize(
    ("calls", "kind"), [(0.0, Kind.NATURAL_OPEN), (1.0, Kind.SYNTHETIC_OPEN)]
)
def test_who_calls_a_master_was_not_just_left_open(calls: float, kind: Kind) -> None:
    assert likeliest(Traits(listening=relay(port=3128), calls=calls)) == kind
    fed = FED | {"fed_visitors": MANY, "fed_port": 3128}
    assert likeliest(Traits(sender=fed, calls=calls)) == kind


def test_a_sender_that_runs_errands_for_its_master_is_dialled_through() -> None:
    assert likeliest(Traits(sender=SENDER, calls=1.0)) == Kind.DIRECT_SENDER
    assert likeliest(Traits(sender=SENDER, calls=1.0, used=True)) == Kind.BACKCONNECT
    assert likeliest(Traits(sender=SENDER, calls=0.5, used=True)) == Kind.DIRECT_SENDER


@pytest.mark.parametrize(("hours", "kind"), [(4, Kind.NATURAL_OPEN), (3, Kind.SYNTHETIC_OPEN)])
def test_of_few_visits_the_first_may_be_late_by_chance(hours: int, kind: Kind) -> None:
    """Of ten in three hours some would have come in the one before; of as many in four not."""
    window = Window(WINDOW.start, WINDOW.start + timedelta(hours=1 + hours))
    late = {"port": 3128, "visits": 10, "first_visit_us": WINDOW.start_us + 3_600_000_000}
    found = probabilities(Traits(listening=relay(**late)), window)
    assert max(found, key=lambda each: found[each]) == kind


def test_a_late_port_is_as_likely_shut_as_open() -> None:
    early, late = (
        probabilities(
            Traits(listening=relay(first_visit_us=us, passed_for=networks(1)), driven=crew(9)),
            WINDOW,
        )
        for us in (0, APPEARED_US + 1)
    )
    shut, opened = Kind.SYNTHETIC_PROTECTED, Kind.SYNTHETIC_OPEN
    assert late[shut] / late[opened] == pytest.approx(early[shut] / early[opened], rel=0.05)


@pytest.mark.parametrize(
    ("clients", "serves_mail", "kind"),
    [
        (9, False, Kind.OPEN_RELAY),
        (10, False, Kind.DIRECT_SENDER),
        (9, True, Kind.DIRECT_SENDER),
        (0, False, Kind.DIRECT_SENDER),
    ],
)
def test_mail_that_a_few_feed_in_is_relayed(
    clients: int, serves_mail: bool, kind: Kind
) -> None:
    fed = {"mail_in_clients": clients, "mail_in_sessions": 20, "serves_mail": serves_mail}
    assert likeliest(Traits(sender=SENDER | fed)) == kind


@pytest.mark.parametrize(
    ("share", "kind"), [(0.29, Kind.DIRECT_SENDER), (DRIVEN_SHARE, Kind.SYNTHETIC_PROTECTED)]
)
def test_a_sender_that_drivers_visit_is_used(share: float, kind: Kind) -> None:
    assert likeliest(Traits(sender=SENDER, driven=crew(1, share_of_load=share))) == kind


@pytest.mark.parametrize(("brought", "kind"), [
    (499, Kind.DIRECT_SENDER), (500, Kind.SYNTHETIC_PROTECTED),
    (3000, Kind.SYNTHETIC_PROTECTED), (3001, Kind.DIRECT_SENDER),
])  # fmt: skip
def test_who_is_brought_as_much_as_it_mails_is_no_mere_sender(brought: int, kind: Kind) -> None:
    """In batches, minutes or hours before, or through a session with too few pieces."""
    assert likeliest(Traits(sender=SENDER | {"fed_bytes": brought, "sampling": 1})) == kind


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({}, Kind.SYNTHETIC_PROTECTED),
        ({"fed_visitors": MANY - 1}, Kind.SYNTHETIC_PROTECTED),
        ({"fed_visitors": MANY}, Kind.SYNTHETIC_OPEN),
        ({"fed_visitors": MANY, "fed_port": 3128}, Kind.NATURAL_OPEN),
        (
            {"fed_visitors": MANY, "fed_port": 3128, "fed_first": APPEARED_US + 1},
            Kind.SYNTHETIC_OPEN,
        ),
        ({"weights": {"fed": -0.5}}, Kind.DIRECT_SENDER),
    ],
)
def test_a_sampled_sender_that_is_fed_at_a_port_listens_there(
    said: dict[str, Any], kind: Kind
) -> None:
    assert likeliest(Traits(sender=FED | said)) == kind


def test_the_drivers_themselves_are_no_public() -> None:
    visited = FED | {"fed_visitors": MANY}
    assert likeliest(Traits(sender=visited, driven=crew(1))) == Kind.SYNTHETIC_PROTECTED


def test_of_sampled_visits_one_cannot_see_who_was_turned_away() -> None:
    names = {f"203.0.{number}.9": 2.0 for number in range(MANY)}
    door = {
        "port": 28_656, "visitors": 9, "visitors_served": MANY, "passed_for": names,
        "first_visit_us": WINDOW.start_us,
    }  # fmt: skip
    assert likeliest(Traits(listening=door)) == Kind.SYNTHETIC_PROTECTED
    assert likeliest(Traits(listening=door | {"sampled": True})) == Kind.SYNTHETIC_OPEN


def test_a_gateway_that_dials_in_itself_has_a_port_to_dial() -> None:
    dialled = {"confidence": 0.99}
    assert likeliest(Traits(dialled=dialled)) == Kind.BACKCONNECT
    assert likeliest(Traits(dialled=dialled | {"dials_in": True})) == Kind.SYNTHETIC_PROTECTED
