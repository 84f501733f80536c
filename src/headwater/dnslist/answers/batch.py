"""A batch of queries answered at once: the fast path of the server.

Ordinary questions (class IN, type A or AAAA, an ordinary name below an age zone, no
additional record but OPT) are read, looked up and answered as columns: a few dozen array
operations for the whole batch. Whatever is out of the ordinary is left to the exact path
in ``single``; a test asks both paths everything and compares bytes.

The question goes back where it came from: its header is changed in place, and what comes
after the question (the tail) is taken from a table of tails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headwater.dnslist.answers.age_lookup import askable
from headwater.dnslist.answers.batch_names import (
    NAME_AT,
    Names,
    Places,
    SuffixHasher,
    read_names,
)
from headwater.dnslist.answers.batch_tails import (
    ABSENT,
    LISTED,
    NO_DATA,
    UNKNOWN,
    Tails,
    TailsAt,
)
from headwater.dnslist.answers.batch_zones import AgeZone, judge_facts
from headwater.dnslist.answers.keyed_hash import Hashes, Octets
from headwater.dnslist.answers.suffix_rules import (
    DEEPER,
    DEEPEST,
    EXCEPTION,
    PLAIN,
    RESERVED,
    WILDCARD,
)
from headwater.dnslist.answers.zone import Apex, Moment
from headwater.wire.dns import OPT_FIXED, PLAIN_UDP, Type

LONGEST: Final = PLAIN_UDP  # bytes kept of a datagram: more is no ordinary query
# From row to row. Not a power of two: those would all fall into the same few cache sets.
ROW: Final = LONGEST + 64
SPARE: Final = 16  # bytes after the last row that unaligned reads may touch
IN_A: Final = 1 << 16 | 1
IN_AAAA: Final = Type.AAAA << 16 | 1
ONE_QUESTION: Final = 1 << 48  # the four counts as one number: one question,
ONE_AND_OPT: Final = ONE_QUESTION | 1  # ... and one additional record
OPT_HEAD: Final = 0x000029  # the root and type 41
NO_ZONE: Final = -1
LEFT_OVER: Final = -2  # a zone for the exact path, or the apex itself
MOST_WANTED: Final = 64  # unknown names taken from one batch; the others will ask again


@dataclass(frozen=True, slots=True)
class Answered:
    """``rows`` (m) of the batch have an answer: ``heads`` bytes of the row, then a tail.

    ``others`` are rows left to the exact path; ``standings`` are (m) Standing numbers.
    """

    rows: Places
    heads: Places
    tails: TailsAt
    standings: npt.NDArray[np.uint8]
    others: Places
    wanted: list[bytes]


class Cut:
    """Where one zone is cut out of the tree of names."""

    __slots__ = ("depth", "octets", "zone")

    def __init__(self, apex: Apex, zone: int) -> None:
        self.octets: Octets = np.frombuffer(apex.wire, np.uint8)
        self.depth = len(apex.labels)
        self.zone = zone


class BatchAnswerer:
    """Answers in place over ``block``, (most rows * ROW + SPARE) bytes that stay put."""

    __slots__ = (
        *("_counts", "_flags", "_quads", "_twos", "_words"),  # views of the block
        *("_cuts", "_hasher", "_young_days", "block", "tails", "zones"),
    )

    def __init__(
        self, block: Octets, zones: Sequence[AgeZone], others: Sequence[Apex] = ()
    ) -> None:
        """All ``zones`` answer from one snapshot; ``others`` are left to the exact path."""
        flat = block[: len(block) - SPARE]
        self.block = flat.reshape(-1, ROW)
        self._flags = self.block[:, 2:4].view(">u2")[:, 0]
        self._counts = self.block[:, 4:12].view(">u8")[:, 0]
        # Big-endian numbers at any byte: views that overlap.
        self._quads, self._words, self._twos = (
            np.lib.stride_tricks.as_strided(
                block[:size].view(kind), shape=(len(flat),), strides=(1,)
            )
            for size, kind in ((4, ">u4"), (8, ">u8"), (2, ">u2"))
        )
        self.zones = list(zones)
        cuts = [Cut(zone.apex, number) for number, zone in enumerate(zones)]
        cuts += [Cut(apex, LEFT_OVER) for apex in others]
        # A zone below another one is cut out of it.
        self._cuts = sorted(cuts, key=lambda cut: -cut.depth)
        self._young_days = np.array([zone.young_days for zone in zones], np.int64)
        self._hasher = SuffixHasher(zones[0].snapshot.keyed)
        self.tails = Tails(len(self.block), [zone.tail_zone for zone in zones])

    def answer(
        self, count: int, lengths: Places, moment: Moment, most_wanted: int = MOST_WANTED
    ) -> Answered:
        """Answer the first ``count`` rows; ``lengths`` (count) as received.

        At most ``most_wanted`` unknown names are taken note of: others will be asked again.
        """
        names = read_names(self.block[:count], lengths)
        if not len(names.rows):
            return self._nothing(count)
        tail_at = names.rows * ROW + (NAME_AT + 1) + names.ends  # flat, of type and class
        asked = self._quads[tail_at]
        question_ends = names.ends + (NAME_AT + 5)
        edns, ordinary = self._ordinary(names.rows, question_ends, lengths)
        ordinary &= (asked == IN_A) | (asked == IN_AAAA)
        zone, apex_at = self._zones(names)
        good = np.flatnonzero(ordinary & (zone >= 0))
        if not len(good):
            return self._nothing(count)
        standing, address, unknown = self._look(names, good, zone, apex_at, moment)
        standing[(standing == LISTED) & (asked[good] != IN_A)] = NO_DATA
        done = np.flatnonzero(standing)
        chosen = good[done]
        rows, ends = names.rows[chosen], question_ends[chosen]
        kinds = standing[done]
        wanted = self._wanted(names, good, unknown, zone, most_wanted)
        self._write_heads(rows, kinds, edns[chosen])
        tails = self.tails.place(rows, zone[chosen], kinds, edns[chosen], address[done], moment)
        left = np.ones(count, np.bool_)
        left[rows] = False
        return Answered(rows, ends, tails, kinds, np.flatnonzero(left), wanted)

    def _nothing(self, count: int) -> Answered:
        none = np.zeros(0, np.int64)
        tails = TailsAt(none, none)
        return Answered(none, none, tails, none.astype(np.uint8), np.arange(count), [])

    def _ordinary(
        self, rows: Places, ends: Places, lengths: Places
    ) -> tuple[Places, npt.NDArray[np.bool_]]:
        """EDNS (0 none, 1 plain, 2 with DO) and whether the rest is as it should be."""
        size = lengths[rows]
        counts = self._counts[rows]
        plain = (counts == ONE_QUESTION) & (size == ends)
        with_opt = (counts == ONE_AND_OPT) & (size >= ends + OPT_FIXED)
        opt_at = rows * ROW + np.minimum(ends, ROW - OPT_FIXED)
        opt = self._words[opt_at]  # root, type, size, upper code, version, upper flags
        with_opt &= (opt >> np.uint64(40) == OPT_HEAD) & (opt & np.uint64(0xFF00) == 0)
        with_opt &= ends + OPT_FIXED + self._twos[opt_at + 9] == size
        dnssec_ok = (opt >> np.uint64(7) & np.uint64(1)).astype(np.int64)
        # Neither a response nor any opcode but QUERY; nothing cut short on its way in.
        calm = (self._flags[rows] & np.uint16(0xF800) == 0) & (size <= LONGEST)
        return np.where(with_opt, 1 + dnssec_ok, 0), calm & (plain | with_opt)

    def _zones(self, names: Names) -> tuple[Places, Places]:
        """For each name the zone's number (negative: not ours) and where its apex begins."""
        found = np.full(len(names.rows), NO_ZONE, np.int64)
        apex_at = np.zeros(len(names.rows), np.int64)
        longest = len(max((cut.octets for cut in self._cuts), key=len))
        flat = names.labels[names.last]
        window = np.maximum(flat[:, None] - np.arange(longest - 1, -1, -1), 0)
        ends = names.text.ravel().take(window)
        for cut in self._cuts:
            before = len(cut.octets) - 1
            same = (ends[:, longest - len(cut.octets) :] == cut.octets).all(axis=1)
            # The apex must begin where a label does.
            begins = names.labels[np.maximum(names.last - cut.depth, 0)]
            same &= begins == flat - before
            same &= (found == NO_ZONE) & (names.counts >= cut.depth)
            found[same] = np.where(names.counts[same] > cut.depth, cut.zone, LEFT_OVER)
            apex_at[same] = names.ends[same] - before
        return found, apex_at

    def _look(
        self, names: Names, good: Places, zone: Places, apex_at: Places, moment: Moment
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint32], Places]:
        """Standing and address of the good names; registrable labels of the unknown ones."""
        starts = np.zeros(len(names.text), np.int64)
        starts[names.rows[good]] = apex_at[good]
        running = self._hasher.running(names, starts)
        depths = np.array([len(z.apex.labels) for z in self.zones], np.int64)[zone[good]]
        end = names.last[good] - depths  # the first label of the apex
        have = names.counts[good] - depths
        suffix, special = self._suffixes(running, end, have)
        below = have > suffix
        first = end - np.minimum(suffix + 1, have)
        snapshot = self.zones[0].snapshot
        known, facts = snapshot.ages.find_many(running[end] - running[first])
        standing, address = judge_facts(self._young_days[zone[good]], known, facts, moment)
        standing[~below] = NO_DATA
        standing[special] = 0
        unknown = np.where(standing == UNKNOWN, suffix + 1, 0)
        return standing, address, unknown

    def _suffixes(
        self, running: Hashes, end: Places, have: Places
    ) -> tuple[Places, npt.NDArray[np.bool_]]:
        """Labels of each name's public suffix, and which names are below reserved ones."""
        rules = self.zones[0].snapshot.rules
        total = running[end]
        flags = rules.flags(total - running[end - 1])
        special = flags & np.uint64(RESERVED) != 0
        suffix = np.ones(len(end), np.int64)
        some = np.flatnonzero((flags & np.uint64(DEEPER) != 0) & (have > 1))
        above, depth = flags[some], 2
        while len(some) and depth <= DEEPEST:
            flags = rules.flags(total[some] - running[end[some] - depth])
            longer = (flags & np.uint64(PLAIN)) | (above & np.uint64(WILDCARD)) != 0
            suffix[some[longer]] = depth
            excepted = flags & np.uint64(EXCEPTION) != 0
            suffix[some[excepted]] = depth - 1
            on = (flags & np.uint64(DEEPER) != 0) & ~excepted & (have[some] > depth)
            some, above, depth = some[on], flags[on], depth + 1
        return suffix, special

    def _write_heads(self, rows: Places, kinds: Any, edns: Places) -> None:
        # AA and QR; RD as asked, and CD (RFC 4035 section 3.1.6).
        codes = np.where(kinds == ABSENT, np.uint16(3), np.uint16(0))
        self._flags[rows] = self._flags[rows] & np.uint16(0x0110) | np.uint16(0x8400) | codes
        answer = np.where(kinds == LISTED, 1 << 32, 1 << 16)
        self._counts[rows] = (ONE_QUESTION | answer | (edns > 0)).astype(np.uint64)

    def _wanted(
        self, names: Names, good: Places, unknown: Places, zone: Places, most: int
    ) -> list[bytes]:
        """Registrable names of unknown ones, a few at a time."""
        found = []
        for place in np.flatnonzero(unknown)[:most].tolist():
            at = int(good[place])
            end = int(names.last[at]) - len(self.zones[int(zone[at])].apex.labels)
            cuts = names.labels[end - int(unknown[place]) : end + 1].tolist()
            text = names.text.ravel()
            labels = tuple(text[a + 1 : b].tobytes() for a, b in pairwise(cuts))
            if (name := askable(labels)) is not None:
                found.append(name)
        return found
