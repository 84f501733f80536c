"""Direct sender: an own host that delivers mail everywhere by itself and receives none.

Sees       sessions to port 25 of many different servers, of which many are refused or cut
           short, and few encrypted, from a host that otherwise lives like a subscriber's.
           Where records are sampled and no refusal is seen: that its letters are short, that
           a household's few browse and watch there, not a business whose applications mail
           its customers, that it shows no site as most of them do, that hardly anybody mails
           from where it lives, and that as much is brought to one of its ports as it mails
Misses     bots that hand their mail to the provider's own relay; bots that meet only a
           handful of servers
Mistakes   a mail server that is new, only sends, and is not named in mail_servers
Next step  look at when it began; read the refusals in your own mail servers' logs
Source     RFC 5321 section 4.1.1; Ramachandran and Feamster, Understanding the Network-Level
           Behavior of Spammers, SIGCOMM 2006; Gomes and others, Workload Models of Spam and
           Legitimate E-mails, Performance Evaluation 2007; Durumeric and others, Neither
           Snow Nor Rain Nor MITM, IMC 2015
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Floats
from headwater.measures.feeding import fed_weight
from headwater.measures.letters import (
    encrypted_weight,
    letters_weight,
    no_letter_weight,
    plain_weight,
)
from headwater.measures.mailers_near import Area, near_weights
from headwater.measures.odds import logit, probabilities, probability, share_odds
from headwater.measures.outreach import (
    HOUSEHOLD_SERVERS,
    breadth_weight,
    pace_weight,
    servers_there,
)
from headwater.measures.prevalence import share_sick
from headwater.measures.sender import FEWEST_FOR_SHARE, Sender
from headwater.measures.sites import site_weight
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

SENDS_AT_ALL: Final = (
    2.5  # few subscribers meet even three mail servers: e to the 3, 20 times fewer
)
# A provider takes its customers' mail at port 25, too, by two addresses (RFC 8314 section 3.3).
FEWEST_EXCHANGERS: Final = 3
# By sampled packets who sends much meets three: of these PRIOR is the share of the sick, and of
# all hosts a 25th of that.
SENDS_MUCH: Final = 3.2
PRIOR_WORTH: Final = 40.0  # senders: what is known before weighs as much as two sick ones
PRIOR: Final = 0.05  # of hosts that met three mail servers, how many send what they should not

# Whom sampling shows at three servers nearly always sends much: to how many tells little.
SAMPLED_BREADTH: Final = 0.25

MOST_FOR_REFUSALS: Final = 3.0

# A mail server is visited by many others, hour after hour.
SERVICE_WEIGHT: Final = -5.0
RECEIVES_WEIGHT: Final = -1.5  # who is handed mail: servers mostly, few of the sick
FEEDERS_AGAIN: Final = (3.0, 1.0)  # Beta distributions of the share that comes again
VISITORS_AGAIN: Final = (1.0, 6.0)
MOST_FOR_FEEDERS: Final = 1.5
FEWEST_TO_CONTRADICT: Final = 40  # sessions before refusals speak against a mail server

BROWSES: Final = 0.3
DOES_NOT_BROWSE: Final = -1.5  # of sampled packets many a household's leave no trace
SERVERS_QUIET: Final = 0.9  # share of the machines that only serve of which no browsing is seen
LEAST_LIFE: Final = 0.02  # of the usual, from which a host may have a person at it
SAME_FEW: Final = 15  # sessions per server
# Of sampled sessions with all the world those with its large providers are met again, and look
# as if there were dozens of servers: a monitor's are fewer.
MOST_OF_FEW: Final = 15
# Unless the host says nothing at all: headers of IPv6 and TCP with time stamps are 72 octets
# (RFC 8200 section 3, RFC 7323 section 3.2). Of a bot's packets one in twenty is a letter's at
# least, of a hundred seen hardly ever none.
NOTHING_SAID: Final = 80
FEWEST_SILENT: Final = 30  # sampled packets
# Octets a packet: acknowledgements, commands and a hello to encrypt (RFC 8446 section 4.1.2:
# some 500 octets among eight packets), no line of a message.
SMALL_TALK: Final = 140
# Who asks a few servers over and over whether they are up does so often, in short packets,
# before anything would be encrypted; and those whom it asks may do the same.
OF_MONITORS: Final = ("breadth", "letters", "plain", "service")
ONSET_WEIGHT: Final = 0.5  # little: applications send in batches, too
ONSET_US: Final = 1_200_000_000  # twenty minutes of life without mail, then mail
FEWEST_MISSED: Final = 3.0  # sessions expected before: fewer are missing by chance, too

# Applications that mail their customers live in businesses: on the few lines behind which
# more people browse than behind nearly all others. A hijacked host lives anywhere.
FEWEST_BROWSERS: Final = 50  # hosts that browse: a rank among fewer says little
HOUSEHOLD_RANK: Final = 0.90
BUSINESS_RANK: Final = 0.97
CROWD: Final = 4.0  # times the web servers that one household meets: else all are alike
HOUSEHOLD_WEIGHT: Final = 1.0
BUSINESS_WEIGHT: Final = -2.0
WATCHES_WEIGHT: Final = 1.5
BROWSES_LITTLE: Final = 0.0

HOUR_US: Final = 3_600_000_000
NOTHING: Final[Mapping[str, float]] = {}


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host that met enough mail servers to be asked about.

    Where packets are sampled senders tell of each other. Where every packet is counted most of
    the sick are told by how they relay, not so many of the others are, and refusals tell what
    an application mails.
    """
    senders = [Sender(**row) for row in answer.to_pylist()]
    sampled = [sender for sender in senders if sender.sampling > 1]
    yield from (judge(sender, window) for sender in senders if sender.sampling == 1)
    if not sampled:
        return
    with_site = sum(sender.site for sender in sampled)
    crowd = [
        {"site": site_weight(len(sampled), with_site, each.sites_usual) if each.site else 0.0}
        for each in sampled
    ]
    said = [
        sum(_reasons(sender, window).values()) + sum(more.values())
        for sender, more in zip(sampled, crowd, strict=True)
    ]
    near = _near(sampled, np.array(said))
    sick = share_sick(said + near, PRIOR, PRIOR_WORTH)
    for sender, more, place in zip(sampled, crowd, near, strict=True):
        yield judge(sender, window, sick, more | {"near": float(place)})


