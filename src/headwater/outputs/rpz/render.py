"""A response policy zone: names a resolver shall deny, and names it shall never touch."""

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headwater.outputs.list_zone import Listed, ListZone, absolute, lines, slices


class Policy(StrEnum):
    """What the resolver does, as the CNAME's target says it."""

    NXDOMAIN = "."
    NODATA = "*."
    PASSTHRU = "rpz-passthru."
    DROP = "rpz-drop."
    TCP_ONLY = "rpz-tcp-only."


def render_rpz(
    zone: ListZone,
    listed: Iterable[Listed],
    *,
    policy: Policy = Policy.NXDOMAIN,
    exempt: Collection[str] = (),
) -> Iterator[bytes]:
    """Each listed name and all below it. ``exempt`` names are let through, and never denied.

    A name below an exempt one is let through as well, for the longest match counts.
    """
    yield _head(zone)
    spared = sorted({name.rstrip(".").lower() for name in exempt})
    for name in spared:
        yield f"{name} CNAME {Policy.PASSTHRU}\n*.{name} CNAME {Policy.PASSTHRU}\n".encode()
    functions: Any = pc
    keep_out = pa.array(spared, pa.string())
    for whole in listed:
        for piece in slices(whole):
            named = functions.is_in(piece.subjects, value_set=keep_out)
            names = piece.subjects.filter(functions.invert(named))
            end = f" CNAME {policy.value}\n"
            yield lines([names, end, "*.", names, end])


def _head(zone: ListZone) -> bytes:
    # No $ORIGIN: names are relative to whatever the resolver calls the zone.
    first = absolute(zone.servers[0])
    head = [
        f"$TTL {zone.ttl}",
        f"@ SOA {first} {zone.mailbox_name} {zone.timers}",
        *(f"@ NS {absolute(server)}" for server in zone.servers),
    ]
    return ("\n".join(head) + "\n").encode()
