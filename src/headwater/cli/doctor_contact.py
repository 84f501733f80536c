"""Whether the operator's own abuse contact works and is published; asked only on request."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from headwater.cli.remark import Level, Remark
from headwater.measures.prefixes import PrefixTable
from headwater.records.errors import MalformedInput, RemoteFault
from headwater.records.settings import Network, Settings
from headwater.sources.rdap_client import Reply
from headwater.wire.mail_exchangers import Exchangers
from headwater.wire.rdap_network import AbuseContact, abuse_contacts

MAILBOX: Final = "abuse"  # RFC 2142 section 4
MOST_NETWORKS: Final = 20
NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDoors:
    """How others are asked. Each raises RemoteFault."""

    mail_hosts: Callable[[str], Exchangers]
    addresses_of: Callable[[str], list[str]]
    takes_mail: Callable[[tuple[str, int], str], tuple[int, str]]
    rdap: Callable[[str], Reply]


def remarks_on_contact(settings: Settings, doors: ContactDoors) -> Iterator[Remark]:
    """What is wrong with the mailbox for abuse reports, and with what registries say."""
    told = settings.abuse
    if not (told.mail_domain or told.rdap):
        yield Remark(
            level=Level.ODD,
            what="the abuse contact cannot be checked: abuse.mail_domain and abuse.rdap are"
            " empty",
            do="write your mail domain, and your regional registry's RDAP address, into them",
        )
    if told.mail_domain:
        yield from _domain(told.mail_domain, doors)
        if told.mail_server:
            yield from _mailbox(settings, doors)
    if told.rdap:
        for network in settings.own_networks[:MOST_NETWORKS]:
            yield from _published(network, settings, doors)


def _domain(domain: str, doors: ContactDoors) -> Iterator[Remark]:
    """RFC 5321 section 5.1: an address takes the place of MX records that are not there."""
    try:
        found = doors.mail_hosts(domain)
    except RemoteFault as why:
        yield Remark(level=Level.ODD, what=str(why), do="ask again later; check the resolver")
        return
    if not found.exists:
        what = f"the mail domain {domain} does not exist in the DNS"
    elif found.hosts == ("",):
        what = f"{domain} says that it takes no mail (a null MX, RFC 7505)"
    elif not any(doors.addresses_of(host) for host in found.hosts or (domain,)):
        shown = ", ".join(found.hosts) or domain
        what = f"no mail server of {domain} has an address: {shown}"
    else:
        return
    yield Remark(
        level=Level.BROKEN,
        what=f"{what}; nobody can report abuse to {MAILBOX}@{domain}",
        do="publish an MX record for it, or correct abuse.mail_domain",
    )


def _mailbox(settings: Settings, doors: ContactDoors) -> Iterator[Remark]:
    told = settings.abuse
    server, mailbox = (told.mail_server, told.mail_port), f"{MAILBOX}@{told.mail_domain}"
    strangers = [a for a in doors.addresses_of(told.mail_server) if not _is_own(a, settings)]
    if strangers:
        yield Remark(
            level=Level.BROKEN,
            what=f"abuse.mail_server {told.mail_server} is not yours: {', '.join(strangers)}"
            " is outside own_networks; it was not asked",
            do="name a mail server of your own, or leave it empty",
        )
        return
    try:
        code, said = doors.takes_mail(server, mailbox)
    except RemoteFault as why:
        yield Remark(
            level=Level.BROKEN,
            what=f"your mail server cannot be asked about {mailbox}: {why}",
            do="check that it runs, and abuse.mail_server and abuse.mail_port",
        )
        return
    if code >= 400:
        yield Remark(
            level=Level.ODD if code < 500 else Level.BROKEN,
            what=f"your mail server does not take mail for {mailbox}: {said}",
            do=f"make the mailbox {mailbox} (RFC 2142 section 4), and see that it takes"
            " mail of any sender, spam reports included",
        )


def _is_own(address: str, settings: Settings) -> bool:
    if ip_address(address).is_loopback:
        return True
    prefixes = (*settings.own_networks, *settings.mail_servers)
    return bool(PrefixTable(prefixes).holds_text([address])[0])


def _published(network: Network, settings: Settings, doors: ContactDoors) -> Iterator[Remark]:
    """What the registry says of one own network (RFC 9082 section 3.1.1)."""
    base = settings.abuse.rdap.rstrip("/")
    try:
        reply = doors.rdap(f"{base}/ip/{network.network_address}/{network.prefixlen}")
        if reply.code == NOT_FOUND:
            contacts = None
        elif reply.code != 200:
            raise RemoteFault(f"{reply.host}: HTTP status {reply.code}")
        else:
            contacts = abuse_contacts(reply.body)
    except (RemoteFault, MalformedInput) as why:
        yield Remark(
            level=Level.ODD,
            what=f"the registry could not be asked about {network}: {why}",
            do="ask again later; check abuse.rdap",
        )
        return
    yield from _contacts(network, contacts, settings.abuse.mail_domain)


def _contacts(
    network: Network, contacts: tuple[AbuseContact, ...] | None, domain: str
) -> Iterator[Remark]:
    if contacts is None:
        what, do = f"the registry knows no network {network}", "check own_networks"
    elif not contacts:
        what = f"{network} has no abuse contact in RDAP"
        do = "add one at your registry (at RIPE an abuse-c): reporters look there first"
    elif not (mailboxes := {mail for one in contacts for mail in one.addresses}):
        what = f"the abuse contact of {network} has no mail address in RDAP"
        do = "add a mail address to it at your registry"
    elif domain and not any(mail.endswith(f"@{domain.lower()}") for mail in mailboxes):
        what = f"the abuse contact of {network} is {', '.join(sorted(mailboxes))} in RDAP"
        do = f"see that you read it, or publish {MAILBOX}@{domain}"
    else:
        return
    yield Remark(level=Level.ODD, what=what, do=do)
