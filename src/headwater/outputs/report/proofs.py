"""Plots in which one can see that a host relays: in against out, session by session."""

import math
from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from markupsafe import Markup

from headwater.outputs.report.drawing import (
    UNITS,
    axis,
    bars,
    grid,
    number,
    path,
    picture,
    plot,
    text,
)
from headwater.outputs.report.ticks import decade_ticks, log_share, short_ticks, time_ticks
from headwater.outputs.wording import counted, grouped, octets
from headwater.records.report import LAG_STEP_US, LAG_STEPS, PIECES, Coupling, Tunnel
from headwater.records.window import Window, from_us

TICK: Final = 22.0  # height of the mark of one session
STRIP: Final = 96.0
HEIGHT: Final = 150.0
HALF: Final = 62.0  # of the mirrored bars
SIZES: Final = {power: octets(10**power).replace(".0", "") for power in range(13)}


def strip(one: Coupling, zone: tzinfo) -> Markup:
    """Single sessions of a short stretch: what came in, what went out, tied where paired."""
    length = max(one.strip.end_us - one.strip.start_us, 1)

    def x(instant: int) -> str:
        return number((instant - one.strip.start_us) / length * UNITS)

    foot = STRIP - TICK
    paired = {out for _, out in one.pairs}
    came = "".join(f"M{x(t)} 0v{number(TICK)}" for t in one.in_us)
    went = "".join(f"M{x(t)} {number(foot)}v{number(TICK)}" for t in one.out_us if t in paired)
    alone = "".join(
        f"M{x(t)} {number(foot)}v{number(TICK)}" for t in one.out_us if t not in paired
    )
    ties = "".join(f"M{x(a)} {number(TICK)}L{x(b)} {number(foot)}" for a, b in one.pairs)
    label = (
        f"{grouped(len(one.in_us))} inbound sessions in {length / 1e6:g} s, of which"
        f" {grouped(len(one.pairs))} are followed by an outbound one within two seconds."
    )
    begin = one.strip.start.astimezone(zone)
    return picture(
        STRIP + 54,
        label,
        text(0, 11, f"in: {one.inward}", kind="note upstream"),
        plot(16, STRIP, [
            path("tie", ties), path("tick upstream", came), path("tick proxy", went),
            path("tick other", alone),
        ]),
        text(0, STRIP + 30, "out: sessions it opened to others", kind="note proxy"),
        axis(short_ticks(length), STRIP + 48),
        text(100, 11, f"from {begin:%H:%M:%S}", "end", "note"),
    )  # fmt: skip


def waits(one: Coupling) -> Markup:
    """How long after each inbound session outbound ones start, beside chance."""
    most = max(*one.lags, *one.by_chance, 1)
    shape = bars([n / most * HEIGHT for n in one.lags], HEIGHT)
    step = UNITS / len(one.by_chance)
    heights = [HEIGHT - n / most * HEIGHT for n in one.by_chance]
    line = f"M0 {number(heights[0])}" + "".join(f"V{number(y)}h{number(step)}" for y in heights)
    at_once = sum(one.lags[LAG_STEPS : LAG_STEPS + 8])
    chance = sum(one.by_chance[LAG_STEPS : LAG_STEPS + 8])
    reach = LAG_STEPS * LAG_STEP_US // 1_000_000
    label = (
        f"Outbound starts around each of {grouped(one.inbound)} inbound ones:"
        f" {grouped(at_once)} within two seconds after, where chance gives {chance:.0f}."
    )
    return picture(
        HEIGHT + 36,
        label,
        text(0, 11, f"{grouped(round(most))} sessions", kind="note"),
        plot(16, HEIGHT, [grid((0.5,), HEIGHT), path("bar", shape), path("chance", line)]),
        axis([(0, f"{reach} s before"), (0.5, "inbound start"), (1, f"{reach} s after")],
             HEIGHT + 31),
    )  # fmt: skip


def balance(one: Coupling) -> Markup:
    """Octets that came in against octets that went out, of each pair."""
    low, high = _decades([size for pair in one.balance for size in pair])
    points = "".join(
        f"M{log_share(a, low, high) * UNITS:.0f}"
        f" {HEIGHT - log_share(b, low, high) * HEIGHT:.0f}h0"
        for a, b in one.balance
    )
    alike = sum(1 for a, b in one.balance if abs(a - b) <= 600 + 0.1 * max(a, b))
    ticks = decade_ticks(low, high, SIZES)
    label = (
        f"Bytes of {grouped(len(one.balance))} pairs, inbound against outbound:"
        f" {grouped(alike)} carry as much out as in, and lie near the diagonal."
    )
    levels = [HEIGHT - share * HEIGHT for share, _ in ticks]
    names = [text(0.6, 16 + y - 4, words) for y, (_, words) in zip(levels, ticks, strict=True)]
    return picture(
        HEIGHT + 36,
        label,
        text(0, 11, "bytes out", kind="note"),
        plot(16, HEIGHT, [
            grid((s for s, _ in ticks), HEIGHT),
            path("grid", "".join(f"M0 {number(y)}h{UNITS}" for y in levels)),
            path("even", f"M0 {number(HEIGHT)}L{UNITS} 0"), path("point", points),
        ]),
        *names[1:-1],
        axis(ticks[:-1], HEIGHT + 31),
        text(100, HEIGHT + 31, "bytes in", "end", "note"),
    )  # fmt: skip


def _decades(sizes: Sequence[int]) -> tuple[float, float]:
    """Powers of ten around all sizes, at least two apart."""
    low = 10.0 ** math.floor(math.log10(max(min(sizes), 1)))
    high = 10.0 ** math.ceil(math.log10(max(*sizes, 10)))
    return low, max(high, low * 100)


def mirror(one: Tunnel, zone: tzinfo, *, back: bool = False) -> Markup:
    """What came through the tunnel, above; what the host exchanged with others, below."""
    # Exporters report the two directions in records of their own, with edges of their own.
    pieces = one.pieces
    if one.step == PIECES:
        pieces = tuple(p for p in pieces if (p.went_back if back else p.came_in))
    above = [p.went_back if back else p.came_in for p in pieces]
    below = [p.fetched if back else p.sent_on for p in pieces]
    most = max([*above, *below, 1])
    up = bars([n / most * HALF for n in above], HALF)
    down = bars([n / most * HALF for n in below], HALF, down=True)
    ends = (f"returned to {one.peer}", "fetched from others") if back else (
        f"came from {one.peer}", "sent on to others",
    )  # fmt: skip
    label = (
        f"{counted(len(pieces), 'piece')}, {one.step}: {octets(sum(above))} {ends[0]},"
        f" {octets(sum(below))} {ends[1]}. Bars above and below are alike where bytes are"
        " passed on."
    )
    instants = [p.at_us for p in pieces] or [0]
    window = Window(from_us(instants[0]), from_us(instants[-1] + 1))
    return picture(
        2 * HALF + 54,
        label,
        text(0, 11, ends[0], kind="note upstream"),
        text(100, 11, f"up to {octets(most)}", "end", "note"),
        plot(16, 2 * HALF, [
            path("bar upstream", up), path("bar proxy", down),
            path("grid", f"M0 {number(HALF)}h{UNITS}"),
        ]),
        text(0, 2 * HALF + 30, ends[1], kind="note proxy"),
        axis(_spaced(time_ticks(window, zone, 5)), 2 * HALF + 48),
    )  # fmt: skip


def _spaced(ticks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    return [(share, words) for share, words in ticks if 0 <= share <= 1]
