"""Calls of some clients to their master: who calls like a clock, is one's own beat apart."""

from datetime import tzinfo
from typing import Final

from markupsafe import Markup

from headwater.outputs.report.drawing import UNITS, axis, grid, number, path, picture, plot
from headwater.outputs.report.ticks import time_ticks
from headwater.outputs.wording import counted
from headwater.records.report import Calls

ROW, TICK = 20.0, 13.0
AXIS: Final = 20.0


def beats(one: Calls, zone: tzinfo) -> Markup:
    """A row for each client, a mark for each call."""
    length = max(one.window.end_us - one.window.start_us, 1)
    height = ROW * len(one.callers)
    ticks = time_ticks(one.window, zone, 6)
    shapes: list[Markup] = [grid((s for s, _ in ticks), height)]
    for at, caller in enumerate(one.callers):
        y = number(at * ROW + (ROW - TICK) / 2)
        marks = "".join(
            f"M{number((t - one.window.start_us) / length * UNITS)} {y}v{number(TICK)}"
            for t in caller.called_us
        )
        shapes.append(path("tick suspect" if caller.suspect else "tick master", marks))
    shown = sum(len(caller.called_us) for caller in one.callers)
    label = (
        f"{counted(shown, 'call')} of {counted(len(one.callers), 'client')} to"
        f" {one.master} in {length / 1e6:.0f} s, a row for each client."
    )
    return picture(height + AXIS, label, plot(0, height, shapes), axis(ticks, height + 14))
