"""When the domain was registered, changed and will expire, out of the entries about it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from headwater.wire.whois.about import date_of, domain_of, of_others
from headwater.wire.whois.dates import Order, Written, dates_in, read_date
from headwater.wire.whois.lines import Entry
from headwater.wire.whois.months import folded
from headwater.wire.whois.words import Meaning, plain, says_only

_HINTS: Final = (
    (re.compile(r"\b[dj]{2}.[m]{2}.[ya]{2,4}\b"), Order.DMY),
    (re.compile(r"\bmm.[dj]{2}.[ya]{2,4}\b"), Order.MDY),
    (re.compile(r"\b[ya]{2,4}.mm.[dj]{2}\b"), Order.YMD),
)
# `changed: hostmaster@example.net 20040101`, `created: 0-REG 20020903000000`
_SIGNED: Final = re.compile(r"\S+(?:\s+at\s+\S+)?\s+(\d{8}(?:\d{6})?(?!\d).*)$", re.IGNORECASE)
_ASSIGNED: Final = re.compile(r"\((?:assigned|created|registered)\)$")
_STATE_UNTIL: Final = re.compile(r"^\S*(?:until|till|expires?|connected)\W+", re.IGNORECASE)
_LONGEST_PROSE: Final = 120
_PROSE: Final = 3  # the rank of prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A date that an entry gives, and what of."""

    meaning: Meaning
    written: Written
    text: str
    hint: Order | None = None
    rank: int = 0  # the lower, the better
    away: bool = False  # not in the block that names the domain


