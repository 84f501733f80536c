"""Outsiders who touch everyone and drive nobody: a scanner, testers, strangers."""

from collections.abc import Iterator
from random import Random

from headwater.lab import addresses as world
from headwater.lab.acts import Act, Deed, Hop
from headwater.lab.cast import Cast, Stage
from headwater.lab.scenario import Scenario
from headwater.lab.script.rhythm import page_size

TRIED_PORTS = (80, 1080, 3128, 8080)


def write(scenario: Scenario, cast: Cast) -> list[Act]:
    """Acts of the scanner, the testers and the strangers."""
    dice = Random(f"{scenario.seed}:noise")
    return [
        *_scan(scenario, dice),
        *_test(scenario, cast, dice),
        *_stroll(scenario, cast, dice),
    ]


def _everywhere() -> list[str]:
    return [f"192.0.2.{last}" for last in range(2, 255)]


def _scan(scenario: Scenario, dice: Random) -> Iterator[Act]:
    for port in scenario.scanned_ports:
        for address in _everywhere():
            yield Act(
                at=round(dice.uniform(0, scenario.seconds - 6), 3),
                stage=Stage.NET,
                do=Deed.KNOCK,
                src=world.SCANNER,
                dst=address,
                port=port,
                label="scan",
            )


def _hop_kind(port: int) -> str:
    return "connect" if port in (80, 3128, 8080) else "socks5"


def _test(scenario: Scenario, cast: Cast, dice: Random) -> Iterator[Act]:
    """Try standard ports everywhere, and every real proxy's port once it is there; where
    the door opens, fetch the test page and go."""
    for tester in world.TESTERS:
        tried = [(address, port, 0.0) for address in _everywhere()
                 for port in dice.sample(TRIED_PORTS, 1)]  # fmt: skip
        doors = [h for h in cast.hijacked if h.port and h.program != "postfix"]
        known = {(h.address, h.port) for h in doors}
        tried += [(h.address, h.port or 0, h.starts_at + 6) for h in doors for _ in range(2)]
        for address, port, earliest in tried:
            yield Act(
                at=round(dice.uniform(earliest, scenario.seconds - 6), 3),
                stage=Stage.NET,
                do=Deed.FETCH,
                src=tester,
                dst=world.TEST_PAGE,
                port=80,
                label=f"test {address}" if (address, port) in known else "test",
                size=90,
                reply=300,
                hop=Hop(kind=_hop_kind(port), address=address, port=port),
            )


def _stroll(scenario: Scenario, cast: Cast, dice: Random) -> Iterator[Act]:
    """Whoever hears of an open proxy uses it; locked ones turn them away. Hardly anybody
    hears of two."""
    doors = [h for h in cast.hijacked if h.port and h.program != "postfix"]
    for number, host in enumerate(doors):
        regulars = world.STRANGERS[number :: len(doors)]
        uses = {"natural-open": 60, "synthetic-open": 24}.get(host.kind, 12)
        for _ in range(uses):
            yield Act(
                at=round(dice.uniform(host.starts_at + 8, scenario.seconds - 6), 3),
                stage=Stage.NET,
                do=Deed.FETCH,
                src=dice.choice(regulars if dice.random() < 0.95 else world.STRANGERS),
                dst=dice.choice(world.WEB_SERVERS),
                port=80,
                label=f"stroll {host.address}",
                size=dice.randint(150, 600),
                reply=page_size(dice),
                hop=Hop(
                    kind=_hop_kind(host.port or 0), address=host.address, port=host.port or 0
                ),
            )
