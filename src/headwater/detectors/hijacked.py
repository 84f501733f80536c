"""Hijacked: all that is said about one own host, weighed together.

Sees       relaying, mail of its own, drivers that visit it, masters it calls, lists that name
           it, what is new since a report; independent kinds of evidence add up as log-odds
Misses     what no other detector saw
Mistakes   a relay that its owner set up and did not name in lawful_proxies
Next step  read the reasons; open a case; look at the drivers and masters named in them
Source     I. J. Good, Probability and the Weighing of Evidence, 1950
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.measures import kinds
from headwater.measures.chains import links, seen_from_both_ends
from headwater.measures.company import (
    Member,
    calls_weight,
    customs,
    driven_weight,
    told_by_farm,
    told_by_team,
)
from headwater.measures.lists import UNTOLD, lists_weights, named_weight
from headwater.measures.odds import logit, probability
from headwater.measures.relaying import STRONG_RELAY, one_origin, relay_weight, tunnel_weight
from headwater.measures.sisters import (
    SISTERS_WEIGHT,
    Sisters,
    dialling_in,
    fronts_weight,
    sisters,
)
from headwater.measures.spoken_of import spoken_of
from headwater.measures.untold import seen_share, untold_weight
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

PRIOR: Final = 0.002  # of own hosts, how many are hijacked: a few in a thousand
LEAST_CONFIDENCE: Final = 0.02  # below this there is nothing to tell
# Of two homes with doors for one outsider both may be his, or behind one firm's address may be
# two who work there; of three, who works for three firms is in one of them at a time.
FARM_WEIGHT: Final = 5.0
AT_ONCE_WEIGHT: Final = 6.5
SEVERAL: Final = 2  # other own hosts
NAMED_MAIL_SERVER: Final = -8.0
EXPLAINED: Final = 0.01  # of a host that its operator named as a lawful proxy

DIALLED: Final = ("tunnel-out", "dials-back", "carries-to", "mails-for")
TIED: Final = 0.5  # from which a host tells what its company is like

Claim = kinds.Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Everything said about one host: each kind of claim, the surest first."""

    address: str
    claims: Mapping[str, Sequence[Claim]] = field(default_factory=dict)
    lists: Collection[str] = ()
    listed: float = 0.0  # what it weighs that they name it
    mail_server: bool = False
    lawful_proxy: bool = False
    sisters: Sisters = field(default_factory=Sisters)
    untold: float = 0.0  # what it weighs that nothing but its mail tells of it
    links: int = 0  # other own hosts that hand it outsiders' traffic, or pass it on for it
    custom: Mapping[str, float] = field(default_factory=dict)  # kinds of its company: shares

    @property
    def relays(self) -> Sequence[Claim]:
        return self.claims.get("relay", ())

    def best(self, kind: str) -> Claim | None:
        return next(iter(self.claims.get(kind, ())), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One piece of evidence: how much it weighs (natural log-odds) and what it says."""

    weight: float
    text: str


NOTHING: Final = Reason(weight=0.0, text="")
WEIGHT: Final = attrgetter("weight")


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host that anything at all was said about."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in answer.to_pylist():
        rows.setdefault(row["host"], []).append(row)
    hosts = _through_chains([_host(address, said) for address, said in rows.items()])
    each = zip(hosts, sisters({host.address: host.claims for host in hosts}), strict=True)
    untold = _untold(hosts)
    hosts = [replace(host, sisters=its, untold=untold) for host, its in each]
    hosts = _listed(hosts)
    judged = [judge(host, window) for host in hosts]
    shown = [
        Member(ties=_ties(host), kind=finding.kind, shown=_shows_how(host))
        for host, finding in zip(hosts, judged, strict=True)
        if finding.confidence >= TIED
    ]
    common = customs(shown)
    for host, finding in zip(hosts, judged, strict=True):
        if finding.confidence >= LEAST_CONFIDENCE:
            custom = _custom(host, common)
            yield judge(replace(host, custom=custom), window) if custom else finding


def _through_chains(hosts: Sequence[Host]) -> list[Host]:
    """The hosts, where visits of own hosts that relay count as what they are: outsiders'."""

    def hop(claims: Mapping[str, Sequence[Claim]]) -> bool:
        one = Host(address="", claims=claims)
        return _relays_for_outsiders(one) or _dialled(one) is not None

    seen = seen_from_both_ends({host.address: host.claims for host in hosts}, hop)
    linked = links(seen, hop)
    return [replace(h, claims=seen[h.address], links=linked[h.address]) for h in hosts]


def _untold(hosts: Sequence[Host]) -> float:
    """What it weighs that nothing but its mail tells of a host, once it is known who drives."""
    if not any(host.best(kind) for host in hosts for kind in ("driven", "calls-master")):
        return 0.0
    return untold_weight(seen_share(list(filter(None, (h.best("mail-out") for h in hosts)))))


def _listed(hosts: Sequence[Host]) -> list[Host]:
    """The hosts, with what the lists that name them weigh by whom else they name."""
    at_first = [replace(host, listed=UNTOLD if host.lists else 0.0) for host in hosts]
    sick = np.array([_weighed(host)[1] for host in at_first])
    weights = lists_weights([host.lists for host in hosts], sick)
    return [replace(host, listed=named_weight(host.lists, weights)) for host in hosts]


def _custom(host: Host, common: Mapping[str, dict[str, float]]) -> dict[str, float]:
    """The custom of the host's company, where the host itself does not show how it relays."""
    if _shows_how(host):
        return {}
    return next((common[tie] for tie in _ties(host) if tie in common), {})


def _shows_how(host: Host) -> bool:
    return bool(_listening(host) or _dialled(host))


def _ties(host: Host) -> list[str]:
    master, driven = host.best("calls-master"), host.best("driven")
    masters = [str(master["master"])] if master else []
    return [*masters, *(str(name) for name in (driven["drivers"] if driven else ()))]


def _host(address: str, rows: list[dict[str, Any]]) -> Host:
    claims: dict[str, list[Claim]] = {}
    for row in sorted(rows, key=lambda row: -(row["confidence"] or 0.0)):
        known = {"confidence": row["confidence"], "summary": row["summary"]}
        claims.setdefault(row["kind"], []).append({**json.loads(row["proof"]), **known})
    return Host(
        address=address,
        claims=claims,
        lists=json.loads(rows[0]["lists"]),
        mail_server=any(row["mail_server"] for row in rows),
        lawful_proxy=any(row["lawful_proxy"] for row in rows),
    )


def _weighed(host: Host) -> tuple[list[Reason], float]:
    """All that is said of a host, the weightiest first, and how likely that makes it."""
    ways, mail = list(_mechanism(host)), list(_sending(host))
    company = list(_company(host, shown=_spoken(ways) + _spoken(mail)))
    if not _spoken(ways) and not _spoken(company):
        mail = [replace(said, weight=said.weight + host.untold) for said in mail]
    reasons = sorted([*ways, *mail, *company, *_reported(host)], key=WEIGHT, reverse=True)
    confidence = probability(logit(PRIOR) + sum(reason.weight for reason in reasons))
    if host.lawful_proxy:
        confidence = min(confidence, EXPLAINED)
        reasons.append(Reason(weight=0.0, text="named in lawful_proxies"))
    return reasons, confidence


def judge(host: Host, window: Window) -> Finding:
    """The joint opinion on one host."""
    reasons, confidence = _weighed(host)
    main = _listening(host)
    sender = host.best("mail-out")
    likely = kind_probabilities(host, window)
    return Finding(
        detector=DETECTOR.name,
        subject=host.address,
        kind=max(likely, key=lambda kind: likely[kind]),
        confidence=confidence,
        window=window,
        summary=reasons[0].text if reasons else "",
        proof={
            "kinds": likely,
            "port": main["port"] if main else None,
            # Outsiders' traffic leaves it again, whoever wants that: drivers are told by it.
            "relays": not host.lawful_proxy and _relays_for_outsiders(host),
            **spoken_of(host.claims, window),
            "mail_sessions": sender["mail_sessions"] if sender else 0,
            "reasons": [reason.text for reason in reasons],
            "weights": [round(reason.weight, 2) for reason in reasons],
        },
    )


def _spoken(reasons: Iterable[Reason]) -> float:
    """What speaks for it, where some may speak against."""
    return sum(max(reason.weight, 0.0) for reason in reasons)


def _relays_for_outsiders(host: Host) -> bool:
    relay = max((weight for weight, _ in _listeners(host)), default=0.0)
    return relay >= STRONG_RELAY or host.best("tunnel-in") is not None


def _listeners(host: Host) -> list[tuple[float, Claim]]:
    """Claims of ports at which outsiders are served, each with what it weighs."""
    carrying = [(float(claim["weight"]), claim) for claim in host.claims.get("carries", ())]
    return [(relay_weight(claim), claim) for claim in host.relays] + carrying


def _listening(host: Host) -> Claim | None:
    """The claim that names a listening port, if there is one."""
    found = max(_listeners(host), key=lambda pair: pair[0], default=None)
    return found[1] if found else host.best("tunnel-in")


def _mechanism(host: Host) -> Iterator[Reason]:
    """That it relays at all: only the weightiest way counts, they are not independent."""
    found = [
        *(Reason(weight=relay_weight(c), text=c["summary"]) for c in host.relays),
        *(
            Reason(weight=tunnel_weight(kind, c), text=c["summary"])
            for kind in ("tunnel-in", "tunnel-out", "dials-back")
            for c in host.claims.get(kind, ())
        ),
        *(
            Reason(weight=float(c["weight"]), text=c["summary"])
            for kind in ("carries", "carries-to")
            for c in host.claims.get(kind, ())
        ),
    ]
    if found:
        yield max(found, key=WEIGHT)
    if host.links:  # nobody lays a way for outsiders through several subscribers' homes
        told = f"{host.links} other own hosts are in a chain with it"
        yield Reason(weight=SISTERS_WEIGHT, text=told)
    if host.sisters.tunnels:
        yield from _sister_tunnels(host, max(found, key=WEIGHT, default=NOTHING))
    if host.sisters.dialled:  # whom several dial to be used uses this one, too
        told = f"{host.sisters.dialled} other own hosts have tunnels to the same outsider"
        yield Reason(weight=SISTERS_WEIGHT, text=told)
    if host.sisters.fronts:
        yield from _sister_fronts(host, max(found, key=WEIGHT, default=NOTHING))


def _sister_tunnels(host: Host, surest: Reason) -> Iterator[Reason]:
    """A home worker dials into one subscriber's gateway, a farm's owner into all of them.

    Whom ``surest``, of its ways to relay, tells by what these exchange alike, it told already.
    """
    others = host.sisters.tunnels
    weight = _doors_weight(others, at_once=host.sisters.at_once >= SEVERAL)
    if any("alike" in claim for claim in host.claims.get("carries", ())):
        alone = max(tunnel_weight("tunnel-in", claim) for claim in host.claims["tunnel-in"])
        weight = alone + weight - surest.weight
    if weight > 0.0:
        told = f"the same outsider tunnels into {others} other own hosts"
        yield Reason(weight=weight, text=told)


def _doors_weight(others: int, *, at_once: bool = True) -> float:
    """What it says that an outsider has doors of his own into so many other own hosts."""
    if others < SEVERAL:
        return SISTERS_WEIGHT
    return AT_ONCE_WEIGHT if at_once else FARM_WEIGHT


def _sister_fronts(host: Host, surest: Reason) -> Iterator[Reason]:
    """Whom ``surest``, of its ways to relay, tells by its origin, the others told already."""
    weight = fronts_weight(host.relays, host.sisters)
    alone = max((relay_weight(claim) for claim in host.relays), default=0.0)
    fronted = any(claim.get("origin") for claim in host.claims.get("carries", ()))
    more = alone + weight - surest.weight if fronted else weight
    if more > 0.0:
        others = f"{host.sisters.fronts} other own hosts"
        yield Reason(weight=more, text=f"{others} are fronts of the same origin")


def _sending(host: Host) -> Iterator[Reason]:
    sender = host.best("mail-out")
    if sender:
        weight = float(sender["weight"]) + (NAMED_MAIL_SERVER if host.mail_server else 0.0)
        ways = [way for way in (_listening(host), _dialled(host)) if way]
        if ways:
            weight -= sender["weights"].get("fed", 0.0)  # where it comes from is told already
        if any(way.get("onward_mail", "mailed" in way) for way in ways):
            weight -= sender["weights"].get("same few", 0.0)  # nobody brings a monitor letters
        yield Reason(weight=weight, text=sender["summary"])


def _company(host: Host, *, shown: float) -> Iterator[Reason]:
    """The company it keeps: drivers and masters. ``shown``: what it shows else, in log-odds."""
    driven = [
        Reason(weight=driven_weight(claim, PRIOR, shows=shown > 0.0), text=claim["summary"])
        for claim in host.claims.get("driven", ())
        if not told_by_team(host.claims, claim, dialling_in(host.claims), host.sisters.tunnels)
    ]
    surest = max(driven, key=WEIGHT, default=NOTHING)
    if driven:
        yield surest
    more = _doors_weight(host.sisters.kept) - max(surest.weight, 0.0)
    if host.sisters.kept and more > 0.0:  # who has a way home of his own has one home
        told = f"the same outsider has {host.sisters.kept} other own hosts relay for him"
        yield Reason(weight=more, text=told)
    master = host.best("calls-master")
    if master and not told_by_farm(host.claims, str(master["master"])):
        yield Reason(weight=calls_weight(master, PRIOR, shown=shown), text=master["summary"])


def _reported(host: Host) -> Iterator[Reason]:
    """What others say of it, and what is new since they did."""
    watched = host.best("watched")
    if watched:
        yield Reason(weight=float(watched["weight"]), text=watched["summary"])
    if host.lists:
        yield Reason(weight=host.listed, text=f"named by {len(host.lists)} blocklists")


def kind_probabilities(host: Host, window: Window) -> dict[str, float]:
    """How likely each kind is, given that the host is hijacked at all."""
    listening, dialled = _listening(host), _dialled(host)
    served = max((weight for weight, _ in _listeners(host)), default=0.0)
    if dialled:
        weight = float(dialled.get("weight") or tunnel_weight("tunnel-out", dialled))
        if served >= max(weight, STRONG_RELAY):
            dialled = None  # what a port brings in goes to many, and some by the same roads
    master = host.best("calls-master")
    return kinds.probabilities(
        kinds.Traits(
            listening=_seen_by_visit(host, listening),
            one_origin=listening is not None
            and "visitors" in listening
            and one_origin(listening),
            at_web=host.sisters.at_web,
            calls=float(master["confidence"]) if master else 0.0,
            used=bool(master and master.get("used")),
            dialled=dialled,
            sender=host.best("mail-out"),
            driven=host.best("driven"),
            custom=host.custom,
        ),
        window,
    )


def _seen_by_visit(host: Host, listening: Claim | None) -> Claim | None:
    """What was said of the same port visit by visit, if it was: that tells who was served."""
    if listening is None or listening.get("lasting"):
        return listening
    same = (each for each in host.relays if each["port"] == listening.get("port"))
    return next((each for each in same if relay_weight(each) >= STRONG_RELAY), listening)


def _dialled(host: Host) -> Claim | None:
    """The surest claim that the host dials out to be used."""
    called = (host.best(kind) for kind in DIALLED)
    return max(filter(None, called), key=lambda c: float(c["confidence"]), default=None)


DETECTOR = Detector(name="hijacked", question="hijacked.sql", weigh=weigh)
