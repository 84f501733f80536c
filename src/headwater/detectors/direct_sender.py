"""Direct sender: an own host that delivers mail everywhere by itself and receives none.

Sees       sessions to port 25 of many different servers, of which many are refused or cut
           short, from a host that otherwise lives like a subscriber's
Misses     bots that hand their mail to the provider's own relay; bots that meet only a
           handful of servers; what is sent on ports 465 and 587
Mistakes   a mail server that is new, only sends, and is not named in mail_servers
Next step  look at when it began; read the refusals in your own mail servers' logs
Source     RFC 5321 section 4.1.1; Ramachandran and Feamster, Understanding the Network-Level
           Behavior of Spammers, SIGCOMM 2006
"""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import pyarrow as pa

from headwater.measures.odds import logit, probability
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

SENDS_AT_ALL: Final = (
    2.5  # few subscribers meet even three mail servers: e to the 3, 20 times fewer
)
PRIOR: Final = 0.05  # of hosts that met three mail servers, how many send what they should not

# A household's mail goes to a provider or two, each with a few addresses for its name.
HOUSEHOLD_SERVERS: Final = 4
MOST_FOR_BREADTH: Final = 3.0

# Somebody else's mail server refuses strangers with a bad name; a lawful sender loses a few
# sessions in a hundred to time-outs and greylisting.
LAWFUL_CUT: Final = 0.10
BOTLIKE_CUT: Final = 0.25
MOST_FOR_REFUSALS: Final = 3.0
FEWEST_FOR_SHARE: Final = 12  # sessions before a share of them means anything

# A mail server is visited by many others, hour after hour.
SERVICE_WEIGHT: Final = -5.0
FEWEST_TO_CONTRADICT: Final = 40  # sessions before refusals speak against a mail server
SERVICE_CLIENTS: Final = 4
SERVICE_QUARTERS: Final = 3  # quarters of an hour with mail coming in
MOST_BY_TOP: Final = 0.6  # share of the three busiest: spam is fed in by a few
QUARTER_US: Final = 900_000_000

BROWSED_SAMPLED: Final = 3
BROWSED_SERVERS: Final = 12  # a machine with a person at it meets more web servers than this
BROWSES: Final = 0.3
DOES_NOT_BROWSE: Final = -1.5
LEAST_LIFE: Final = 0.02  # of the usual, from which a host may have a person at it
SAME_FEW: Final = 15  # sessions per server
SMALL_TALK: Final = 90  # octets a packet: acknowledgements and commands, no line of a message
ONSET_US: Final = 1_200_000_000  # twenty minutes of life without mail, then mail


class Sender(NamedTuple):
    """What one own host did with mail in the window; times in microseconds."""

    host: str
    mail_sessions: int
    mail_exported: int  # of them, those whose outbound half was exported
    exchangers: int  # servers met on port 25
    submission_servers: int  # on ports 465 and 587
    mail_packets: int  # sent
    mail_bytes: int
    mail_first: int
    mail_last: int
    sampling: int
    mail_cut: int
    mail_in_sessions: int
    mail_in_clients: int
    mail_in_by_top: int
    mail_in_quarters: int
    web_servers: int
    web_packets: int
    usual_web_packets: float  # of a host of this network
    first_seen: int

    @property
    def mail_servers(self) -> float:
        """Of one provider people meet several submission servers, by as many addresses."""
        return self.exchangers + self.submission_servers / 2

    @property
    def lived_in(self) -> bool:
        """Somebody browses here. Of a sampled browser few servers are seen."""
        met = BROWSED_SERVERS if self.sampling == 1 else BROWSED_SAMPLED
        return self.web_servers >= met

    @property
    def cut_share(self) -> float | None:
        """The share of sessions that carried no message; None where that cannot be told."""
        if self.sampling > 1 or self.mail_exported < FEWEST_FOR_SHARE:
            return None
        return self.mail_cut / self.mail_exported

    def serves_mail(self, window: Window) -> bool:
        """Many come to deliver here, not just once, and no few of them are most of it."""
        quarters = math.ceil((window.end_us - window.start_us) / QUARTER_US)
        return (
            self.mail_in_clients >= SERVICE_CLIENTS
            and self.mail_in_quarters >= min(SERVICE_QUARTERS, math.ceil(quarters / 4))
            and self.mail_in_by_top <= MOST_BY_TOP * self.mail_in_sessions
        )


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host that met enough mail servers to be asked about."""
    for row in answer.to_pylist():
        finding = judge(Sender(**row), window)
        if finding:
            yield finding


def judge(sender: Sender, window: Window) -> Finding | None:
    """How likely it is that this host sends what its owner does not know of."""
    reasons = {
        "breadth": _breadth(sender),
        "refused": _refused(sender),
        "service": _service(sender, window),
        "life": _life(sender),
        "onset": _onset(sender),
        "same few": _same_few(sender),
    }
    confidence = probability(logit(PRIOR) + sum(reasons.values()))
    return Finding(
        detector=DETECTOR.name,
        subject=sender.host,
        kind="mail-out",
        confidence=confidence,
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
            "weight": sum(reasons.values()) + SENDS_AT_ALL,
        },
    )


def _breadth(sender: Sender) -> float:
    beyond = max(0, sender.mail_servers - HOUSEHOLD_SERVERS)
    return min(MOST_FOR_BREADTH, 1.5 * math.log2(1 + beyond / HOUSEHOLD_SERVERS))


def _service(sender: Sender, window: Window) -> float:
    """Who receives mail from many may send it; not if the world refuses what it sends."""
    if not sender.serves_mail(window):
        return 0.0
    share = sender.cut_share if sender.mail_sessions >= FEWEST_TO_CONTRADICT else None
    return SERVICE_WEIGHT * (1.0 - _place(share or 0.0))


def _place(share: float) -> float:
    """Where between a lawful sender's and a bot's this share of refusals lies, 0 to 1."""
    return min(max((share - LAWFUL_CUT) / (BOTLIKE_CUT - LAWFUL_CUT), 0.0), 1.0)


def _refused(sender: Sender) -> float:
    share = sender.cut_share
    if share is None:
        return 0.0
    return MOST_FOR_REFUSALS * (2.0 * _place(share) - 1.0)


def _life(sender: Sender) -> float:
    """A machine that only sends mail is a server somebody set up; a browser has a person.

    Little more than that: a whole office may be behind the address, its applications too.
    """
    if sender.lived_in:
        return BROWSES
    quiet = sender.web_packets < LEAST_LIFE * sender.usual_web_packets
    return DOES_NOT_BROWSE if quiet or not (sender.web_servers or sender.sampling > 1) else 0.0


def _same_few(sender: Sender) -> float:
    """A monitor asks the same few servers over and over, and says next to nothing."""
    few = sender.mail_sessions >= SAME_FEW * (sender.exchangers + sender.submission_servers)
    return -5.0 if few and sender.mail_bytes < SMALL_TALK * sender.mail_packets else 0.0


def _onset(sender: Sender) -> float:
    return 1.0 if sender.mail_first - sender.first_seen >= ONSET_US else 0.0


DETECTOR = Detector(name="direct_sender", question="direct_sender.sql", weigh=weigh)