def _near(senders: Sequence[Sender], said: Floats) -> Floats:
    """What the places of sampled senders say of them. ``said``: of each by all else."""
    sick = probabilities(logit(share_sick(said, PRIOR, PRIOR_WORTH)) + said)
    areas = (
        Area([each.area for each in senders], [each.area_hosts for each in senders]),
        Area([each.network for each in senders], [each.network_hosts for each in senders]),
    )
    return near_weights(areas, senders[0].hosts, sick)


def _reasons(sender: Sender, window: Window) -> dict[str, float]:
    told = {
        "breadth": _outreach(sender, window),
        "refused": _refused(sender),
        "service": _service(sender, window),
        "life": _life(sender),
        "letters": _letters(sender),
        "plain": _plain(sender),
        "onset": _onset(sender),
        "same few": _same_few(sender),
        "fed": _fed(sender),
    }
    if told["same few"]:
        told |= {name: min(told[name], 0.0) for name in OF_MONITORS}
    return told


def judge(
    sender: Sender, window: Window, sick: float = PRIOR, crowd: Mapping[str, float] = NOTHING
) -> Finding:
    """How likely it is that this host sends what its owner does not know of.

    ``sick``: the share of those that met three mail servers of which that is so; ``crowd``:
    what else they tell of this one.
    """
    reasons = {**_reasons(sender, window), **crowd}
    return Finding(
        detector=DETECTOR.name,
        subject=sender.host,
        kind="mail-out",
        confidence=probability(logit(sick) + sum(reasons.values())),
        window=window,
        summary=(
            f"{sender.mail_sessions} mail sessions to"
            f" {sender.exchangers + sender.submission_servers} servers,"
            f" {sender.mail_cut} cut short;"
            f" {sender.mail_in_clients} others delivered mail here"
        ),
        proof={
            **sender._asdict(),
            "weights": reasons,
            "serves_mail": sender.serves_mail(window),
            # What it says of a host of which nothing else is known.
            "weight": sum(reasons.values()) + _at_all(sender) + logit(sick) - logit(PRIOR),
        },
    )


