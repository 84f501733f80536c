"""What the company of a host tells of it, and customs of an operation."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from headwater.measures.kinds import Claim
from headwater.measures.odds import LOG10, logit
from headwater.measures.votes import EACH_WELL, UNMET, UNSEEN_WELL

FEWEST: Final = 2  # hosts that show their kind
MOST_FOR_COMPANY: Final = 9.0
# Less than even odds make nobody a suspect: or all who share a maker's cloud with some sick
# would be its suspects in the next round, and prove it sick.
HEARSAY: Final = 5.0
DRIVEN_SHARE: Final = 0.3  # of what a host receives, from which it is its drivers' tool
DRIVEN_MOSTLY: Final = 2 / 3  # from which it hardly serves anybody else
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


def among(company: Claim, prior: float, *, shows: bool = True) -> float:
    """What it says of a host, in natural log-odds, whom an outsider meets beside it.

    Of the others that meet it so many are suspects and so many well: so likely is one more
    to be sick, where of all hosts ``prior`` are. ``shows``: it shows something of its own.
    Among many well hosts all suspects do, or they would be none: one more that shows nothing
    is one that has yet to be met (P. S. de Laplace's rule of succession).
    """
    suspects = int(company["other_suspects"])
    well = EACH_WELL * int(company["others_well"]) + UNSEEN_WELL
    odds = suspects / well
    if odds < 1.0 and not shows:
        odds = min(odds, UNMET / well)
    most = MOST_FOR_COMPANY if odds >= 1.0 else HEARSAY
    return min(max(math.log(max(odds, prior)) - logit(prior), 0.0), most)


def driven_weight(driven: Claim, prior: float, *, shows: bool) -> float:
    """What it says that drivers visit a host; ``shows``: it shows more than that.

    A driver also reads the news: what counts is that the host's visitors are drivers.
    """
    part = min(1.0, float(driven["share_of_load"]) / DRIVEN_SHARE)
    surprise = 0.6 * LOG10 * -float(driven["log10_chance"])
    # Where every packet is seen, what a driver has done there shows as well; and where
    # others come as much, there is a public, of which drivers are part.
    unseen = driven["sampled"] and float(driven["share_of_load"]) >= DRIVEN_MOSTLY
    most = math.inf if unseen else DRIVEN_ALONE
    return part * min(among(driven, prior, shows=shows), surprise, most)


def calls_weight(master: Claim, prior: float, *, shows: bool) -> float:
    """What it says that a host calls a master; ``shows``: it shows more than that.

    Who shares a server with a master is called for its own sake, too. And where every packet
    is seen, a host that only calls waits to be used: it is next, not now. Which mails, where
    its fellows do and few others, is used as they are, however little; unless they are fewer
    than the well, who mail as well.
    """
    used = not master["shared"] and (master["sampled"] or master.get("used", False))
    sick = float(master["share" if shows else "unshown"])
    most = company = min(max(logit(sick) - logit(prior), 0.0), MOST_FOR_COMPANY)
    if not used:
        most = min(most, CALLS_ALONE)
    elif not master["sampled"]:
        most = min(most, CALLS_GATEWAY)
    if used and master.get("feeds"):  # what it calls for is seen: it is used, now
        most = CALLS_GATEWAY
    several = min(max(float(master["others_sick"]) - SEVERAL + 1, 0.0), 1.0)
    most = min(most, CALLS_FOR_FEW + several * max(most - CALLS_FOR_FEW, 0.0))
    if company > HEARSAY and not (shows or master["sampled"]):
        most += several * float(master.get("mails", 0.0))
    if master.get("pages") and not shows:  # people go there as well, to read
        most = min(most, HEARSAY)
    return most * float(master["confidence"])


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
