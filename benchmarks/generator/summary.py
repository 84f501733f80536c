"""Tables that show whether a world looks like a network."""

import numpy as np

from benchmarks.generator.world import World, each_label, octets_of, packets_of


def by_actor(world: World) -> str:
    """Conversations, packets and octets of each actor."""
    packets, octets = packets_of(world), octets_of(world)
    head = ("conversations", "packets", "MB", "median B", "p99 B")
    widths = (14, 14, 12, 12, 12)
    titles = "".join(f"{name:>{width}}" for name, width in zip(head, widths, strict=True))
    lines = [f"{'actor':18}{titles}"]
    for label, mine in each_label(world):
        sizes = octets[mine]
        middle, high = np.percentile(sizes, [50, 99]) if len(sizes) else (0, 0)
        lines.append(
            f"{label:18}{mine.sum():14,}{packets[mine].sum():14,}{sizes.sum() / 1e6:12,.1f}"
            f"{middle:12,.0f}{high:12,.0f}"
        )
    return "\n".join(lines)


def by_host(world: World) -> str:
    """Conversations per own host and hour, in percentiles over hosts."""
    said, cast = world.conversations, world.stage.cast
    size = world.stage.places.own_size
    plain = [said[side].astype(np.int64) & ((1 << 28) - 1) for side in ("client", "server")]
    lines = [
        f"{'per host and hour':22}"
        + "".join(f"{p:>9}" for p in ("p10", "p50", "p90", "p99", "max"))
    ]
    for name, side in zip(("opened by own hosts", "opened to own hosts"), plain, strict=True):
        counts = np.bincount(side[side < size], minlength=size)[cast.hosts] / world.stage.hours
        values = np.percentile(counts, [10, 50, 90, 99, 100])
        lines.append(f"{name:22}" + "".join(f"{value:9.1f}" for value in values))
    return "\n".join(lines)


def by_operation(world: World) -> str:
    """Hijacked hosts and what went through them."""
    said = world.conversations
    lines = []
    for operation in world.operations:
        hosts = [proxy.host for proxy in operation.proxies]
        mine = np.isin(said["subject"], hosts)
        lines.append(
            f"{operation.name:14}{operation.manner:15}{len(hosts):4} hosts "
            f"{len(operation.drivers):4} drivers ({operation.rotation}) "
            f"{len(operation.masters):2} masters {int(mine.sum()):9,} conversations"
        )
    return "\n".join(lines)
