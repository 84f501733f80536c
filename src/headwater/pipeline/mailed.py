"""Mailed: for whom relays pass mail on, for who asks of outsiders."""

from collections.abc import Iterable

import pyarrow as pa

from headwater.records.finding import Finding

MAILED = pa.schema([("client", pa.string()), ("host", pa.string()), ("port", pa.int32())])


def as_mailed(claims: Iterable[Finding]) -> pa.Table:
    """Each visitor for whom a relay's port sends mail on."""
    told = {
        (visitor, claim.subject, claim.proof["port"])
        for claim in claims
        for visitor in claim.proof.get("mailed_for", ())
    }
    rows = [dict(zip(MAILED.names, each, strict=True)) for each in sorted(told)]
    return pa.Table.from_pylist(rows, schema=MAILED)
