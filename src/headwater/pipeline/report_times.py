"""For the report: when proxies were at work, upstreams' hours of day, calls to masters."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.lake.engine import Engine
from headwater.pipeline.questions import question
from headwater.pipeline.report_flows import Quarters, hosts_of, pairs_of
from headwater.records.answer import Answer, Master
from headwater.records.report import HOURS, Activity, Caller, Calls, Clock
from headwater.records.window import Window, from_us

SECOND_US: Final = 1_000_000
QUARTER_US: Final = 900 * SECOND_US
MOST_BINS: Final = 120
BINS_S: Final = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400)
MOST_MASTERS: Final = 12
MOST_CALLERS: Final = 10
MOST_SUSPECTS: Final = 4  # of the callers
BEATS: Final = 24  # calls of a steady client that a stretch should show

CALLERS = pa.schema([("master", pa.string()), ("host", pa.string())])


def bin_us(window: Window) -> int:
    """The length of the bins of a window's timelines."""
    length = max(window.end_us - window.start_us, 1)
    fitting = (s * SECOND_US for s in BINS_S if s * SECOND_US * MOST_BINS >= length)
    return next(fitting, -(-length // MOST_BINS))


def activity(engine: Engine, answer: Answer, window: Window) -> tuple[Activity, ...]:
    """What each proxy did in each bin."""
    step = bin_us(window)
    bins = max(-(-(window.end_us - window.start_us) // step), 1)
    extra = {
        "proxies": hosts_of(answer),
        "pairs": pairs_of(answer),
        "scale": pa.table({"start_us": [window.start_us], "bin_us": [step]}),
    }
    rows = engine.ask(question("pipeline", "report_activity.sql"), window, extra)
    counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * bins)
    for row in rows.to_pylist():
        place = min(max(int(row["bin"]), 0), bins - 1)
        counts[row["host"], row["what"]][place] += row["sessions"]
    return tuple(
        Activity(
            proxy=proxy.address,
            driven=tuple(counts[proxy.address, "driven"]),
            mail=tuple(counts[proxy.address, "mail"]),
            other=tuple(counts[proxy.address, "other"]),
        )
        for proxy in answer.proxies
    )


def clocks(worked: Iterable[Quarters], zone: tzinfo) -> tuple[Clock, ...]:
    """Each upstream's sessions by hour of day, in UTC and in the zone."""
    return tuple(
        Clock(
            upstream=each.upstream,
            utc=_by_hour(each.quarters, each.sessions, UTC),
            local=_by_hour(each.quarters, each.sessions, zone),
        )
        for each in worked
    )


def _by_hour(quarters: Sequence[int], sessions: Sequence[int], zone: tzinfo) -> tuple[int, ...]:
    counts = [0] * HOURS
    for quarter, number in zip(quarters, sessions, strict=True):
        counts[from_us(quarter * QUARTER_US).astimezone(zone).hour] += number
    return tuple(counts)


def covered(window: Window, zone: tzinfo) -> tuple[float, ...]:
    """How many hours of the window lie in each hour of day of the zone."""
    hours = [0.0] * HOURS
    for quarter in range(window.start_us // QUARTER_US, -(-window.end_us // QUARTER_US)):
        begin, end = quarter * QUARTER_US, (quarter + 1) * QUARTER_US
        inside = min(end, window.end_us) - max(begin, window.start_us)
        hours[from_us(begin).astimezone(zone).hour] += inside / (4 * QUARTER_US)
    return tuple(round(each, 4) for each in hours)


def calls(engine: Engine, answer: Answer, window: Window) -> tuple[Calls, ...]:
    """For the surest masters, when some of their clients called."""
    chosen = {m.address: _chosen(m) for m in answer.masters[:MOST_MASTERS]}
    rows = [
        {"master": master, "host": host} for master, hosts in chosen.items() for host in hosts
    ]
    asked = pa.Table.from_pylist(rows, schema=CALLERS)
    found = engine.ask(question("pipeline", "report_calls.sql"), window, {"callers": asked})
    times: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in found.to_pylist():
        times[row["master"], row["host"]].append(row["called_at"])
    return tuple(_calls(m, chosen[m.address], times) for m in answer.masters[:MOST_MASTERS])


def _chosen(master: Master) -> list[str]:
    suspects = [s.address for s in master.next_suspects[:MOST_SUSPECTS]]
    return [*master.proxies[: MOST_CALLERS - len(suspects)], *suspects]


def _calls(master: Master, hosts: list[str], times: Mapping[tuple[str, str], Any]) -> Calls:
    window = _stretch([times[master.address, host] for host in hosts])
    suspects = {s.address for s in master.next_suspects}
    return Calls(
        master=master.address,
        window=window,
        callers=tuple(
            Caller(
                address=host,
                suspect=host in suspects,
                called_us=tuple(
                    t
                    for t in times[master.address, host]
                    if window.start_us <= t < window.end_us
                ),
            )
            for host in hosts
        ),
        clients=len(master.proxies) + master.clean_clients,
    )


def _stretch(series: Sequence[list[int]]) -> Window:
    """Long enough for the usual client to call so many times."""
    every = np.sort(np.array([t for times in series for t in times], np.int64))
    if not len(every):
        return Window(from_us(0), from_us(1))
    gaps = [(times[-1] - times[0]) / (len(times) - 1) for times in series if len(times) > 1]
    length = int(BEATS * float(np.median(gaps))) if gaps else SECOND_US
    first, last = int(every[0]), int(every[-1]) + SECOND_US
    # Where most of them are calling already: in the middle.
    middle = int(np.median(every))
    begin = max(first, min(middle - length // 2, last - length))
    return Window(from_us(begin), from_us(min(begin + max(length, SECOND_US), last)))
