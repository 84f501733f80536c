"""Whether what one outsider exchanges with several hosts they exchange with others at once.

One host's few sampled packets coincide with others by chance; those of all hosts of one
outsider do not. Each host is held against its own series turned round; how far the hosts
stand out is added up, none for more than a few standard deviations: chance has one burst of
one host, not a little of each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from headwater.measures.carrying import CELLS, LOCAL, MOST_AT_ONCE, Packed, packing
from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.odds import hedged, logit, probabilities
from headwater.measures.pieces import Pieces
from headwater.measures.prevalence import share_sick
from headwater.measures.series import (
    Grid,
    background,
    breadth,
    log10_tail,
    peaks,
    risen,
    steadied,
    together,
)
from headwater.measures.votes import UNHEARD

MOST_OF_ONE: Final = 4.0  # standard deviations, of one host
MOST_WORTH: Final = 6.0  # of one host: as if its legs went together so far
HALF: Final = 0.5  # of the hosts, before anything is known of them; worth two of them
MEMBERS_WORTH: Final = 2.0
PARTS: Final = (0.1, 0.3, 1.0)  # of a host's work that is seen; the rest drowns in its own
NORMAL: Final = 1.4826  # standard deviations in a median absolute deviation
PARTS_WORTH: Final = 1.0  # of how many members, before anything is known of the parts
ROUNDS: Final = 10
# Of each octet that comes one leaves: of few sampled ones that is known to a factor of two,
# and hosts that are used for something else as well pass more on.
LEAST_LEAVES: Final = 0.4
MOST_LEAVES: Final = 3.0
# Whoever says a word and has a film for it fetches forty times as much. How much goes on is
# known badly where hosts download: that of each is bounded, or one film would tell for all.
MOST_TOLD: Final = 4 * MOST_LEAVES
SURELY: Final = 1.5  # standard errors from all that comes: by chance of one in fifteen
# Where people are at work their hosts do all things in the same minutes, and all places stand
# out a little: so many places tell what is usual.
MANY: Final = 50
CALLED: Final = 3  # hosts, by fewer of which a place is not told from chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """One outsider and the hosts that call it, whose other traffic goes along with it."""

    outsider: int
    there: bool  # most octets come from the outsider; else most go to it
    strength: float  # -log10 of the chance
    rest: float  # the same without the one host that shows most
    bursts: float  # in how many bins, evenly weighed, they rise together
    slope: float  # of each octet how many went on
    hosts: Ints
    members: Floats  # how likely each host carries for the outsider
    inner: Pieces  # what these hosts and the outsider exchange
    outer: Pieces  # all else that they exchange, in the same order of hosts
    shares: Floats  # how much each outer piece adds; below 0: it went beside

    def share(self, which: Bools) -> float:
        """Of what coincides, the net share of some pieces: what merely happens cancels out."""
        part, rest = (max(float(self.shares[each].sum()), 0.0) for each in (which, ~which))
        return part / max(part + rest, 1e-9)

    def facts(self, inner: Pieces, sampling: int, most_evidence: float) -> dict[str, Any]:
        """What findings about one of the hosts tell alike; ``inner``: its part."""
        return {
            "way": "there" if self.there else "back",
            "lag_s": 0,
            "log10_chance": round(-min(self.strength, most_evidence), 2),
            "coincidences": round(self.bursts, 1),
            "ratio": self.slope,
            "packets": round(float((inner.sent_packets + inner.got_packets).sum())),
            "bytes": round(float((inner.sent + inner.got).sum()) * sampling),
            "sessions": len(np.unique(inner.conversation)),
            "first_seen_us": int(inner.began_us.min()),
            "last_seen_us": int(inner.ended_us.max()),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """Every pair of a host and an outsider that is asked about."""

    host: Ints  # of each pair
    outsider: Ints
    pool: Ints  # the place of its outsider among all
    outsiders: Ints
    place: Ints  # of its host among all

    def of(self, pool: int) -> Ints:
        return np.flatnonzero(self.pool == pool)

    def added(self, amounts: Floats) -> Floats:
        """Sums over the pairs of each outsider."""
        return np.asarray(np.bincount(self.pool, amounts, len(self.outsiders)), np.float64)


@dataclass(frozen=True, slots=True)
class _Way:
    """One direction of all pairs: (pairs, bins) or (pairs,)."""

    leads: Floats
    follows: Floats
    apart: Floats  # how far the two stand out together, in standard deviations
    worth: Floats  # how far they would, if what came were all that went
    went_on: Floats  # octets squared that coincide, and that came: the slope's two sides
    came: Floats
    blur: Floats  # how far the octets go up and down, squared
    by_chance: Floats  # ``went_on`` of two that are not tied, squared

    def pooled(self, groups: _Groups) -> Floats:
        total = groups.added(self.worth * self.apart)
        return np.asarray(total / np.sqrt(np.maximum(groups.added(self.worth**2), 1e-9)))

    def slopes(self, groups: _Groups) -> Floats:
        """Of each octet how many went on: told by all octets alike; where the own downloads of
        a host drown that, by each host as well as it is known there. But what is known of
        those who happen to fetch little is not told of those who fetch much more."""
        alike, known = (
            groups.added(self.went_on / blur) / np.maximum(groups.added(self.came / blur), 1e-9)
            for blur in (1.0, self.blur)
        )
        mild, doubt = self._mild(groups)
        more = mild - 1.0 > SURELY * doubt
        return np.where(about_all(alike), alike, np.where(more, mild, known))

    def _mild(self, groups: _Groups) -> tuple[Floats, Floats]:
        """Of each octet how many went on by the mean of hosts, each bounded; standard error."""
        came = np.maximum(self.came, 1e-9)
        each = np.where(self.came > 0, np.clip(self.went_on / came, -MOST_TOLD, MOST_TOLD), 0.0)
        doubt = np.minimum(self.by_chance / came**2, MOST_TOLD**2)
        weight = np.sqrt(np.maximum(self.came, 0.0))
        total = np.maximum(groups.added(weight), 1e-9)
        return (
            groups.added(weight * each) / total,
            np.sqrt(groups.added(weight**2 * doubt)) / total,
        )


def told_of_one(weight: float, sure: float) -> float:
    """What membership that is so sure says of a host (log-odds), where a member's own says
    ``weight``: no host is likelier hijacked than it is one of them."""
    return min(hedged(weight, sure), logit(sure) - logit(UNHEARD))


def about_all(slope: Floats) -> Bools:
    """Whether about as much goes on as comes."""
    return np.asarray((slope >= LEAST_LEAVES) & (slope <= MOST_LEAVES))


def pooled(pieces: Pieces, grid: Grid, least: float) -> Iterator[Pool]:
    """Every asked outsider of whom the evidence, -log10 of the chance, reaches ``least``.

    ``pieces``: as ``in_order`` gives them; ``asked`` are those of shared outsiders. All else
    of their hosts, opened by them or by visitors, is what these are held against. Some
    outsiders at a time, so that the series of all pairs never stand in memory together; and
    first all as far as to know what is usual here (B. Efron's empirical null, JASA 99, 2004).
    """
    told = [_standing(block, grid) for block in _blocks(pieces, grid)]
    if not told:
        return
    usual = Usual.of(np.concatenate([each.apart[:, each.called >= CALLED] for each in told], 1))
    likely = np.concatenate(
        [each.outsiders[usual.strength(each.apart) >= least] for each in told]
    )
    chosen = replace(pieces, asked=pieces.asked & np.isin(pieces.peer, likely))
    for block in _blocks(chosen, grid):
        yield from _pooled(block, grid, least, usual)


@dataclass(frozen=True, slots=True)
class Usual:
    """How far outsiders stand out where nothing is carried, there and back."""

    middle: Floats
    spread: Floats

    @classmethod
    def of(cls, apart: Floats) -> "Usual":
        """``apart``: (2, outsiders), in standard deviations. Of few nothing is taken off."""
        if apart.shape[1] < MANY:
            return cls(np.zeros(2), np.ones(2))
        middle = np.median(apart, axis=1)
        spread = NORMAL * np.median(np.abs(apart - middle[:, None]), axis=1)
        return cls(np.maximum(middle, 0.0), np.maximum(spread, 1.0))

    def beyond(self, apart: Floats) -> Floats:
        """-log10 of the chance of each, there and back."""
        return -log10_tail((apart - self.middle[:, None]) / self.spread[:, None])

    def strength(self, apart: Floats) -> Floats:
        """Two directions of the same sessions are not two witnesses; nor are they one."""
        one, other = self.beyond(apart)
        return np.asarray(np.maximum(one, other) + np.minimum(one, other) / 2)


@dataclass(frozen=True, slots=True)
class _Standing:
    """How far the outsiders of one block stand out."""

    outsiders: Ints
    called: Ints  # by how many hosts
    apart: Floats  # (2, outsiders)


def _standing(pieces: Pieces, grid: Grid) -> _Standing:
    hosts, owner = np.unique(pieces.host, return_inverse=True)
    inner = pieces.only(np.flatnonzero(pieces.asked))
    groups, group = _grouped(inner, hosts)
    ways = _ways(pieces, owner, inner, group, groups, grid)
    return _Standing(
        groups.outsiders,
        np.bincount(groups.pool, minlength=len(groups.outsiders)),
        np.stack([way.pooled(groups) for way in ways]),
    )


def _blocks(pieces: Pieces, grid: Grid) -> Iterator[Pieces]:
    """All pieces of the hosts of some outsiders, who alone are asked about; each once."""
    if not pieces.asked.any():
        return
    inner = pieces.only(np.flatnonzero(pieces.asked))
    groups, _ = _grouped(inner, np.unique(inner.host))
    pairs = np.bincount(groups.pool, minlength=len(groups.outsiders))
    block = (np.cumsum(pairs) - pairs) * grid.bins // CELLS
    for number in np.unique(block):
        outsiders = groups.outsiders[block == number]
        hosts = groups.host[np.isin(groups.outsider, outsiders)]
        mine = pieces.only(np.flatnonzero(np.isin(pieces.host, hosts)))
        yield replace(mine, asked=mine.asked & np.isin(mine.peer, outsiders))


def _pooled(pieces: Pieces, grid: Grid, least: float, usual: Usual) -> Iterator[Pool]:
    hosts, owner = np.unique(pieces.host, return_inverse=True)
    inner = pieces.only(np.flatnonzero(pieces.asked))
    groups, group = _grouped(inner, hosts)
    up, down = _ways(pieces, owner, inner, group, groups, grid)
    strength = usual.strength(np.stack([up.pooled(groups), down.pooled(groups)]))
    pairs = len(groups.host)
    octets = [
        groups.added(np.asarray(np.bincount(group, side, pairs), np.float64))
        for side in (inner.got, inner.sent)
    ]
    there = octets[0] >= octets[1]
    slope = np.where(there, up.slopes(groups), down.slopes(groups))
    for at in np.flatnonzero((strength >= least) & about_all(slope)):
        way, chosen = (up if there[at] else down), groups.of(int(at))
        mine = pieces.only(np.flatnonzero(np.isin(owner, groups.place[chosen])))
        outsider = int(groups.outsiders[at])
        outer = mine.only(np.flatnonzero(mine.peer != outsider))
        members = _members(way, chosen)
        yield Pool(
            outsider=outsider,
            there=bool(there[at]),
            strength=float(strength[at]),
            rest=_rest(way, chosen, usual, 0 if there[at] else 1),
            bursts=_bursts(way, chosen, members),
            slope=round(float(slope[at]), 2),
            hosts=groups.host[chosen],
            members=members,
            inner=mine.only(np.flatnonzero(mine.asked & (mine.peer == outsider))),
            outer=outer,
            shares=_shares(
                way.leads[chosen], groups.host[chosen], outer, grid, there=bool(there[at])
            ),
        )


def _grouped(inner: Pieces, hosts: Ints) -> tuple[_Groups, Ints]:
    """The pairs, and of each inner piece which it is."""
    peers = int(inner.peer.max(initial=0)) + 1
    pair, group = np.unique(inner.host * peers + inner.peer, return_inverse=True)
    host, peer = np.divmod(pair, peers)
    outsiders, pool = np.unique(peer, return_inverse=True)
    groups = _Groups(
        host=host,
        outsider=peer,
        pool=pool,
        outsiders=outsiders,
        place=np.asarray(np.searchsorted(hosts, host), np.int64),
    )
    return groups, group


def _rest(way: _Way, chosen: Ints, usual: Usual, which: int) -> float:
    """-log10 of the chance of what all hosts but one show: a gateway does by itself."""
    apart, worth = way.apart[chosen], way.worth[chosen]
    others = np.arange(len(chosen)) != int(np.argmax(apart * worth))
    total = float((apart * worth)[others].sum())
    spread = float(np.sqrt((worth[others] ** 2).sum()))
    apart_in_all = np.full((2, 1), total / max(spread, 1e-9))
    return float(usual.beyond(apart_in_all)[which, 0]) if spread else 0.0


def _bursts(way: _Way, chosen: Ints, members: Floats) -> float:
    both = np.maximum(way.leads[chosen], 0.0) * np.maximum(way.follows[chosen], 0.0)
    return breadth((members[:, None] * both).sum(axis=0))


def _shares(leads: Floats, hosts: Ints, outer: Pieces, grid: Grid, *, there: bool) -> Floats:
    """``leads``: (hosts, bins), of hosts in order."""
    which = np.searchsorted(hosts, outer.host)
    octets = outer.sent if there else outer.got
    first, last = grid.places(outer.began_us, outer.ended_us)
    begin, end = first.astype(np.int64), last.astype(np.int64) + 1
    total = np.zeros((len(hosts), grid.bins + 1))
    total[:, 1:] = np.cumsum(leads, axis=1)
    risen_by = total[which, end] - total[which, begin]
    return np.asarray(np.sqrt(octets) * risen_by / (end - begin))


def _members(way: _Way, chosen: Ints) -> Floats:
    """How likely each host is among those that carry: its coincidence beside the pool's.

    Expectation and maximisation: how far the members stand out, and what part of a member's
    work is seen, are those of the likely members; so whose traffic never goes along, though
    it would be seen, is none, however many others are.
    """
    apart, worth = way.apart[chosen], way.worth[chosen]
    members, parts = np.ones(len(apart)), np.full(len(PARTS), 1.0 / len(PARTS))
    for _ in range(ROUNDS):
        effect = float((members * apart * worth).sum())
        effect /= max(float((members * worth * worth).sum()), 1e-9)
        expected = np.outer(PARTS, max(effect, 0.0) * worth)
        each = parts[:, None] * np.exp(expected * apart - expected * expected / 2)
        said = np.log(each.sum(axis=0))
        share = share_sick(said.tolist(), HALF, MEMBERS_WORTH)
        members = np.asarray(probabilities(logit(share) + said))
        seen = (members * each / each.sum(axis=0)).sum(axis=1)
        parts = (seen + PARTS_WORTH / len(PARTS)) / (seen.sum() + PARTS_WORTH)
    return members


def _ways(
    pieces: Pieces, owner: Ints, inner: Pieces, group: Ints, groups: _Groups, grid: Grid
) -> tuple[_Way, _Way]:
    """From the outsider to others, and from others to the outsider."""
    hosts, pairs = int(owner.max(initial=0)) + 1, len(groups.host)
    inner_spans = grid.places(inner.began_us, inner.ended_us)
    spans = grid.places(pieces.began_us, pieces.ended_us)
    got, sent = grid.spread(group, inner_spans, (inner.got, inner.sent), pairs)
    gave, took = grid.spread(owner, spans, (pieces.sent, pieces.got), hosts)

    def way(came: Floats, went: Floats, packed: Packed, packed_on: Packed) -> _Way:
        unit, noise = packing(group, pairs, packed)
        unit_on, _ = packing(owner, hosts, packed_on)
        leads = risen(steadied(came, unit), LOCAL)
        passed = np.minimum(went, MOST_AT_ONCE * came.max(axis=1, keepdims=True))
        follows = risen(steadied(passed, unit_on[groups.place]), LOCAL)
        products = together(leads, follows)
        usual = np.maximum(background(products, 1).std(axis=1), 1e-9)
        rises, rises_on = risen(came, LOCAL), risen(went, LOCAL)
        # Whose own downloads go up and down much tells little of what goes on there.
        own, own_on = ((each * each).sum(axis=1) for each in (rises, rises_on))
        blur = np.maximum(np.maximum(own, own_on), 1.0)
        return _Way(
            leads,
            follows,
            np.clip(peaks(products, 1)[:, 0], -MOST_OF_ONE, MOST_OF_ONE),
            np.minimum((leads * leads).sum(axis=1) / usual, MOST_WORTH),
            (rises * rises_on).sum(axis=1),
            np.maximum(own - noise, 0.0),
            blur,
            own * own_on / grid.bins,
        )

    return (
        way(
            got,
            np.maximum(gave[groups.place] - sent, 0.0),
            (inner.got, inner.got_packets),
            (pieces.sent, pieces.sent_packets),
        ),
        way(
            sent,
            np.maximum(took[groups.place] - got, 0.0),
            (inner.sent, inner.sent_packets),
            (pieces.got, pieces.got_packets),
        ),
    )
