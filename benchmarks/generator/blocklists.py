"""What lists say: some truth, late; old news; plain mistakes; whole dynamic ranges."""

import numpy as np

from benchmarks.generator.draws import heavy, some
from benchmarks.generator.stage import HOUR
from benchmarks.generator.truth import instant
from benchmarks.generator.world import World

PROXY_LIST = "proxies"
DRIVER_LIST = "spam-sources"
POLICY_LIST = "dynamic-ranges"


def listings(world: World) -> dict[str, list[tuple[str, str]]]:
    """Entries (subject, first seen as ISO 8601) by list, as known when the window ends."""
    stage = world.stage
    rng = stage.rng("blocklists")
    seen: dict[int, float] = {}
    for operation in world.operations:
        for proxy in operation.proxies:
            if proxy.listed_at < stage.seconds:
                moved = stage.cast.moved.get(proxy.host)
                late = moved is not None and proxy.listed_at > moved[1]
                seen[moved[0] if late and moved else proxy.host] = proxy.listed_at
    stale = some(rng, stage.cast.hosts, round(stage.mix.stale_share * len(stage.cast.hosts)))
    for host in stale.tolist():
        seen.setdefault(host, -float(heavy(rng, 200 * HOUR, 1.0, 1)[0]))
    outside = some(rng, stage.outside("radiation", 1, "eyeball"), 40)
    drivers: dict[int, float] = {int(host): -1e5 for host in outside}
    for operation in world.operations:
        for address in some(rng, operation.drivers, len(operation.drivers) // 4).tolist():
            drivers[address] = rng.uniform(-48 * HOUR, stage.seconds)
    long_ago = instant(world, -1000 * HOUR)
    return {
        PROXY_LIST: _entries(world, seen),
        DRIVER_LIST: _entries(world, drivers),
        POLICY_LIST: [(stage.places.own_networks()[0], long_ago)],
    }


def _entries(world: World, seen: dict[int, float]) -> list[tuple[str, str]]:
    places = world.stage.places
    texts = places.text(np.array(list(seen), dtype=np.int64))
    moments = [instant(world, second) for second in seen.values()]
    return sorted(zip(texts, moments, strict=True))


def as_text(name: str, entries: list[tuple[str, str]]) -> str:
    """The list as its publisher would write it: one subject a line."""
    return f"# {name}\n" + "".join(f"{subject}\n" for subject, _ in entries)
