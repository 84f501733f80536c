"""One ordinary question at a time: the path for what comes in ones and tens.

A batch costs a third of a millisecond, however few questions it holds; the exact path takes
any question, and its time for that. Here ordinary ones (the same as in ``batch``) are told
by a few comparisons and answered from tails that are made once a second. The rest is left
to the exact path; a test asks both everything and compares bytes.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from operator import mul
from typing import Final, NamedTuple

from headwater.dnslist.answers.age_lookup import askable
from headwater.dnslist.answers.ages import DAY_ZERO
from headwater.dnslist.answers.batch_tails import ABSENT, LISTED, NO_DATA, UNKNOWN
from headwater.dnslist.answers.batch_zones import ALL_AGES, AgeZone
from headwater.dnslist.answers.dal import LOOPBACK, OLDEST
from headwater.dnslist.answers.keyed_hash import WORD
from headwater.dnslist.answers.single import soa_record
from headwater.dnslist.answers.suffix_rules import DEEPEST, RESERVED
from headwater.dnslist.answers.young import LISTED_ADDRESS
from headwater.dnslist.answers.zone import Apex, Moment
from headwater.wire.dns import (
    HEADER_SIZE,
    OPT_FIXED,
    QUESTION_POINTER,
    Type,
    opt_record,
    record,
)

LONGEST_NAME: Final = 128  # with any tail it still fits 512 bytes
LONGEST_LABEL: Final = 63
ONE_QUESTION: Final = bytes((0, 1, 0, 0, 0, 0, 0, 0))
ONE_AND_OPT: Final = bytes((0, 1, 0, 0, 0, 0, 0, 1))
OPT_HEAD: Final = b"\0\0\x29"
IN_A: Final = bytes((0, 1, 0, 1))
IN_AAAA: Final = bytes((0, Type.AAAA, 0, 1))
OPTS: Final = (b"", opt_record(dnssec_ok=False), opt_record(dnssec_ok=True))
COUNTS: Final = {  # answer, authority, additional
    True: (bytes((0, 1, 0, 1, 0, 0, 0, 0)), bytes((0, 1, 0, 1, 0, 0, 0, 1))),
    False: (bytes((0, 1, 0, 0, 0, 1, 0, 0)), bytes((0, 1, 0, 0, 0, 1, 0, 1))),
}

Want = Callable[[bytes], None]


class Answer(NamedTuple):
    """An answer and its Standing number."""

    message: bytes
    standing: int


class QuickAnswerer:
    """Answers ordinary questions for ``zones``, all of one snapshot; leaves ``others``."""

    __slots__ = ("_cuts", "_keys", "_left", "_snapshot", "_tails", "_want")

    def __init__(self, zones: Sequence[AgeZone], others: Sequence[Apex], want: Want) -> None:
        cuts: list[tuple[bytes, AgeZone | None]] = [(zone.apex.wire, zone) for zone in zones]
        cuts += [(apex.wire, None) for apex in others]
        # A zone below another one is cut out of it.
        self._cuts = sorted(cuts, key=lambda cut: -len(cut[0]))
        self._snapshot = zones[0].snapshot
        self._keys: list[int] = self._snapshot.keyed.keys.tolist()
        self._want = want
        self._left = -1
        self._tails: dict[tuple[bytes, int], bytes] = {}

    def answer(self, message: bytes, moment: Moment) -> Answer | None:
        """The answer, or None for what is left to the exact path. Raises nothing."""
        end = message.find(b"\0", HEADER_SIZE)
        asked = message[end + 1 : end + 5]
        edns = _edns(message, end + 5)
        ordinary = 0 < end <= HEADER_SIZE + LONGEST_NAME and not message[2] & 0xF8
        if not ordinary or edns < 0 or (asked != IN_A and asked != IN_AAAA):
            return None
        name = message[HEADER_SIZE : end + 1].lower()
        apex, zone = next((c for c in self._cuts if name.endswith(c[0])), (b"", None))
        if zone is None:
            return None
        if moment.left != self._left:
            self._make_tails(moment)
        found = self._look(name, len(name) - len(apex), zone, moment)
        if found is None:
            return None
        standing, address = found
        if standing == LISTED and asked == IN_AAAA:
            standing = NO_DATA
        tail = self._tails[apex, standing]
        if standing == LISTED:
            tail += address.to_bytes(4)
        code = 3 if standing == ABSENT else 0
        # AA and QR; RD as asked, and CD (RFC 4035 section 3.1.6).
        flags = bytes((message[2] & 1 | 0x84, message[3] & 0x10 | code))
        counts = COUNTS[standing == LISTED][edns > 0]
        question = message[HEADER_SIZE : end + 5]
        return Answer(message[:2] + flags + counts + question + tail + OPTS[edns], standing)

    def _look(
        self, name: bytes, below: int, zone: AgeZone, moment: Moment
    ) -> tuple[int, int] | None:
        """Standing and address of the name, of which the first ``below`` bytes count."""
        starts = _starts(name, below)
        if not starts:
            return None
        # Sums from the end of the name: one for each suffix (see KeyedHash).
        sums = list(accumulate(map(mul, self._keys, name[below - 1 :: -1])))
        hashes = [sums[below - at - 1] & WORD for at in starts[-1 : -DEEPEST - 2 : -1]]
        suffix, top = self._snapshot.rules.suffix_length(hashes)
        if top & RESERVED:
            return None
        if len(starts) <= suffix:
            return NO_DATA, 0
        packed = self._snapshot.ages.packed(hashes[suffix])
        if packed is None:
            self._wanted(name[:below], starts[-suffix - 1 :])
            return UNKNOWN, 0
        return _judged(zone.young_days, packed, moment.day - DAY_ZERO)

    def _wanted(self, name: bytes, starts: Sequence[int]) -> None:
        labels = tuple(name[at + 1 : at + 1 + name[at]] for at in starts)
        if (wanted := askable(labels)) is not None:
            self._want(wanted)

    def _make_tails(self, moment: Moment) -> None:
        self._left = left = moment.left
        listed = record(QUESTION_POINTER, Type.A, left, bytes(4))[:-4]
        for apex, zone in self._cuts:
            if zone is None:
                continue
            ttls = {
                NO_DATA: left,
                UNKNOWN: min(zone.apex.unknown_ttl, left),
                ABSENT: min(zone.apex.absent_ttl, left),
            }
            self._tails[apex, LISTED] = listed
            for standing, ttl in ttls.items():
                self._tails[apex, standing] = soa_record(zone.zone, ttl)


def _edns(message: bytes, at: int) -> int:
    """0 without OPT, 1 with it, 2 with DO; -1 for anything else after the question."""
    counts = message[4:HEADER_SIZE]
    if counts == ONE_QUESTION:
        return 0 if at == len(message) else -1
    opt = message[at:]
    whole = counts == ONE_AND_OPT and len(opt) >= OPT_FIXED and opt.startswith(OPT_HEAD)
    if not whole or opt[6] or OPT_FIXED + (opt[9] << 8 | opt[10]) != len(opt):
        return -1
    return 1 + (opt[7] >> 7)


def _starts(name: bytes, below: int) -> list[int]:
    """Where labels begin; none where they do not lead to ``below``."""
    starts = []
    at = 0
    while at < below:
        length = name[at]
        if length > LONGEST_LABEL:
            return []
        starts.append(at)
        at += length + 1
    return starts if at == below else []


def _judged(young_days: int, packed: int, today: int) -> tuple[int, int]:
    """``judge_facts`` for one name."""
    registered, changed = packed & 0xFFFF, packed >> 16 & 0xFFFF
    age = today - registered
    if not registered or (young_days != ALL_AGES and age >= young_days):
        return ABSENT, 0
    if young_days != ALL_AGES:
        return LISTED, LISTED_ADDRESS
    days = min(max(age, 1), OLDEST) << 8 | min(max(today - changed, 0), OLDEST)
    return LISTED, LOOPBACK | days
