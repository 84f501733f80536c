"""What one own host does with mail, beside what else it does."""

import math
from typing import Final, NamedTuple

from headwater.measures.letters import certificates, full_share
from headwater.records.window import Window

# Somebody else's mail server refuses strangers with a bad name; a lawful sender loses a few
# sessions in a hundred to time-outs and greylisting.
LAWFUL_CUT: Final = 0.10
BOTLIKE_CUT: Final = 0.25
FEWEST_FOR_SHARE: Final = 12  # sessions before a share of them means anything

# A mail server is visited by many others, hour after hour.
SERVICE_CLIENTS: Final = 4
CREW: Final = 40  # who abuses a relay has some dozen addresses
SERVICE_QUARTERS: Final = 3  # quarters of an hour with mail coming in
MOST_BY_TOP: Final = 0.6  # share of the three busiest: spam is fed in by a few
QUARTER_US: Final = 900_000_000

# In a working day; of sampled packets fewer are seen, and so is less of its mail.
HOUSEHOLD_WEB: Final = 200
BROWSED_SAMPLED: Final = 3
BROWSED_SERVERS: Final = 12  # a machine with a person at it meets more web servers than this
# Of sampled packets few servers are seen, of a household and of a small business. But most of
# what households receive are films and games, by megabytes from one server. What is sent away
# as they are received tells nothing of that: businesses back up to somewhere, too.
FILM_OCTETS: Final = 20_000_000
TALK_PACKETS: Final = 10  # that a session sends beside its message


