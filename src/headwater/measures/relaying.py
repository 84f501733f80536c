"""What a way of relaying says of hijack, in natural log-odds: who is served, what leaves.

Passing outsiders' mail on from a port that is not mail's has no lawful reason. Passing on
other things for outsiders has few: the owner's own way home (one visitor), a gateway, a
site's front. For insiders it is what company proxies are for.
"""

import math
from typing import Final

from headwater.measures.kinds import Claim
from headwater.measures.ports import (
    EXCHANGE,
    MAIL_PORTS,
    SUBMISSION_PORTS,
    WEB_PORTS,
    each_at_its_own,
)

# A staff's proxy serves its own branches, and those who are out. To whoever took a host over
# the network it stands in is a small part of the world: who comes is hardly from there.
OUTSIDERS: Final = 2 / 3
FED_BY_FEW: Final = 0.7  # share of the passed-on visits that the three busiest made
# Who abuses a relay has some dozen addresses, and comes again and again from each. A server
# that forwards as much hears from hundreds, of whom most come once.
CREW: Final = 40  # networks; of one crew's network three addresses count at most
WHOLE: Final = 0.8  # share of the visits passed on
# All visits together, also of sampled octets, are known to much less than a factor of two.
MOST_ADDED: Final = 2.0
# A front's visitors get what the origin gives, but for what it keeps: caches answer about half
# of their visits themselves, hardly ever nine in ten. Who asks a service for something shows
# mostly what is its own.
LEAST_GIVEN: Final = 0.1
MOST_KEPT: Final = 4.0  # more: now and then what follows is a page of its own owner
MANY_VISITS: Final = 12  # of fewer all may have asked for something by chance
IN_STEP: Final = 2.0  # standard errors, from which sizes go together
SURELY_IN_STEP: Final = 4.0  # by chance in one service of thirty thousand
FROM_ORIGIN: Final = 0.8  # share of what a front fetches; a host with a person browses too
SCATTERED: Final = 3  # networks, from which nobody's rack is told: a spare stands in a second
FEW_SERVICES: Final = 4  # of submission, with spares
FEW_ORIGINS: Final = 2  # which a front has
BROWSED: Final = 12  # web servers that a machine with a person at it meets
# Of sampled sessions no sizes can be compared, nor of legs of which the records show opposite
# directions. That visit after visit is followed at once
# does as well where the lawful are told apart: media go to ports of everyone's own, fronts
# have one origin, tunnels are datagrams, and a hop serves what it calls.
FOLLOWED: Final = 0.3  # share of the visits, beyond chance, where both legs are seen
# Of few packets one seldom sees both legs of a visit; of those next to it, a third at least.
LEAST_SEEN: Final = 1 / 3
# Servers of one network tell each other what others told them. Who uses a proxy wants places of
# other people; one in ten may be a driver's own.
AMONG_EQUALS: Final = 0.1  # share of what leaves that goes to visitors
SERVICE: Final = 0.5  # share of what leaves that goes to one port: a service's
# One owner comes from home, from his telephone and from work. So few of a crew's come to one
# host as well, but to other hosts too: that is for the company it keeps to say.
OWNERS: Final = 3
# A firm's branches come as well, some of them; and where people browse, that is everywhere.
BRANCHES: Final = 8
AT_LARGE: Final = 100  # servers
TCP: Final = 6
UDP: Final = 17
NETWORKS: Final = 3  # of visitors served
# That name services give for one balanced name: Amazon's Route 53 answers with up to eight.
ADDRESSES: Final = 8
# Sessions for each, before servers are few: of a few places, each met so often by chance, one
# in twelve is unmet (exp -2.5); who chooses from all the web goes on to new ones.
AGAIN: Final = 2.5
MOST_PORTS: Final = 10  # that a claim names, those most gone to
BY_EITHER: Final = 3  # sessions, of which fewer may be slips of the pairing
FEW_HOSTS: Final = 3  # who serve one outsider, before they are several
FRONT_WEIGHT: Final = 3.5  # a site's own front is as likely as a spammer's
DOOR_WEIGHT: Final = FRONT_WEIGHT
STRONG_RELAY: Final = 3.9  # weight of a relay that is no front, no hop and no forwarder
# Whoever dials these wants to be taken elsewhere (IANA: 1080 socks; Squid's own port is 3128).
SOCKS: Final = 1080
PROXIES_OWN: Final = frozenset({SOCKS, 3128})


