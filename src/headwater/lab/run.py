"""One run of the lab: build, play, flush, take down, tell the truth."""

import gzip
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from headwater.lab import addresses as world
from headwater.lab import exporters, leftovers, services, tidiness
from headwater.lab.acts import Act, to_json
from headwater.lab.cast import Cast, Stage, assemble
from headwater.lab.exporters import Exporter
from headwater.lab.processes import Troupe
from headwater.lab.programs import require
from headwater.lab.scenario import Scenario
from headwater.lab.script import write
from headwater.lab.services import Service, actor
from headwater.lab.topology import COLLECTING, EDGE, UPLINK, Ground, connect_uplink, ground
from headwater.lab.truth import Truth, tell

Progress = Callable[[str, float], None]  # what happens now; share of the whole run done
LEAD_S = 5.0  # between the first service and the first act: Postfix takes its time
LAST_WORDS_S = 4.0  # for conversations that are still going when the play ends
EXPORTER = "exporter"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything one run holds while it lasts."""

    scenario: Scenario
    cast: Cast
    exporter: Exporter
    place: Ground
    troupe: Troupe
    directory: Path

    def start(self, name: str, part: str, *argv: str, may_end: bool = False) -> None:
        """Start a program in one of the namespaces."""
        self.troupe.start(name, self.place.within(part, *argv), may_end=may_end)

    @property
    def capture(self) -> Path:
        """Where the collector writes."""
        return self.directory / "capture.pcap"


def run(scenario: Scenario, exporter: Exporter, out_dir: Path, on_progress: Progress) -> Truth:
    """Play the scenario; leave `SCENARIO-EXPORTER.pcap.gz` and `.truth.json` in out_dir.

    Raises Misconfigured or MissingProgram when the machine cannot, RemoteFault when one of
    the lab's programs fails. Whatever happens, nothing of the lab stays behind.
    """
    require(exporter.program, os.geteuid())
    out_dir.mkdir(parents=True, exist_ok=True)
    with _house(scenario, exporter) as house:
        on_progress("building", 0.0)
        _open(house)
        truth = _perform(house, on_progress)
        _deliver(house, truth, out_dir / f"{scenario.name}-{exporter}")
    on_progress("done", 1.0)
    return truth


@contextmanager
def _house(scenario: Scenario, exporter: Exporter) -> Iterator[House]:
    cast = assemble(scenario)
    leftovers.sweep()
    with tidiness.directory(os.getpid()) as directory, ground(cast) as place:
        troupe = Troupe(directory)
        try:
            yield House(
                scenario=scenario, cast=cast, exporter=exporter, place=place,
                troupe=troupe, directory=directory,
            )  # fmt: skip
        finally:
            with tidiness.undisturbed():
                troupe.stop_all()


def _open(house: House) -> None:
    """The wire, the collector, the exporter: from here on everything is recorded."""
    place = house.place
    house.troupe.start("distance", actor(
        "distance", place.name(EDGE), UPLINK, place.name(Stage.NET), UPLINK
    ))  # fmt: skip
    house.troupe.wait_for("distance", "ready", 20)
    connect_uplink(place)
    sink = (world.COLLECTOR, str(world.COLLECTOR_PORT), str(house.capture))
    house.start("collector", COLLECTING, *actor("collector", *sink))
    while not house.capture.exists():
        house.troupe.check()
        time.sleep(0.05)
    house.start(
        EXPORTER, EDGE, *exporters.command(house.exporter, house.scenario, house.directory)
    )


def _perform(house: House, on_progress: Progress) -> Truth:
    pending = sorted(services.prepare(house.cast, house.directory), key=lambda s: s.at)
    start = time.time() + LEAD_S
    _start_due(house, pending, -LEAD_S + 2)
    players = _players(house, write(house.scenario, house.cast), start)
    end = start + house.scenario.seconds + LAST_WORDS_S
    while (now := time.time()) < end:
        _start_due(house, pending, now - start)
        house.troupe.check()
        share = max(0.0, now - start) / (end - start)
        on_progress("playing", round(0.02 + 0.96 * share, 3))
        time.sleep(min(1.0, max(0.05, end - now)))
    return _finish(house, players, start, end)


def _start_due(house: House, pending: list[Service], moment: float) -> None:
    while pending and pending[0].at <= moment:
        service = pending.pop(0)
        house.start(service.name, service.stage, *service.argv)


def _players(house: House, acts: Sequence[Act], start: float) -> dict[str, Path]:
    """One player for each namespace that has acts; where each will write its outcomes."""
    players = {}
    for stage in Stage:
        mine = [act for act in acts if act.stage == stage]
        if not mine:
            continue
        name = f"player-{stage}"
        script, outcomes = house.directory / f"{name}.acts", house.directory / f"{name}.json"
        script.write_text(to_json(mine))
        arguments = (str(script), str(start), str(outcomes))
        house.start(name, stage, *actor("player", *arguments), may_end=True)
        players[name] = outcomes
    return players


def _finish(house: House, players: dict[str, Path], start: float, end: float) -> Truth:
    outcomes: dict[str, dict[str, int]] = {}
    for name, file in players.items():
        house.troupe.stop(name, grace_s=15.0)
        for label, counts in json.loads(file.read_text()).items():
            total = outcomes.setdefault(label, {})
            for word, count in counts.items():
                total[word] = total.get(word, 0) + count
    house.troupe.stop(EXPORTER)  # at SIGTERM every exporter sends what it still holds
    time.sleep(0.5)
    house.troupe.stop("collector")
    (house.directory / "outcomes.json").write_text(json.dumps(outcomes, indent=1))
    return tell(house.scenario, house.cast, house.exporter, start, end, outcomes)


def _deliver(house: House, truth: Truth, target: Path) -> None:
    """Both files, whole, or none: the caller's folder never sees half a recording."""
    packed = gzip.compress(house.capture.read_bytes(), mtime=0)
    contents = {".pcap.gz": packed, ".truth.json": truth.to_json().encode()}
    with tidiness.undisturbed():
        for suffix, content in contents.items():
            part = target.with_name(f".{target.name}{suffix}.part")
            part.write_bytes(content)
            part.replace(target.with_name(target.name + suffix))
