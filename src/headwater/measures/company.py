"""What the company of a host tells of it, and customs of an operation."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from headwater.measures.kinds import DRIVEN_SHARE, Claim
from headwater.measures.odds import logit
from headwater.measures.prefixes import network_of

FEWEST: Final = 2  # hosts that show their kind
MOST_FOR_COMPANY: Final = 9.0
# Less than even odds: who reads where the sick read, or shares their maker's cloud.
HEARSAY: Final = 5.0
DRIVEN_MOSTLY: Final = 2 / 3  # from which it hardly serves anybody else
SEVERAL_DRIVERS: Final = 2
SEVERAL: Final = 3  # other suspects, from which their share says something
CALLS_FOR_FEW: Final = 3.0
CALLS_ALONE: Final = 5.0
DRIVEN_ALONE: Final = 5.0
CALLS_GATEWAY: Final = 7.0  # as any other host that dials a gateway to be used
CUSTOM_SHARE: Final = 0.3  # of a master's hosts: fewer may be claims gone wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A suspect with its masters and drivers; ``shown``: how it relays was seen."""

    ties: Sequence[str]
    kind: str
    shown: bool


def customs(members: Iterable[Member]) -> dict[str, dict[str, float]]:
    """For each master and driver, of what kinds its hosts are: one malware makes one kind.

    Told by those whose way of relaying was seen, where they are no small part of them all.
    """
    tied: Counter[str] = Counter()
    seen: dict[str, Counter[str]] = {}
    for member in members:
        tied.update(member.ties)
        for tie in member.ties if member.shown else ():
            seen.setdefault(tie, Counter())[member.kind] += 1
    return {
        tie: {kind: n / kinds.total() for kind, n in kinds.items()}
        for tie, kinds in seen.items()
        if kinds.total() >= max(FEWEST, CUSTOM_SHARE * tied[tie])
    }


def _company(sure: float, claim: Claim, prior: float, *, shows: bool) -> float:
    """What the others tell whom an outsider meets, in natural log-odds.

    ``sure``: that these are there for what the outsider is; ``shows``: it shows something.
    """
    sick = sure * float(claim["share" if shows else "unshown"])
    return min(max(logit(max(sick, prior)) - logit(prior), 0.0), MOST_FOR_COMPANY)


def driven_weight(driven: Claim, prior: float, *, shows: bool) -> float:
    """What it says that drivers visit a host; ``shows``: it shows more than that.

    A driver also reads the news: what counts is that the host's visitors are drivers. Sampled
    records often show no more of the sick than whose tool they are.
    """
    part = min(1.0, float(driven["share_of_load"]) / DRIVEN_SHARE)
    # Where every packet is seen, what a driver has done there shows as well; and where
    # others come as much, there is a public, of which drivers are part. But each of a crew
    # reads news of its own.
    mostly = float(driven["share_of_load"]) >= DRIVEN_MOSTLY
    tool = driven["sampled"] and not driven.get("for_all") and (mostly or _crew(driven))
    company = _company(float(driven["confidence"]), driven, prior, shows=shows or tool)
    return part * min(company, math.inf if tool else DRIVEN_ALONE)


def _crew(driven: Claim) -> bool:
    """Whether drivers of several networks come: where one of them goes for a reason of its
    own, or a stranger behind its address, the others do not."""
    return len({network_of(str(name)) for name in driven["drivers"]}) >= SEVERAL_DRIVERS


def calls_weight(master: Claim, prior: float, *, shown: float) -> float:
    """What it says that a host calls a master; ``shown``: what it shows else, in log-odds.

    Who shares a server with a master is called for its own sake, too: by as many of its
    callers as are well, where a host shows more than that it calls. And where every packet
    is seen, a host that only calls waits to be used: it is next, not now. Which mails, where
    its fellows do and few others, is used as they are, however little; unless they are fewer
    than the well, who mail as well.
    """
    shows = shown > 0.0
    used = not master["shared"] and (master["sampled"] or master.get("used", False))
    most = _company(1.0, master, prior, shows=shows)
    if not used:
        most = min(most, CALLS_ALONE)
    elif not master["sampled"]:
        most = min(most, CALLS_GATEWAY)
    if used and master.get("feeds"):  # what it calls for is seen: it is used, now
        most = CALLS_GATEWAY
    several = min(max(float(master["others_sick"]) - SEVERAL + 1, 0.0), 1.0)
    most = min(most, CALLS_FOR_FEW + several * max(most - CALLS_FOR_FEW, 0.0))
    alone = _company(1.0, master, prior, shows=False)
    if alone > HEARSAY and not master["sampled"]:
        most += several * max(float(master.get("mails", 0.0)) - shown, 0.0)
    if master.get("pages") and not shows:  # people go there as well, to read
        most = min(most, HEARSAY)
    alike = most * float(master["confidence"])
    if not (shows and master["shared"]):
        return alike
    return max(alike, min(most, _company(float(master["sure"]), master, prior, shows=True)))


def told_by_farm(claims: Mapping[str, Sequence[Claim]], master: str) -> bool:
    """Whether the others who call a master are suspects for what they exchange with it, alike.

    That the host does so too was told when all of it was added up: it counts once.
    """
    carried = [*claims.get("carries-to", ()), *claims.get("carries", ())]
    with_whom = [
        claim.get("peer", claim.get("origin")) for claim in carried if "alike" in claim
    ]
    return master in with_whom


def told_by_team(
    claims: Mapping[str, Sequence[Claim]], driven: Claim, tunnellers: Set[str], tunnelled: int
) -> bool:
    """Whether the drivers' other suspects are those through whom they work or dial, alike.

    ``tunnellers``: who dials into the host, and into how many ``tunnelled`` others.
    """
    alike = (claim for claim in claims.get("carries", ()) if "alike" in claim)
    told = [(set(claim["passed_for"]), int(claim["alike"])) for claim in alike]
    told.append((set(tunnellers), tunnelled))
    others = int(driven["other_suspects"])
    return any(others <= n and not who.isdisjoint(driven["drivers"]) for who, n in told)
