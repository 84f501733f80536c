"""Whether those who call a place mail what it sends them: a gateway, dialled to use them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.measures.columns import Floats, Ints

# From whom its callers get as much as they mail, in whatever many sessions and pieces, they get
# just that; some of it from a second such place, and it may be packed a little. Chance sends,
# over six decades, that much once in six. A dozen letters an hour are more than orders take.
LEAST: Final = 0.45
MOST: Final = 3.0
MAILING: Final = 3  # callers who mail
# Each mails what it was sent itself, or about, and then whoever is sent more mails more; who
# polls is sent as much as all others, whatever it mails.
ITSELF: Final = 0.8
TOGETHER: Final = 0.5
OCTETS: Final = 40_000  # an hour and caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """What a place sends its callers, and what these mail: octets."""

    all_callers: int
    callers: int  # suspects, and those who mail
    mailing: int
    mailed: int
    sent: int
    together: float  # of the lesser of both, how much each mails of what it was sent itself
    rising: bool  # whoever is sent more mails more

    @property
    def share(self) -> float:
        return self.sent / max(self.mailed, 1)

    def feeds(self, hours: float) -> bool:
        """Whether its callers mail what it sends them: it is dialled to use them."""
        most = self.mailing >= MAILING and 2 * self.mailing >= self.all_callers
        enough = self.mailed >= OCTETS * hours * self.callers
        each = self.together >= (TOGETHER if self.rising else ITSELF)
        return most and enough and each and LEAST <= self.share <= MOST


def fed(all_callers: int, host: Ints, sent: Ints, mailed: Ints) -> Fed:
    """``host``, ``sent``: who made each call, what came; ``mailed``: by whom, in all."""
    callers, first, caller = np.unique(host, return_index=True, return_inverse=True)
    mails = mailed[first]
    came = np.bincount(caller, sent, len(callers))
    both = float(np.minimum(came, mails).sum())
    return Fed(
        all_callers=all_callers,
        callers=len(callers),
        mailing=int((mails > 0).sum()),
        mailed=int(mails.sum()),
        sent=int(came.sum()),
        together=both / max(min(float(came.sum()), float(mails.sum())), 1.0),
        rising=_rising(came, mails),
    )


def _rising(one: Floats | Ints, other: Floats | Ints) -> bool:
    """Whether the ranks of both go the same way (C. Spearman 1904)."""
    ranks = [np.argsort(np.argsort(each, kind="stable")) for each in (one, other)]
    around = [each - (len(each) - 1) / 2 for each in ranks]
    return bool(np.dot(*around) > 0)
