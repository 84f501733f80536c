"""All operations, in the order in which they speak."""

from collections.abc import Callable, Iterator

from benchmarks.generator.hijacked import (
    callhome,
    fronts,
    relays,
    senders,
    shadows,
    testers,
    tunnels,
)
from benchmarks.generator.hijacked.plan import Operation, Proxy
from benchmarks.generator.stage import Stage
from benchmarks.generator.talk import Talk

WORK: dict[str, Callable[[Stage, Operation, Proxy], Iterator[Talk]]] = {
    "protected": relays.talks,
    "open": relays.talks,
    "harvester": relays.talks,
    "backconnect": tunnels.talks,
    "dial-back": tunnels.talks,
    "tunnel": tunnels.talks,
    "store-forward": senders.stored,
    "direct": senders.direct,
    "web-front": fronts.talks,
}


def talks(stage: Stage, operations: list[Operation]) -> Iterator[Talk]:
    """What hijacked hosts, drivers, masters and testers say."""
    for operation in operations:
        for proxy in operation.proxies:
            work = senders.open_relay if proxy.kind == "open-relay" else WORK[proxy.manner]
            yield from work(stage, operation, proxy)
        yield from callhome.talks(stage, operation)
        yield from shadows.talks(stage, operation)
    yield from testers.talks(stage, operations)
