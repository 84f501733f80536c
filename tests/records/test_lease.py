import dataclasses

import pytest

from headwater.records.lease import EARLIEST_US, FOREVER_US, LATEST_US, Lease
from headwater.records.window import from_us


def test_a_lease_is_a_frozen_value_without_ports_or_session_by_default() -> None:
    lease = Lease(
        held="192.0.2.1", starts_us=1, sure_us=2, ends_us=None, told_us=1, subscriber="alice"
    )
    assert (lease.session, lease.port_from, lease.port_to) == ("", None, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        lease.subscriber = "bob"  # type: ignore[misc]


def test_forever_can_be_written_as_a_time() -> None:
    assert from_us(FOREVER_US).year == 9999
    assert EARLIEST_US < LATEST_US < FOREVER_US
