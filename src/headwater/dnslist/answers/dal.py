"""The domain age list: 127.0.x.y, x days old, y days since the last change.

For any name the registrable domain answers. NODATA: not known yet. NXDOMAIN: the registry
says there is no such domain. The protocol is written down in docs/look-up/dal-protocol.md.
"""

from datetime import date, timedelta
from typing import Final

from headwater.dnslist.answers.ages import AgeFact
from headwater.dnslist.answers.snapshot import Snapshot
from headwater.dnslist.answers.snapshot_zone import SnapshotZone
from headwater.dnslist.answers.zone import TEST, Apex, Moment, Standing, Verdict

LOOPBACK: Final = 0x7F000000
OLDEST: Final = 255  # days; "this old or older"
EPOCH: Final = date(1970, 1, 1)
TEST_TEXT: Final = b"test entry"


class DalZone(SnapshotZone):
    """Answers from one snapshot; ``details`` adds change, registrar, source, as_of to TXT."""

    __slots__ = ("details",)

    def __init__(self, apex: Apex, snapshot: Snapshot, *, details: bool = False) -> None:
        super().__init__(apex, snapshot)
        self.details = details

    def known(self, fact: AgeFact, moment: Moment) -> Verdict:
        code = age_code(fact, moment.day)
        return Verdict(Standing.LISTED, moment.left, LOOPBACK | code, self._text(fact))

    def reserved(self, labels: tuple[bytes, ...], moment: Moment) -> Verdict:
        """TEST is listed, INVALID is not. ``7.test`` is seven days old."""
        if labels[-1] != TEST:
            return self.absent(moment)
        age = b"1" if len(labels) == 1 else labels[-2]
        if age.isdigit() and len(age) <= 3 and 1 <= int(age) <= OLDEST and age[:1] != b"0":
            code = int(age) << 8 | int(age)
            return Verdict(Standing.LISTED, moment.left, LOOPBACK | code, TEST_TEXT)
        return Verdict(Standing.NO_DATA, moment.left)

    def _text(self, fact: AgeFact) -> bytes:
        text = written(fact.registered or 0)
        if not self.details:
            return text
        source, as_of = self.snapshot.provenances[fact.provenance]
        fields = {
            "changed": written(fact.changed).decode(),
            "registrar": self.snapshot.registrars[fact.registrar],
            "source": source,
            "as_of": written(as_of).decode() if as_of else "",
        }
        said = "".join(f"; {name}={value}" for name, value in fields.items() if value)
        return text + said.encode()


def age_code(fact: AgeFact, today: int) -> int:
    """The last two octets: age (at least a day, for a list never says 0) and quiet days."""
    age = min(max(today - (fact.registered or 0), 1), OLDEST)
    quiet = min(max(today - fact.changed, 0), OLDEST)
    return age << 8 | quiet


def written(day: int) -> bytes:
    """20030926 for a day since 1970-01-01."""
    return (EPOCH + timedelta(days=day)).strftime("%Y%m%d").encode()
