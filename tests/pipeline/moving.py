"""A subscriber whose address changes twice within a scene, and relays on each a little."""

from datetime import UTC, datetime

from tests.scene import Row, Scene, outside, outsiders, own

from headwater.lake.engine import LakeEngine
from headwater.pipeline.hunt_lake import hunt_lake
from headwater.records.answer import Answer
from headwater.records.settings import parse_settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = parse_settings({"own_networks": ["192.0.2.0/24", "2001:db8:100::/40"]})
DRIVER = outside(1)
HELD_IN_TURN = [own(11), own(12), own(13)]
THIRD_S = 2400  # of the scene's two hours
LONG_AGO_S, LONG_AFTER_S = -86_400, 86_400


def lease(scene: Scene, held: str, subscriber: str, start_s: float, end_s: float) -> Row:
    return {
        "held": held,
        "starts_at": scene.at(start_s),
        "sure_until": scene.at(end_s),
        "ends_at": scene.at(end_s),
        "told_at": scene.at(end_s),
        "subscriber": subscriber,
        "session": f"{subscriber} {held} {start_s}",
        "source": "radius",
    }


def in_turn(scene: Scene, subscriber: str, addresses: list[str]) -> list[Row]:
    """Each address for a third of the window; the first since long ago, the last for long."""
    bounds = [LONG_AGO_S, THIRD_S, 2 * THIRD_S, LONG_AFTER_S]
    return [
        lease(scene, address, subscriber, bounds[n], bounds[n + 1])
        for n, address in enumerate(addresses)
    ]


def relay_in_turn(scene: Scene) -> None:
    """Two relayed sessions on each address: of any address alone too few to see."""
    for number, host in enumerate(HELD_IN_TURN):
        start = number * THIRD_S + 100
        times = scene.times(2, start, start + 2000)
        scene.relay(host, 4145, [DRIVER], outsiders(12, 20 + 5 * number), times=times)
        scene.browse(host, outsiders(5, 100), scene.times(6, start, start + 2000))


def bystanders(scene: Scene) -> None:
    for number in range(50, 80):
        scene.browse(own(number), outsiders(10, 100 + number), scene.times(10))


def hunted(scene: Scene, *leases: Row, engine: LakeEngine | None = None) -> Answer:
    scene.settle()
    if leases:
        scene.write("leases", leases)
    return hunt_lake(scene.lake, SETTINGS, engine or scene.engine, scene.window, NOW)
