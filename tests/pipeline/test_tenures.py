"""Tenures say of every instant what ``who`` says of it."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from headwater.pipeline.tenures import tenures
from headwater.pipeline.who import LeaseBook
from headwater.records.tables import LEASES
from headwater.records.window import from_us

ADDRESSES = ["192.0.2.1", "192.0.2.2", "2001:db8:0:100::7"]
HELD = [*ADDRESSES[:2], "192.0.2.0/30", "2001:db8:0:100::/56", "2001:db8:0:100::/64"]
MOMENT = st.integers(0, 60)
LEASE = st.tuples(
    st.sampled_from(HELD), MOMENT, MOMENT, st.none() | MOMENT, st.sampled_from("abc"),
    st.sampled_from(["", "one"]), st.sampled_from([None, 1000]),
)  # fmt: skip


def book(leases: list[tuple[str, int, int, int | None, str, str, int | None]]) -> LeaseBook:
    """Starts, lengths that are sure, and what was promised beyond them, in microseconds."""
    rows = [
        {
            "held": held, "port_from": port, "port_to": port and port + 99,
            "starts_at": from_us(start), "sure_until": from_us(start + sure),
            "ends_at": None if more is None else from_us(start + sure + more),
            "told_at": from_us(start + sure), "subscriber": subscriber, "session": session,
            "source": "dhcp",
        }
        for held, start, sure, more, subscriber, session, port in leases
    ]  # fmt: skip
    return LeaseBook(pa.Table.from_pylist(rows, schema=LEASES), timedelta(microseconds=3))


@given(st.lists(LEASE, min_size=1, max_size=8))
def test_tenures_are_what_who_says_instant_by_instant(
    leases: list[tuple[str, int, int, int | None, str, str, int | None]],
) -> None:
    asked = book(leases)
    found = tenures(asked, ADDRESSES)
    at = np.arange(-10, 260)
    for address in ADDRESSES:
        told = asked.subscribers([address] * len(at), at)
        mine: list[str | None] = [None] * len(at)
        for one in (each for each in found if each.tenure.address == address):
            for place, moment in enumerate(at.tolist()):
                if one.tenure.since_us <= moment < one.tenure.until_us:
                    assert mine[place] is None
                    mine[place] = one.subscriber
        assert mine == told


def test_the_length_of_what_was_leased_is_told() -> None:
    asked = book(
        [
            ("192.0.2.1", 0, 50, 0, "a", "", None),
            ("2001:db8:0:100::/56", 0, 50, 0, "a", "", None),
        ]
    )
    found = {one.tenure.address: one.prefix for one in tenures(asked, ADDRESSES)}
    assert found == {"192.0.2.1": 32, "2001:db8:0:100::7": 56}


def test_addresses_that_nobody_held() -> None:
    assert tenures(book([("192.0.2.1", 0, 50, 0, "a", "", None)]), ["192.0.2.9"]) == []
    assert tenures(book([("192.0.2.1", 0, 50, 0, "a", "", None)]), []) == []
