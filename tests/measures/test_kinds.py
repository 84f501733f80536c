"""Kinds, told by what was said of a host; and by its company."""

import pytest

from headwater.measures.kinds import Traits, probabilities
from headwater.records.finding import Kind
from headwater.records.window import Window, from_us

WINDOW = Window(from_us(0), from_us(7_200_000_000))
SENDER = {
    "mail_in_clients": 0, "mail_in_sessions": 0, "serves_mail": False, "sampling": 100,
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
def test_a_port_that_relays_would_have_been_seen(kind: str, told: Kind) -> None:
    traits = Traits(sender=SENDER | {"sampling": 1}, custom={kind: 1.0})
    assert likeliest(traits) == told


def test_what_the_host_itself_shows_counts_for_more() -> None:
    dialled = {"confidence": 0.99}
    shown = Traits(dialled=dialled, custom={"synthetic-open": 0.5})
    assert likeliest(shown) == Kind.BACKCONNECT
