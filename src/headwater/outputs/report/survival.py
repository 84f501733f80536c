"""How long addresses are kept: a falling curve for each pool, with its bounds."""

from typing import Final

from markupsafe import Markup

from headwater.outputs.report.drawing import (
    UNITS,
    axis,
    grid,
    number,
    path,
    picture,
    plot,
    text,
)
from headwater.outputs.report.ticks import log_share
from headwater.outputs.wording import counted
from headwater.records.report import Survival

HEIGHT: Final = 170.0
SHORTEST: Final = 600.0  # seconds: where the axis begins
SPANS: Final = (
    (3600, "1 h"), (21_600, "6 h"), (86_400, "1 d"), (604_800, "7 d"), (2_592_000, "30 d"),
    (15_552_000, "180 d"),
)  # fmt: skip


def survival(one: Survival) -> Markup:
    """One pool's curve on a logarithmic axis of time."""
    longest = max(one.points[-1][0] * 1.1, 86_400.0)
    upper, lower = (_steps(one, at, longest) for at in (3, 2))
    middle = _steps(one, 1, longest)
    band = _line(upper) + "L" + "L".join(f"{x} {y}" for x, y in reversed(lower)) + "z"
    ticks = [(log_share(s, SHORTEST, longest), w) for s, w in SPANS if s <= longest]
    level = "".join(f"M0 {number(HEIGHT * part)}h{UNITS}" for part in (0.25, 0.5, 0.75))
    label = (
        f"Survival of {counted(one.tenures, 'tenure')} in {one.pool}, {one.ended} ended:"
        + ",".join(f" {_at(one, s):.0%} last longer than {w}" for s, w in SPANS if s <= longest)
    )
    return picture(
        HEIGHT + 36,
        label,
        text(0, 11, "100 % still hold the address", kind="note"),
        plot(16, HEIGHT, [
            grid((s for s, _ in ticks), HEIGHT), path("grid", level), path("bounds", band),
            path("curve", _line(middle)),
        ]),
        axis(ticks, HEIGHT + 31),
    )  # fmt: skip


def _steps(one: Survival, column: int, longest: float) -> list[tuple[str, str]]:
    """Corners of a staircase: it falls where something ended."""
    corners = [("0", "0")]
    height = "0"
    for point in one.points:
        x = number(log_share(point[0], SHORTEST, longest) * UNITS)
        corners.append((x, height))
        height = number((1 - point[column]) * HEIGHT)
        corners.append((x, height))
    return [*corners, (str(UNITS), height)]


def _line(corners: list[tuple[str, str]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in corners)


def _at(one: Survival, seconds: float) -> float:
    return next((p[1] for p in reversed(one.points) if p[0] <= seconds), 1.0)