def relay_weight(relay: Claim) -> float:
    """What relaying on this service says, scaled by how sure relaying is."""
    sure = float(relay["confidence"])
    passed = max(int(relay["passed_on"]), 1)
    mail = int(relay["onward_mail"])
    if int(relay["from_outside"]) < 0.5 * passed:
        return -2.0 * sure
    if int(relay["port"]) in MAIL_PORTS:
        return _mail_relay_weight(relay) * sure
    mails = mail >= 3 and mail >= 0.1 * passed and int(relay["onward_servers"]) >= 3
    if mails and not _may_be_its_own(relay):
        return 10.0 * sure
    if int(relay["from_outside"]) < OUTSIDERS * passed:
        return 0.0
    if one_origin(relay):
        # One origin behind many visitors: a site's front, the owner's or a spammer's.
        # A cache answers most visits itself. Any front talks to browsers in TLS, and plainly
        # to its origin.
        whole = _each_visit(relay) and not _adds(relay)
        bare = relay["balanced"] and not relay.get("wrapping")
        return (FRONT_WEIGHT if bare or whole else 1.0) * sure + life(relay)
    told = (
        relay["balanced"]
        or _of_one_size(relay)
        or _goes_in_step(relay)
        or _followed(relay)
        or _associates(relay)
        or _chosen_at_once(relay)
    )
    if (_hops(relay) and not _by_either(relay)) or _to_people(relay) or not told:
        return 1.0 * sure
    if one_door(relay):
        return DOOR_WEIGHT * sure + life(relay)
    return (4.0 if _one_firms(relay) else 7.0) * sure + life(relay)


def _one_firms(relay: Claim) -> bool:
    """Whether it may be an owner's way home, or the way out of a firm's few branches.

    People go wherever they like, and to a place of its own each time they look something up.
    """
    visitors = int(relay["visitors_served"])
    at_large = int(relay["onward_servers"]) >= AT_LARGE and int(relay["onward_mail"]) == 0
    return visitors <= OWNERS or (visitors <= BRANCHES and at_large)


def tunnel_weight(kind: str, tunnel: Claim) -> float:
    """What a tunnel says; ``kind``: of the claim."""
    sure = float(tunnel["confidence"])
    errands = max(int(tunnel.get("errands", tunnel.get("passed_on", 1))), 1)
    mail = int(tunnel.get("mail_errands", tunnel.get("onward_mail", 0)))
    if mail >= 3 and mail >= 0.2 * errands:
        return 8.0 * sure
    if tunnel.get("among_peers"):  # as of what a volunteer carries for people
        return 1.0 * sure
    # A VPN gateway is tunnelled into; nobody's gateway dials out to be used.
    return (1.0 if kind == "tunnel-in" else 7.0) * sure


def one_origin(relay: Claim) -> bool:
    """All but what chance adds is fetched from a server or two; not by the visitor's choice."""
    if relay.get("leg"):  # of `volume`
        return bool(relay["front"])
    if _chosen(relay):
        return False
    return _from_one(relay)


def one_door(relay: Claim) -> bool:
    """Whoever visits gets to the same few machines, again and again: of one name.

    Strangers at a proxy each want a place of their own. Of few sessions none is seen twice.
    """
    if _chosen(relay):
        return False
    servers, sessions = int(relay["onward_servers"]), int(relay.get("onward_sessions", 0))
    once = int(relay.get("onward_once", 0))
    if once <= float(relay.get("by_chance", 0.0)):  # as many are met by chance, for themselves
        servers, sessions = servers - once, sessions - once
    return (
        servers <= ADDRESSES and (sessions or int(relay.get("sessions", 0))) >= AGAIN * servers
    )


def _chosen(relay: Claim) -> bool:
    """Whether the visitors choose where they get to. So does who dials a proxy's own port."""
    return int(relay["port"]) in PROXIES_OWN or _by_either(relay)


def _by_either(relay: Claim) -> bool:
    """Whether visitors of one port get to both of the web's on the same servers.

    By more than chance: a front fetches from its origin by the one or the other.
    """
    sessions = int(relay.get("onward_by_either", 0))
    either = sessions >= BY_EITHER and sessions > float(relay.get("either_by_chance", 0.0))
    return either and not (int(relay["port"]) in WEB_PORTS and _from_one(relay))


def _from_one(relay: Claim) -> bool:
    return int(relay["onward_to_top"]) >= FROM_ORIGIN * int(relay["onward_sessions"])


def kept_for(relay: Claim) -> list[str]:
    """The outsiders for whom it is, where these are as few as an owner's addresses.

    Not what mail servers hand on, which a provider's filter brings to many of them; nor sites,
    which one monitor asks, all of them, and which ask others in turn.
    """
    few = int(relay.get("visitors_served", OWNERS + 1)) <= OWNERS
    site = one_origin(relay) or one_door(relay)
    if not few or site or int(relay["port"]) in MAIL_PORTS:
        return []
    told = relay_weight(relay) >= STRONG_RELAY or _only_times_tell(relay)
    return list(relay["passed_for"]) if told else []