@dataclass(slots=True)
class Moments:
    """The stamps found, and remarks on dates that could not be told."""

    stamps: dict[Meaning, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def moments(
    entries: Sequence[Entry],
    comments: Iterable[str],
    order: Order | None,
    today: str | None,
) -> Moments:
    """The domain's dates. ``order``: how this registry writes numeric dates, if known.

    ``today`` (ISO, UTC) bounds the past: nothing was registered or changed after it, but
    for registries east of Greenwich, where it may be tomorrow already.
    """
    latest = (date.fromisoformat(today) + timedelta(days=1)).isoformat() if today else None
    others = of_others(entries)
    home = next((e.block for e in entries if domain_of(e)), None)
    dated = [
        replace(found, away=entry.block != home)
        for entry in entries
        if entry.line not in others
        for found in _dated(entry)
    ]
    if any(not one.away and one.rank < _PROSE for one in dated):
        # Below a record with labels of its own, `Last updated on ...` is the database's date.
        dated = [d for d in dated if d.meaning is not Meaning.CHANGED or d.rank < _PROSE]
    order = order or _stated_order(comments)
    orders = _orders_shown(dated)
    result = Moments()
    for meaning in (Meaning.CREATED, Meaning.CHANGED, Meaning.EXPIRES):
        ours = sorted(
            (d for d in dated if d.meaning is meaning), key=lambda d: (d.away, d.rank)
        )
        limit = None if meaning is Meaning.EXPIRES else latest
        _choose(meaning, ours, order, orders, limit, result)
    _check(result)
    return result


def _choose(
    meaning: Meaning,
    dated: Sequence[Dated],
    order: Order | None,
    orders: Mapping[str, Order],
    limit: str | None,
    result: Moments,
) -> None:
    for one in _latest_signed(dated):
        known = one.hint or orders.get(one.written.shape) or order
        stamp = one.written.stamp() or one.written.stamp(known)
        if stamp is None:
            stamp = _only_possible(one.written, limit)
        if stamp is None:
            result.remarks.append(f"{meaning}: day and month cannot be told: {one.text[:40]}")
        elif limit and stamp[:10] > limit:
            result.remarks.append(f"{meaning}: in the future: {one.text[:40]}")
        else:
            result.stamps[meaning] = stamp
            return


def _latest_signed(dated: Sequence[Dated]) -> Sequence[Dated]:
    """Of a history of solid, signed changes the latest comes first."""
    near = [one for one in dated if one.away == dated[0].away]
    solid = all(one.written.shape == "solid" for one in near)
    if near and solid and near[0].meaning is Meaning.CHANGED:
        return sorted(near, key=lambda one: one.written.stamp() or "", reverse=True)
    return dated


def _only_possible(written: Written, limit: str | None) -> str | None:
    """The one reading that is not in the future, where there is just one."""
    if limit is None:
        return None
    stamps = {s for order in written.days if (s := written.stamp(order)) and s[:10] <= limit}
    return stamps.pop() if len(stamps) == 1 else None


def _check(result: Moments) -> None:
    """Nothing expires before it is registered: then one of the two was misread."""
    created, expires = (result.stamps.get(m) for m in (Meaning.CREATED, Meaning.EXPIRES))
    if created and expires and expires[:10] < created[:10]:
        result.remarks.append(f"expires before it was registered: {expires}")
        del result.stamps[Meaning.EXPIRES]


def _stated_order(comments: Iterable[str]) -> Order | None:
    """`%% complete date format : DD/MM/YYYY` and its like."""
    for comment in comments:
        if "format" in comment.lower() and (hint := _hint(comment)):
            return hint
    return None


def _hint(text: str) -> Order | None:
    return next((order for form, order in _HINTS if form.search(folded(text))), None)


def _orders_shown(dated: Iterable[Dated]) -> dict[str, Order]:
    """Per shape, the order that its unmistakable dates show (a 27 is no month)."""
    shown: dict[str, set[Order]] = {}
    for one in dated:
        if len(one.written.days) == 1 and one.written.shape in "-/. ":
            shown.setdefault(one.written.shape, set()).update(one.written.days)
    return {shape: next(iter(orders)) for shape, orders in shown.items() if len(orders) == 1}


def _dated(entry: Entry) -> Iterator[Dated]:
    if not entry.loose:
        yield from _labelled(entry.label, entry.value)
        yield from _in_status(entry)
    elif found := list(_labelled(entry.section, entry.text)):
        yield from found
    else:
        yield from _prose(entry)


def _labelled(label: str, value: str) -> Iterator[Dated]:
    meaning = date_of(label)
    if meaning is None:
        return
    text = value.strip("\"' ")
    signed = _SIGNED.match(text)
    written = read_date(text) or (read_date(signed[1]) if signed else None)
    if written is None:
        return
    if signed and _ASSIGNED.search(written.rest):
        meaning = Meaning.CREATED
    yield Dated(
        meaning=meaning,
        written=written,
        text=value,
        hint=_hint(label),
        rank=_rank(meaning, label, written),
    )


def _rank(meaning: Meaning, label: str, written: Written) -> int:
    """Creation before registration (which may be a transfer), expiry before renewal."""
    words = plain(label)
    if meaning is Meaning.CREATED:
        return 0 if "creat" in words else 1
    if meaning is Meaning.EXPIRES:
        return 1 if "renew" in words else 0
    return 0


def _in_status(entry: Entry) -> Iterator[Dated]:
    """`status: OK-UNTIL 20140903121852`, `[State] Connected (2010/09/30)`."""
    head = _STATE_UNTIL.match(entry.value)
    if not head or not says_only(entry.label, Meaning.STATUS):
        return
    if written := read_date(entry.value[head.end() :]):
        yield Dated(meaning=Meaning.EXPIRES, written=written, text=entry.value, rank=2)


def _prose(entry: Entry) -> Iterator[Dated]:
    """`Record created on 30-Aug-2000.`: a label that ends where the date begins."""
    if len(entry.text) > _LONGEST_PROSE:
        return
    for start, written in dates_in(entry.text):
        label = entry.text[:start].strip(" :.-\t")
        meaning = date_of(label) if len(label.split()) <= 6 else None
        if meaning and len(written.rest.split()) <= 4:
            rank = _PROSE + _rank(meaning, label, written)
            yield Dated(meaning=meaning, written=written, text=entry.text[start:], rank=rank)
            return