def _at_all(sender: Sender) -> float:
    """That it mails to three servers: mail programs do, too, by two accounts or three.

    Where every packet was counted a few letters are all there are: forms and notices of any
    machine's, which say something only where enough of them might have been turned away.
    """
    few = sender.submits or sender.exchangers < FEWEST_EXCHANGERS
    if few and sender.mail_servers <= HOUSEHOLD_SERVERS:
        return 0.0
    return SENDS_AT_ALL * _told(sender) if sender.sampling == 1 else SENDS_MUCH


def _told(sender: Sender) -> float:
    """Of what the number of servers says, how much so many letters let it say."""
    return min(sender.mail_sessions / FEWEST_FOR_SHARE, 1.0)


def _outreach(sender: Sender, window: Window) -> float:
    """To how many it hands mail, and how often. Much of both to others' providers is theft."""
    # Everybody hands in his own mail; to exchangers mails who has a server.
    homes = sender.households if sender.submits else 1.0
    breadth = breadth_weight(sender.mail_servers / homes, submits=sender.submits)
    pace = _pace(sender, window, homes)
    if sender.submits:
        return breadth + pace
    if sender.sampling == 1:
        return breadth * _told(sender)
    return max(SAMPLED_BREADTH * breadth, pace)


def _service(sender: Sender, window: Window) -> float:
    """Who receives mail from many may send it; not if the world refuses what it sends.

    Nor does a mail server hand it to the submission services of many providers.
    """
    if sender.submits and sender.mail_servers > HOUSEHOLD_SERVERS:
        return 0.0
    if not sender.serves_mail(window):
        return _receives(sender)
    refused = sender.refused if sender.mail_sessions >= FEWEST_TO_CONTRADICT else None
    return SERVICE_WEIGHT * (1.0 - (refused or 0.0))


def _receives(sender: Sender) -> float:
    """Of a sampled mail server's visitors few are seen, and seldom the same one twice.

    An abused relay's are the same few, but for those that say next to nothing: monitors. Nor
    does one feed it who takes mail of others: an office has all its mail from its provider's.
    """
    sessions, again = sender.mail_in_sessions, sender.mail_in_again
    if sender.sampling == 1 or not sessions:
        return 0.0
    weight = RECEIVES_WEIGHT + share_odds(again, sessions - 1, FEEDERS_AGAIN, VISITORS_AGAIN)
    no_mail = sender.mail_in_bytes < SMALL_TALK * sender.mail_in_packets
    return min(max(weight, SERVICE_WEIGHT), 0.0 if no_mail else MOST_FOR_FEEDERS)


def _fed(sender: Sender) -> float:
    """Where every packet was counted, what is passed on is told session by session."""
    if sender.sampling == 1 or not sender.mail_bytes:
        return 0.0
    return fed_weight(
        sender.fed_bytes / sender.sampling,
        sender.mail_bytes / sender.sampling,
        sender.mail_packets / sender.sampling,
        sender.fed_alike,
        sender.fed_more,
    )


def _pace(sender: Sender, window: Window, homes: float) -> float:
    """More than a household writes, or so many; where refusals can be seen, these tell more."""
    if sender.sampling == 1 and not sender.submits:
        return 0.0
    per_hour = sender.sessions * HOUR_US / (window.end_us - window.start_us)
    return pace_weight(per_hour / homes)


def _refused(sender: Sender) -> float:
    """Of a survey those that it cannot reach turn nothing away."""
    if sender.only_asks:
        return no_letter_weight(sender.mail_hellos)
    refused = sender.refused
    return 0.0 if refused is None else MOST_FOR_REFUSALS * (2.0 * refused - 1.0)