class Sender(NamedTuple):
    """What one own host did with mail in the window; times in microseconds."""

    host: str
    mail_sessions: int
    mail_exported: int  # of them, those whose outbound half was exported
    exchangers: int  # servers met on port 25
    submission_servers: int  # on ports 465 and 587
    mail_packets: int  # sent
    mail_bytes: int
    reply_packets: int  # of the servers met on port 25
    reply_bytes: int
    mail_first: int
    mail_last: int
    sampling: int
    mail_cut: int
    mail_hellos: int  # sessions in which no more was said than a hello to encrypt
    mail_letters: int  # in which a letter may have been
    mail_answered: int  # servers that said more than a refusal, where their half was seen
    mail_encrypted: int  # of them, those that ever showed certificates
    mail_in_sessions: int
    mail_in_clients: int
    mail_in_by_top: int
    mail_in_again: int  # sessions but the first of each, of who takes no mail of own hosts
    mail_in_packets: int
    mail_in_bytes: int
    mail_in_quarters: int
    fed_bytes: int  # the most that outsiders brought to one port, other than mail
    fed_port: int
    fed_visitors: int  # of that port
    fed_first: int
    fed_alike: float  # of hosts that are brought anything, the share that is as this one mails
    fed_more: float  # of these, the share that is brought more
    site: int  # 1: it shows contents at its web ports
    sites_usual: float  # the share of all hosts that do
    area: int  # the /16 or /32 that it lives in, as a number
    area_hosts: int
    network: int  # the /24 or /48
    network_hosts: int
    hosts: int  # of all networks
    web_servers: int
    web_packets: int
    web_received: int  # octets
    usual_web_packets: float  # of a host of this network
    quiet_share: float  # of all hosts, how many show as little of browsing as a server
    web_rank: float  # share of the hosts that browse that meet fewer web servers, 0 to 1
    browsers: int  # hosts that browse
    usual_web_servers: float  # that the middle one of them meets
    first_seen: int

    @property
    def mail_servers(self) -> float:
        """Of one provider people meet several submission servers, by as many addresses."""
        return self.exchangers + self.submission_servers / 2

    @property
    def submits(self) -> bool:
        """Mostly to where people hand in their own mail."""
        return self.submission_servers > self.exchangers

    @property
    def households(self) -> float:
        """As many as meet so many web servers: whole offices and campuses share an address."""
        return max(self.web_servers / HOUSEHOLD_WEB, 1.0)

    @property
    def lived_in(self) -> bool:
        """Somebody browses here. Of a sampled browser few servers are seen."""
        met = BROWSED_SERVERS if self.sampling == 1 else BROWSED_SAMPLED
        return self.web_servers >= met

    @property
    def watches(self) -> bool:
        """A few servers send most, by many megabytes: films, games, not pages."""
        return self.web_received >= FILM_OCTETS * max(self.web_servers, 1)

    @property
    def only_asks(self) -> bool:
        """Many let it begin to encrypt, and none is handed a letter."""
        return not self.mail_letters and self.mail_hellos >= FEWEST_FOR_SHARE

    @property
    def asked_back(self) -> int:
        """Sessions cut short that may have asked whether a letter's sender is known there.

        One for each letter that comes in (Postfix: sender address verification), so from many,
        and few are cut beside these; of senders that are known most need not be asked about.
        Answers are kept: of who comes again nothing is asked but of a provider, who has many
        senders. Who drives a relay is none, and comes again and again.
        """
        came = self.mail_in_sessions - self.mail_in_again
        each = came / 2 <= self.mail_cut <= (1.0 + LAWFUL_CUT) * came
        return min(self.mail_cut, came) if each and self.mail_in_clients > CREW else 0

    @property
    def cut_share(self) -> float | None:
        """The share of sessions that carried no message; None where that cannot be told."""
        told = self.mail_exported - self.asked_back
        if self.sampling > 1 or told < FEWEST_FOR_SHARE or self.only_asks:
            return None
        return (self.mail_cut - self.asked_back) / told

    @property
    def refused(self) -> float | None:
        """Where between a lawful sender's and a bot's its share of refusals lies, 0 to 1.

        Of a few sessions the share is known by its standard error only: so much of it is
        taken to be chance, and no more said than what is left.
        """
        if self.cut_share is None:
            return None
        sessions = self.mail_exported - self.asked_back
        near = (self.cut_share * sessions + 0.5) / (sessions + 1)
        error = math.sqrt(near * (1.0 - near) / sessions)
        doubtful = (LAWFUL_CUT + BOTLIKE_CUT) / 2
        away = max(abs(self.cut_share - doubtful) - error, 0.0)
        return _place(doubtful + math.copysign(away, self.cut_share - doubtful))

    @property
    def full_share(self) -> float:
        """The share of the packets sent that are full of message."""
        return full_share(self.mail_packets, self.mail_bytes)

    @property
    def sessions(self) -> float:
        """Mail sessions; of sampled ones, by the packets that carry no message."""
        talk = self.mail_packets * (1.0 - self.full_share) / TALK_PACKETS
        return self.mail_sessions if self.sampling == 1 else max(talk, self.mail_sessions)

    @property
    def certificates(self) -> float:
        """Packets full of them that servers sent, by which one knows who encrypts."""
        return certificates(self.reply_packets, self.reply_bytes)

    @property
    def talk(self) -> float:
        """Packets of either side that carry neither message nor certificates.

        Every second packet of a message is acknowledged (RFC 5681 section 4.2), and no reply.
        Large receives are acknowledged more seldom: a quarter is answers however much was sent.
        """
        message = self.mail_packets * self.full_share
        short = self.reply_packets - self.certificates
        return self.mail_packets - message + max(short - message / 2, short / 4)

    def serves_mail(self, window: Window) -> bool:
        """Many come to deliver here, not just once, and no few of them are most of it."""
        quarters = math.ceil((window.end_us - window.start_us) / QUARTER_US)
        return (
            self.mail_in_clients >= SERVICE_CLIENTS
            and self.mail_in_quarters >= min(SERVICE_QUARTERS, math.ceil(quarters / 4))
            and self.mail_in_by_top <= MOST_BY_TOP * self.mail_in_sessions
        )


def _place(share: float) -> float:
    """Where between a lawful sender's and a bot's this share of refusals lies, 0 to 1."""
    return min(max((share - LAWFUL_CUT) / (BOTLIKE_CUT - LAWFUL_CUT), 0.0), 1.0)
