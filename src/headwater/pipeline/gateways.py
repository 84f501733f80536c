"""Gateways: whom hosts dial to be used, for who asks of outsiders."""

from collections.abc import Collection, Iterable

import pyarrow as pa

from headwater.pipeline.answer import DIALLED
from headwater.records.finding import Finding

CALL_BY_CALL = "dials-back"  # the kind of claim
GATEWAYS = pa.schema([("server", pa.string())])


def as_gateways(hosts: Collection[str], claims: Iterable[Finding]) -> pa.Table:
    """All that ``hosts`` dial for each errand, and of each host the surest of any kind.

    Gateways take turns: who is sent on errands by a dozen is seen to be by each.
    """
    asked = set(hosts)
    dialled = sorted(
        (claim for claim in claims if claim.kind in DIALLED and claim.subject in asked),
        key=lambda claim: (claim.confidence, str(claim.proof["peer"])),  # of equals always one
    )
    surest = {claim.subject: claim for claim in dialled}
    each = [claim for claim in dialled if claim.kind == CALL_BY_CALL]
    servers = {str(claim.proof["peer"]) for claim in (*surest.values(), *each)}
    return pa.Table.from_pylist([{"server": peer} for peer in sorted(servers)], GATEWAYS)
