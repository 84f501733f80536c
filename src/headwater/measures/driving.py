"""Who drives, by whom each source visits: more suspects than chance would have, or a crowd.

Told apart from those who try everybody's doors (testers) and from the crowd at open proxies,
who use few of them: crews and proxies are asked about in turn, until neither changes.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from headwater.measures.aim import Aim
from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.crews import Pairs, Told, crews
from headwater.measures.odds import logit, probabilities
from headwater.measures.prefixes import network_of
from headwater.measures.rotation import PROVIDER
from headwater.measures.visits import Visits
from headwater.measures.vouching import by_others
from headwater.measures.working import WORKED_US, grip, works

FAINT: Final = 0.1  # from which it counts where many are only faintly suspected
MOST_ODDS: Final = 10.0  # no company proves more than one in twenty thousand
LEAST_CONFIDENCE: Final = 0.5
# A driver works through a list of proxies that answer. A tester draws up that list: it tries
# many doors, and most stay shut.
TESTER_TRIES: Final = 12
TESTER_ANSWERED: Final = 0.5
# Unless it tries the sick further than chance would: proxies that fell silent are still on the
# list of one who works with the others. Even odds, as the prior is in them.
AIMED: Final = 0.0
GRIP_WEIGHT: Final = 5.0
MOST_GRIP: Final = 3.0
# Who tries everybody and talks to the very ports where suspects relay is looking for them.
TESTER_PRIOR: Final = 0.1
TEST_WEIGHT: Final = 1.5
# Who is told by what others say of hosts may hear what is wrong of both: four to one, with two
# hosts at least that are suspects without it. Each round hears those of the round before.
HEARSAY: Final = 1.4
FEWEST_SICK: Final = 2
HEARINGS: Final = 5
# What serves a crowd is nobody's own, however much one of it downloads: some like films. Three
# who do nothing else are the first that sampling leaves of a crowd.
CROWD: Final = 3.0
PUBLIC: Final = 8  # others from which a host is open to all


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What the visits say of each party."""

    tried: Ints
    met: Ints
    sick: Ints
    log_odds: Floats  # natural logarithm: that it drives, by whom it visits
    confidence: Floats
    public: Bools  # of each pair, whether its host is open to all
    tester: Bools

    @property
    def drives(self) -> Bools:
        return np.asarray((self.confidence >= LEAST_CONFIDENCE) & ~self.tester)


def weighed(visits: Visits, relieved: Floats | float = 0.0) -> Weighed:
    """``relieved``: of each party, what it says that its addresses take turns."""
    tried = visits.per_party(np.ones(len(visits.party), bool))
    met = visits.per_party(visits.met)
    sick = visits.per_party(visits.met & visits.suspect)
    aim = Aim.of(visits)
    company = _company(visits, aim)
    nobody = np.zeros(len(visits.party))
    tester = (tried >= TESTER_TRIES) & (met < TESTER_ANSWERED * tried)
    tester &= ~works(visits, sick, grip(visits, nobody, WORKED_US))
    tester &= aim.of_those_tried(tester) < AIMED
    own = grip(visits, np.minimum(company.crowd / CROWD, 1.0))
    held: Floats = GRIP_WEIGHT * np.minimum(own, MOST_GRIP)
    odds = np.minimum(company.log_odds + relieved, MOST_ODDS)
    confidence = probabilities(np.asarray(odds + held, np.float64))
    tests = visits.per_party(visits.suspect & (visits["on_relay_port"] > 0))
    tested = probabilities(np.asarray(logit(TESTER_PRIOR) + TEST_WEIGHT * tests, np.float64))
    confidence = np.where(tester & (tests > 0), np.maximum(confidence, tested), confidence)
    return Weighed(
        tried=tried,
        met=met,
        sick=sick,
        log_odds=odds,
        confidence=confidence,
        public=company.crowd >= PUBLIC,
        tester=tester,
    )


def heard(visits: Visits, judged: Weighed, relieved: Floats) -> Weighed:
    """The same, and who drives if it is true what drivers say of hosts by going there.

    Or what it says of a host that it serves where proxies do that its visitor uses as well.
    """
    for _ in range(HEARINGS):
        told = by_others(visits, judged.drives, judged.confidence)
        hearsay = replace(visits, confidence=told, faint=visits.faint | (told >= FAINT))
        again = weighed(hearsay, relieved)
        more = again.drives & ~judged.drives & ~judged.tester
        more &= (again.log_odds >= HEARSAY) & (judged.sick >= FEWEST_SICK)
        if not more.any():
            break
        judged = replace(
            judged,
            confidence=np.where(more, again.confidence, judged.confidence),
            log_odds=np.where(more, again.log_odds, judged.log_odds),
        )
    return judged


def mailed_for(visits: Visits, judged: Weighed) -> Weighed:
    """The same, and who has sick hosts mail for it, as surely as the surest of them is sick.

    That is work, whatever crowd comes to these: it needs no company, and tells of none.
    """
    sure = np.zeros(len(visits.parties))
    np.maximum.at(sure, visits.party, visits.mailed)
    confidence = np.where(judged.tester, sure, np.maximum(judged.confidence, sure))
    named = sure >= LEAST_CONFIDENCE
    return replace(
        judged,
        confidence=np.where(named, confidence, judged.confidence),
        tester=judged.tester & ~named,
    )


def _company(visits: Visits, aim: Aim) -> Told:
    """What the hosts that each party met say of it, and how crowded each host is.

    Chance goes where others go; a crew goes to nobody but its own, or hardly.
    """
    near = visits.met & visits.faint
    names = [
        name if "/" in name or name.startswith(PROVIDER) else network_of(name)
        for name in visits.parties
    ]
    number = {name: at for at, name in enumerate(dict.fromkeys(names))}
    network = np.array([number[name] for name in names], np.int64)[visits.party[near]]
    kin = np.unique(network * len(visits.hosts) + visits.host[near], return_inverse=True)[1]
    pairs = Pairs(
        party=visits.party[near],
        host=visits.host[near],
        uses=visits.on_purpose[near],
        kin=kin,
        elsewhere=visits["elsewhere"][near],
        parties=len(visits.parties),
        hosts=len(visits.hosts),
    )
    told = crews(pairs, aim.of_those_met(), aim.drivers)
    crowd = np.zeros(len(visits.party))
    crowd[near] = told.crowd
    return replace(told, crowd=crowd)