def _only_times_tell(relay: Claim) -> bool:
    """Whether each visit is followed at once, of which the records show one way alone."""
    unknown = not relay["sizes_known"] and not relay["sampled"]
    site = int(relay["port"]) in WEB_PORTS
    return unknown and not site and int(relay["protocol"]) == TCP and _each_visit(relay)


def origins(relay: Claim) -> list[str]:
    """Where the one place or two are that all outside visitors are handed to, else nothing.

    A second that is met no oftener than chance has it may be whatever the host calls for
    itself, as all hosts of its kind do.
    """
    outside = int(relay["from_outside"]) >= 0.5 * int(relay["passed_on"])
    few = one_origin(relay) or (one_door(relay) and bool(relay["balanced"]))
    second = int(relay.get("onward_to_second", relay["onward_sessions"]))
    known = FEW_ORIGINS if second > max(float(relay.get("by_chance", 0.0)), 1.0) else 1
    return list(relay["onward_to"])[:known] if few and outside else []


def asks(relay: Claim) -> bool:
    """A site that asks a service for something, and shows much more than it gets there.

    A front that keeps pages shows what it fetched, some of it more than once; but of few
    sampled visits how much it fetched is not known so well.
    """
    handed = relay.get("handed_through")
    own = handed is not None and float(handed) < LEAST_GIVEN
    well_known = int(relay["passed_on"]) >= MANY_VISITS
    return (own and well_known) or (_adds(relay) and not _each_visit(relay)) or _its_own(relay)


def _its_own(relay: Claim) -> bool:
    """What visitors get has nothing to do with what is fetched after they came."""
    in_step = relay.get("in_step")
    return in_step is not None and not relay["balanced"] and float(in_step) < IN_STEP


def _each_visit(relay: Claim) -> bool:
    return int(relay["passed_on"]) >= WHOLE * int(relay["visits"])


def hands_through(relay: Claim) -> bool:
    """Each visitor gets what is fetched for him: by its bytes, or time after time.

    Who gets something of another size, time after time, of a site that asks a service; but
    where one leg is encrypted only that one has handshakes, and all together is as much. So is
    what is acknowledged in step with what visitors get, where no sizes can be compared.
    """
    visits = int(relay["visits"])
    each = visits >= MANY_VISITS and _each_visit(relay)
    unknown = not relay["sizes_known"] and not _adds(relay)
    told = bool(relay["balanced"]) or (unknown and _acknowledges(relay))
    return told or (each and (unknown or gives_as_much(relay)))


def _acknowledges(relay: Claim) -> bool:
    in_step, much = relay.get("in_step"), relay.get("acknowledged")
    by_size = float(in_step or 0.0) >= SURELY_IN_STEP
    return by_size and float(much or 0.0) >= 1.0 / MOST_ADDED


def gives_as_much(relay: Claim) -> bool:
    """Visitors get as much as is fetched for them, all together."""
    handed = relay.get("handed_through")
    return handed is not None and 1.0 / MOST_ADDED <= float(handed) <= MOST_ADDED


def _adds(relay: Claim) -> bool:
    """Visitors get much more than is fetched for them: of a site that asks a service."""
    handed = relay.get("handed_through")
    return handed is not None and float(handed) * MOST_ADDED < 1.0


def of_many(few: float, hosts: int) -> float:
    """What so many hosts say that do the same for one outsider; ``few``: what three say.

    Half as many firms are twice as large (by employees: R. L. Axtell, Science 293, 2001), and
    have as many branches, it is taken; nothing keeps a farm from that.
    """
    return few + math.log(max(hosts, FEW_HOSTS) / FEW_HOSTS)


def _keeps(relay: Claim) -> bool:
    """It fetches much more than visitors get: who told it something, and asked for nothing."""
    return float(relay.get("handed_through") or 0.0) > MOST_KEPT


def scattered(networks: int) -> float:
    """How surely hosts are no rack's, 0 to 1: a site's machines stand in a few networks."""
    return float(((min(max(networks, 1), SCATTERED) - 1) / (SCATTERED - 1)) ** 2)


def life(relay: Claim) -> float:
    """A gateway somebody set up has no web browser at it, nor does it watch films."""
    return 1.5 if int(relay["own_web_servers"]) >= BROWSED or relay.get("watches") else 0.0


