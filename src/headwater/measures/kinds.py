"""Which kind of proxy a hijacked host is, by what was said of it: probabilities."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from headwater.measures.feeding import unseen_feed
from headwater.measures.odds import logit
from headwater.measures.ports import WEB_PORTS
from headwater.measures.prefixes import network_of
from headwater.records.finding import Kind
from headwater.records.window import Window

# Where people put proxies on purpose (IANA: 1080 socks, 3128 and 8080 by custom of Squid and
# others). A service older than the window's first minutes may be older than the abuse.
PROXY_PORTS: Final = frozenset({80, 808, 1080, 3128, 3129, 8000, 8080, 8081, 8118, 8888})
DRIVEN_SHARE: Final = 0.3  # of what a host receives, from which it is its drivers' tool
DIALS: Final = 0.001  # the prior that detectors of long sessions start from
APPEARED_US: Final = 1_200_000_000
# Visits that the silence before the first would have brought at the pace of the others: of so
# many one misses all by chance once in twenty times (exp -3).
MISSED: Final = 3.0
OPENNESS: Final = 1.5
TURNED_AWAY: Final = 3.0
NOBODY_TURNED_AWAY: Final = 1.0
SEVERAL: Final = 3  # strangers, before they are the public
MANY: Final = 4  # where nothing else tells who is a stranger
# Networks of whom is served: crews rent machines in a few; who takes proxies from one list goes
# to all of these, as crews do, and comes from everywhere.
CROWD: Final = 20
FED_LEAST: Final = 0.5  # of the octets mailed
FED_MOST: Final = 3.0
FED_WEIGHT: Final = 4.0  # who only sends has no port to which anybody brings that much
FED_BEYOND: Final = 2.0  # so that a port that is fed is likelier than none at all
CUSTOM_WEIGHT: Final = 8.0  # a whole company of one kind outweighs what was not seen here
# An owner's proxy, left open, has nobody to call: who calls a master was broken into. Now and
# then a broken one is found behind a port that its owner had opened, or a master is none.
CALLS: Final = 3.0
# What a sender gets from its master are orders and lists; who gets far more is sent through.
RUNS_ERRANDS: Final = 7.5

LISTENING: Final = frozenset(
    {Kind.NATURAL_OPEN, Kind.SYNTHETIC_OPEN, Kind.SYNTHETIC_PROTECTED, Kind.CONTENT_PROXY}
)

Claim = Mapping[str, Any]  # a finding's proof, with its confidence and summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the kinds are told by; None where nothing was said."""

    listening: Claim | None = None  # a service that relays, or a tunnel into the host
    one_origin: bool = False  # of what is passed on there, nearly all is fetched from one place
    at_web: bool = False  # others that fetch from there are visited at the web's ports
    dialled: Claim | None = None  # an outsider whom the host calls to be used
    sender: Claim | None = None
    driven: Claim | None = None
    calls: float = 0.0  # how sure it is that it calls a master
    used: bool = False  # it exchanges far more with that than orders
    custom: Mapping[str, float] = field(default_factory=dict)  # shares of kinds in its company


def probabilities(traits: Traits, window: Window) -> dict[str, float]:
    """How likely each kind is, given that the host is hijacked at all; they add up to one."""
    scores = dict.fromkeys(Kind, -4.0) | {Kind.CANNOT_SAY: 0.0}
    told = (
        *_listening_kinds(traits, window),
        *_calling_kinds(traits, window),
        *_customary(traits),
    )
    for kind, weight in told:
        scores[kind] += weight
    most = max(scores.values())
    parts = {kind: math.exp(score - most) for kind, score in scores.items()}
    return {kind.value: round(part / sum(parts.values()), 3) for kind, part in parts.items()}


def _listening_kinds(traits: Traits, window: Window) -> Iterator[tuple[Kind, float]]:
    """Told by the port, by when it appeared, and by who is served and who turned away."""
    relay = traits.listening
    if relay is None:
        return
    if "visitors" not in relay or relay.get("lasting"):
        yield Kind.SYNTHETIC_PROTECTED, 6.5
        return
    port = int(relay["port"])
    if port == 25:
        yield Kind.OPEN_RELAY, 8.0
        return
    told = bool(relay.get("origin"))  # by the amounts of several sites
    several = int(relay["visitors_served"]) >= 2 or told
    if traits.one_origin and several and (port in WEB_PORTS or traits.at_web or told):
        yield Kind.CONTENT_PROXY, 12.0
    open_to_all = _open_to_all(relay, traits.driven)
    first_us = int(relay["first_visit_us"])
    yield from _doors(port, open_to_all, late=_late(first_us, relay.get("visits"), window))
    yield Kind.NATURAL_OPEN, -CALLS * traits.calls


def _late(first_us: int, visits: int | None, window: Window) -> bool:
    """Whether nobody came at first, though many would have; ``visits``: None if not counted."""
    silence_us, heard_us = first_us - window.start_us, max(window.end_us - first_us, 1)
    expected = MISSED if visits is None else visits * silence_us / heard_us
    return silence_us > APPEARED_US and expected >= MISSED


def _doors(port: int, open_to_all: float, *, late: bool) -> Iterator[tuple[Kind, float]]:
    """Whose door it is: shut, or open to all, and put there by malware or by the owner."""
    standard = port in PROXY_PORTS
    yield Kind.SYNTHETIC_PROTECTED, 5.0 - open_to_all + (0.5 if late else 0.0)
    yield Kind.SYNTHETIC_OPEN, 5.0 + open_to_all + (0.5 if late else 0.0)
    yield (
        Kind.NATURAL_OPEN,
        4.0 + open_to_all + (2.5 if standard else -3.0) - (2.5 if late else 0.0),
    )


