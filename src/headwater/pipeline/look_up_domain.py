"""Ask about one domain: RDAP of the registry, then of the registrar, then WHOIS.

WHOIS is asked where there is no RDAP, or it does not give the date. Doors are passed in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from headwater.records.domain import DomainAnswer, Standing
from headwater.records.errors import RemoteFault
from headwater.sources.rdap_client import Reply
from headwater.wire.names import unicode_name
from headwater.wire.rdap import port43_of, read_rdap
from headwater.wire.rdap_bootstrap import Bootstrap
from headwater.wire.whois.read import read_whois
from headwater.wire.whois_servers import IANA, decoded, form_of, query_line, server_of

MOST_ASKED: Final = 6  # servers for one name, however they refer to each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """How servers are asked. Both raise RemoteFault."""

    rdap: Callable[[str], Reply]  # an address
    whois: Callable[[str, bytes], bytes]  # a server and the line to send
    bootstrap: Bootstrap
    may_ask_whois: Callable[[str], bool]  # guards hosts that answers refer us to
    whois_server: Callable[[str], str | None] = server_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One server's answer."""

    source: str  # rdap:HOST or whois:HOST
    answer: DomainAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Every answer in the order asked."""

    name: str
    said: tuple[Said, ...]
    retry_after: float | None = None

    @property
    def standing(self) -> Standing:
        """What they amount to: a definite word of any, else the most hopeful of the rest."""
        found = [one.answer.standing for one in self.said]
        for standing in (Standing.REGISTERED, Standing.FREE, Standing.RESERVED):
            if standing in found:
                return standing
        return Standing.ASK_AGAIN if Standing.ASK_AGAIN in found else Standing.CANNOT_SAY


def registry_of(name: str, doors: Doors) -> str:
    """The host whose pace counts when ``name`` is asked about."""
    for base in doors.bootstrap.bases_of(name):
        if host := urlsplit(base).hostname:
            return host
    return doors.whois_server(name) or IANA


def look_up(name: str, doors: Doors, today: str) -> Lookup:
    """Ask about a registrable domain (A-labels). Never raises for what servers do.

    ``today``: the UTC day, ISO; nothing was registered after it.
    """
    inquiry = _Inquiry(name, doors, today)
    inquiry.by_rdap()
    if inquiry.still_open:
        inquiry.by_whois()
    return Lookup(name=name, said=tuple(inquiry.said), retry_after=inquiry.retry_after)


class _Inquiry:
    def __init__(self, name: str, doors: Doors, today: str) -> None:
        self.name = name
        self.said: list[Said] = []
        self.retry_after: float | None = None
        self._doors = doors
        self._today = today
        self._port43: str | None = None

    @property
    def still_open(self) -> bool:
        """Whether the question of the date is worth another server."""
        definite = {Standing.FREE, Standing.RESERVED}
        return not any(
            one.answer.registered or one.answer.standing in definite for one in self.said
        )

    def by_rdap(self) -> None:
        for base in self._doors.bootstrap.bases_of(self.name)[:2]:
            answer = self._ask_rdap(f"{base}domain/{self.name}", at_registry=True)
            if answer and answer.standing is not Standing.ASK_AGAIN:
                if self.still_open and answer.referral:
                    self._ask_rdap(answer.referral, at_registry=False)
                return

    def _ask_rdap(self, url: str, *, at_registry: bool) -> DomainAnswer | None:
        try:
            reply = self._doors.rdap(url)
        except RemoteFault as why:
            host = urlsplit(url).hostname or url[:80]
            self._note(f"rdap:{host}", _fault(why))
            return None
        answer = read_rdap(reply.body, name=self.name, code=reply.code)
        if not at_registry and answer.standing is Standing.FREE:
            return None  # only the registry can say that there is no such domain
        self._port43 = self._port43 or port43_of(reply.body)
        self.retry_after = reply.retry_after or self.retry_after
        self._note(f"rdap:{reply.host}", answer)
        return answer

    def by_whois(self) -> None:
        seen: set[str] = set()
        server = self._doors.whois_server(self.name) or self._named() or self._from_iana()
        at_registry = True
        while server and server not in seen and len(self.said) < MOST_ASKED:
            seen.add(server)
            answer = self._ask_whois(server, at_registry=at_registry)
            if answer is None or not self.still_open:
                return
            server, at_registry = answer.referral, False
            if server and not self._doors.may_ask_whois(server):
                return

    def _named(self) -> str | None:
        """The server an RDAP answer names; like every host others name, guarded."""
        server = self._port43
        return server if server and self._doors.may_ask_whois(server) else None

    def _ask_whois(self, server: str, *, at_registry: bool) -> DomainAnswer | None:
        form = form_of(server)
        try:
            raw = self._doors.whois(server, query_line(self.name, form))
        except RemoteFault as why:
            self._note(f"whois:{server}", _fault(why))
            return None
        text = decoded(raw, form)
        answer = read_whois(text, name=self.name, server=server, today=self._today)
        if answer.name and answer.name not in {self.name, unicode_name(self.name)}:
            remark = f"the answer is about {answer.name[:80]}"
            answer = DomainAnswer(standing=Standing.CANNOT_SAY, remarks=(remark,))
        if not at_registry and answer.standing is Standing.FREE:
            return None
        self._note(f"whois:{server}", answer)
        return answer

    def _from_iana(self) -> str | None:
        """The server the root zone database names for this top level (its `refer:` line)."""
        try:
            raw = self._doors.whois(IANA, query_line(self.name, form_of(IANA)))
        except RemoteFault as why:
            self._note(f"whois:{IANA}", _fault(why))
            return None
        referred = read_whois(decoded(raw, form_of(IANA))).referral or next(
            _refer(decoded(raw, form_of(IANA))), None
        )
        return referred if referred and self._doors.may_ask_whois(referred) else None

    def _note(self, source: str, answer: DomainAnswer) -> None:
        self.said.append(Said(source=source, answer=answer))


def _refer(text: str) -> Iterator[str]:
    for line in text.splitlines()[:200]:
        label, _, value = line.partition(":")
        if label.strip().lower() in {"refer", "whois"} and value.strip():
            yield value.strip().lower()


def _fault(why: RemoteFault) -> DomainAnswer:
    return DomainAnswer(standing=Standing.ASK_AGAIN, remarks=(str(why)[:200],))