def _followed(relay: Claim) -> bool:
    onward = relay["onward_ports"]
    beyond = int(relay["passed_on"]) - float(relay["by_chance"])
    return (
        not relay["sizes_known"]
        and not (_adds(relay) or _keeps(relay))
        and int(relay["protocol"]) == TCP
        and beyond >= FOLLOWED * _both_seen(relay) * int(relay["visits"])
        and max(onward.values(), default=0.0) >= SERVICE * int(relay["onward_sessions"])
        and int(relay["networks_served"]) >= NETWORKS
        and int(relay["port"]) not in WEB_PORTS
        and int(relay.get("to_visitors", 0)) < AMONG_EQUALS * int(relay["onward_sessions"])
    )


def _chosen_at_once(relay: Claim) -> bool:
    """Whether each visit is followed at once by what its visitor chose, if only times tell.

    Seen one way, as all is that goes out by one router and comes in by another, no leg has the
    bytes of the other. A tunnel's sampled pieces pass for visits: there choices tell nothing.
    """
    return _only_times_tell(relay) and _chosen(relay)


def _associates(relay: Claim) -> bool:
    """Whether each visit to SOCKS' own port is followed by something, beyond chance.

    What is asked for may go beside the visit, by datagrams (RFC 1928 section 7): of that the
    visit has no bytes.
    """
    beyond = int(relay["passed_on"]) - float(relay["by_chance"])
    at_socks = int(relay["port"]) == SOCKS and int(relay["protocol"]) == TCP
    return at_socks and bool(relay["sizes_known"]) and beyond >= WHOLE * int(relay["visits"])


def _of_one_size(relay: Claim) -> bool:
    """Whether what follows visits is of their size, though others' visits are so as well.

    Who tries passwords asks one thing, and gets one answer: only times tell whose is whose.
    """
    return float(relay.get("same_size", 0.0)) >= WHOLE


def _goes_in_step(relay: Claim) -> bool:
    """Whether visitors get the more, the more is fetched after they came, and all of it.

    Where the records show one way alone of each leg, acknowledgements are all there is of
    what the other way carries, and no two are of one size. A cache of the web's does so, too.
    """
    in_step, site = float(relay.get("in_step") or 0.0), int(relay["port"]) in WEB_PORTS
    return in_step >= SURELY_IN_STEP and gives_as_much(relay) and not site


def _both_seen(relay: Claim) -> float:
    return max(float(relay.get("seen_again", 1.0)), LEAST_SEEN) if relay["sampled"] else 1.0


def _to_people(relay: Claim) -> bool:
    """By datagrams to ports of everyone's own, which no service has: of calls and games."""
    sessions = max(int(relay.get("onward_sessions", 0)), 1)
    shares = [each / sessions for each in relay["onward_ports"].values()]
    people = each_at_its_own(shares, min(int(relay["onward_servers"]), MOST_PORTS))
    return int(relay["protocol"]) == UDP and people


def _may_be_its_own(relay: Claim) -> bool:
    """Sites write to their customers at an order, to their owners at a form.

    Only equal bytes tell a visitor's letter from the site's.
    """
    return int(relay["port"]) in WEB_PORTS and not relay["balanced"]


def _hops(relay: Claim) -> bool:
    """In and out on the same port: a hop that somebody set up for that very service."""
    onward = relay["onward_ports"]
    return float(onward.get(str(relay["port"]), 0.0)) >= 0.8 * sum(onward.values())


def _mail_relay_weight(relay: Claim) -> float:
    """Mail in, mail out: a server that forwards has many visitors, an abused one a few.

    What a server forwards goes to exchangers, or to the one service that its owner pays for.
    """
    submitted = sum(relay["onward_ports"].get(str(port), 0.0) for port in SUBMISSION_PORTS)
    if submitted >= SERVICE * int(relay["onward_sessions"]) > 0:
        return 8.0 if int(relay["onward_servers"]) > FEW_SERVICES else 0.0
    if int(relay["port"]) in SUBMISSION_PORTS and _a_familys(relay):
        return 0.0
    return 6.0 if _fed_by_few(relay) else 0.0


def _a_familys(relay: Claim) -> bool:
    """As few letters, and by as few, as an owner hands in to a mail server of his own."""
    few = int(relay["passed_on"]) < MANY_VISITS
    return few and int(relay["visitors_served"]) <= OWNERS


def _fed_by_few(relay: Claim) -> bool:
    passed, networks = int(relay["passed_on"]), int(relay["networks_served"])
    # People come again and again as well, to hand in their own mail.
    comes_again = int(relay["port"]) == EXCHANGE and passed >= AGAIN * networks
    few = networks <= CREW and comes_again
    return few or int(relay["served_by_top"]) >= FED_BY_FEW * passed