def _open_to_all(relay: Claim, driven: Claim | None) -> float:
    """Whether the public is served: visitors from networks that drive no other suspect.

    The same crew at every door, however many addresses it comes from, is no public, unless it
    comes as a crowd of which nobody is turned away. Nor is who has nothing but mail passed on,
    or waits for it: people want pages, and at once.
    """
    if int(relay.get("lag_s", 0)) > 0:
        return -OPENNESS
    crew = {network_of(name) for name in driven["drivers"]} if driven else set()
    served = relay.get("browsed_for", relay["passed_for"])
    networks = {network_of(name) for name in served}
    crowd = len(networks) >= CROWD and not _strangers_turned_away(relay)
    public = networks if crowd else networks - crew
    known = set(driven["drivers"]) if driven else set()
    shut = _shut(relay, several_came=len(set(served) - known) >= SEVERAL or bool(public))
    if len(public) < (SEVERAL if driven else MANY):
        return (0.0 if driven and public else -OPENNESS) - shut
    # Strangers have no one key: who of them got nothing had no luck. Where no crew is known
    # they may be one, as long as more are turned away.
    strangers = driven is not None or len(public) > _turned_away(relay)
    return OPENNESS - (min(shut, 0.0) if strangers else shut)


def _shut(relay: Claim, *, several_came: bool) -> float:
    """Whether strangers are turned away. Of sampled visits one cannot see which were served.

    A door at which none but the crew ever knocked may be shut as well as open: several who
    drive nobody else are served, even of the crew's networks, or somebody of another.
    """
    if relay.get("sampled"):
        return 0.0
    if _strangers_turned_away(relay):
        return TURNED_AWAY
    return -NOBODY_TURNED_AWAY if several_came else 0.0


def _strangers_turned_away(relay: Claim) -> bool:
    """Two may have had no luck, as may some of a crowd."""
    turned_away = _turned_away(relay)
    few = turned_away < 2 or turned_away < 0.3 * int(relay["visitors"])
    return not (few or relay.get("sampled"))


def _turned_away(relay: Claim) -> int:
    unserved = int(relay["visitors"]) - int(relay["visitors_served"])
    return int(relay.get("turned_away", unserved))


def _calling_kinds(traits: Traits, window: Window) -> Iterator[tuple[Kind, float]]:
    """Told by what the host opens itself."""
    if traits.dialled:
        # Its confidence starts from any long session; of a hijacked host one in a few dials.
        surer = logit(float(traits.dialled["confidence"])) - logit(DIALS)
        dials_in = bool(traits.dialled.get("dials_in"))
        yield Kind.SYNTHETIC_PROTECTED if dials_in else Kind.BACKCONNECT, surer + 1.0
    sender, driven = traits.sender, traits.driven
    if sender is None or traits.listening:
        return
    few_feed_it = 0 < int(sender["mail_in_clients"]) < 0.5 * int(sender["mail_in_sessions"])
    yield Kind.OPEN_RELAY, 7.0 if few_feed_it and not sender["serves_mail"] else 0.0
    used = driven is not None and float(driven["share_of_load"]) >= DRIVEN_SHARE
    yield Kind.DIRECT_SENDER, 4.5 if used else 6.0
    if traits.used:
        yield Kind.BACKCONNECT, RUNS_ERRANDS * traits.calls
    if _fed(sender) and int(sender["sampling"]) > 1:
        yield from _fed_at(sender, driven, traits.calls, window)
    else:
        fed = FED_WEIGHT if _fed(sender) else 0.0
        yield Kind.SYNTHETIC_PROTECTED, (5.5 if used else 3.0) + fed


def _fed_at(
    sender: Claim, driven: Claim | None, calls: float, window: Window
) -> Iterator[tuple[Kind, float]]:
    """Where it is fed it listens: to whom is told by how many come there."""
    drivers = len(driven["drivers"]) if driven else 0
    public = int(sender["fed_visitors"]) - drivers
    open_to_all = OPENNESS if public >= MANY else -OPENNESS
    late = _late(int(sender["fed_first"]), None, window)
    for kind, weight in _doors(int(sender["fed_port"]), open_to_all, late=late):
        yield kind, weight + FED_BEYOND
    yield Kind.NATURAL_OPEN, -CALLS * calls


def _fed(sender: Claim) -> bool:
    """As much was brought to one of its ports as it mailed: in batches, or by a tunnel.

    One letter may have come for several, and some of what came was refused.
    """
    brought, mailed = int(sender["fed_bytes"]), int(sender["mail_bytes"])
    if (
        int(sender["sampling"]) > 1
    ):  # amounts are hardly known; it may be used for more than mail
        return bool(sender["weights"].get("fed", 0.0) > 0)
    return FED_LEAST * mailed <= brought <= FED_MOST * mailed and brought > 0


def _customary(traits: Traits) -> Iterator[tuple[Kind, float]]:
    """One malware makes one kind of proxy: told by the hosts of the same master or driver.

    A port that passes on as much as was seen of its mail would mostly have been seen, too: only
    who dials out may hide it, in a session with few pieces.
    """
    unseen = 1.0 if traits.sender is None else _feed_unseen(traits.sender)
    for kind, share in traits.custom.items():
        if kind != Kind.CANNOT_SAY:
            seldom = unseen if kind in LISTENING else 1.0
            yield Kind(kind), CUSTOM_WEIGHT * share * seldom


def _feed_unseen(sender: Claim) -> float:
    """How likely nothing would be seen of what a port takes in, if all its mail came by one."""
    sampling = int(sender["sampling"])
    if sampling == 1:
        return 0.0
    return 1.0 if _fed(sender) else unseen_feed(int(sender["mail_packets"]) / sampling)