def _life(sender: Sender) -> float:
    """A machine that only sends mail is a server somebody set up; a browser has a person.

    Little more than that: a whole office may be behind the address, its applications too.
    """
    if sender.lived_in or (sender.sampling > 1 and sender.watches):
        return _household(sender)
    quiet = sender.web_packets < LEAST_LIFE * sender.usual_web_packets
    if not quiet and (sender.web_servers or sender.sampling > 1):
        return 0.0
    as_usual = math.log(max(sender.quiet_share, 0.01) / SERVERS_QUIET)
    return max(min(as_usual, 0.0), DOES_NOT_BROWSE)


def _household(sender: Sender) -> float:
    """Whether as many browse here as in a household, or as in a business."""
    if sender.browsers < FEWEST_BROWSERS:
        return BROWSES
    if sender.web_servers < CROWD * sender.usual_web_servers:
        return _home(sender)
    place = (sender.web_rank - HOUSEHOLD_RANK) / (BUSINESS_RANK - HOUSEHOLD_RANK)
    business = min(max(place, 0.0), 1.0)
    home = _home(sender)
    weight = home + business * (BUSINESS_WEIGHT - home)
    return _unless_refused(sender, weight)


def _home(sender: Sender) -> float:
    """Whether films are watched here; where every packet was counted, that people browse."""
    if sender.sampling == 1:
        return HOUSEHOLD_WEIGHT
    return WATCHES_WEIGHT if sender.watches else BROWSES_LITTLE


def _unless_refused(sender: Sender, weight: float) -> float:
    """What speaks for a lawful sender speaks no more for one that is refused as bots are.

    Refused as either may be takes nothing from it.
    """
    if weight > 0.0 or sender.refused is None:
        return weight
    return weight * min(2.0 * (1.0 - sender.refused), 1.0)


def _letters(sender: Sender) -> float:
    """How much of what was sent is message; seen whole, a session tells if it was refused."""
    if sender.sampling == 1:
        return 0.0
    seen = min(sender.mail_packets / sender.sampling, sender.mail_sessions)
    return letters_weight(sender.full_share, seen)


def _plain(sender: Sender) -> float:
    """Whether the servers met show certificates: of what one says one sampled packet counts.

    Where every packet is counted each server tells by itself.
    """
    if sender.sampling == 1:
        weight = encrypted_weight(sender.mail_encrypted, sender.mail_answered)
        return _unless_refused(sender, weight)
    if not sender.reply_packets:
        return 0.0  # the other way was exported
    full, talk = sender.certificates / sender.sampling, sender.talk / sender.sampling
    weight = plain_weight(full, talk, min(full + talk, sender.exchangers))
    return _unless_refused(sender, weight)


def _same_few(sender: Sender) -> float:
    """A monitor asks the same few servers over and over, and says next to nothing."""
    met = sender.exchangers + sender.submission_servers
    servers = servers_there(sender.mail_sessions, met)
    few = sender.sessions >= SAME_FEW * servers
    silent = sender.mail_bytes < NOTHING_SAID * sender.mail_packets
    silent = silent and sender.mail_packets >= FEWEST_SILENT * sender.sampling
    few = few and (sender.sampling == 1 or servers <= MOST_OF_FEW or silent)
    return -5.0 if few and sender.mail_bytes < SMALL_TALK * sender.mail_packets else 0.0


def _onset(sender: Sender) -> float:
    """Life without mail, then mail; unless what was seen is too little for a pause to show."""
    waited_us = sender.mail_first - sender.first_seen
    pace = (sender.mail_sessions - 1) / max(sender.mail_last - sender.mail_first, 1)
    return ONSET_WEIGHT if waited_us >= ONSET_US and pace * waited_us >= FEWEST_MISSED else 0.0


DETECTOR = Detector(name="direct_sender", question="direct_sender.sql", weigh=weigh)
