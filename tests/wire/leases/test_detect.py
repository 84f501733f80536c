from datetime import UTC

import pytest
from tests.wire.leases import samples

from headwater.records.lease import Lease, LeaseFormat
from headwater.wire.leases.detect import detect, read_leases

SAMPLES = {
    samples.ISC: LeaseFormat.ISC_DHCPD,
    samples.KEA4: LeaseFormat.KEA,
    samples.KEA6: LeaseFormat.KEA,
    samples.DETAIL: LeaseFormat.RADIUS_DETAIL,
    samples.RADACCT: LeaseFormat.RADIUS_CSV,
    samples.BLOCKS: LeaseFormat.CGN_BLOCKS,
    samples.PLAIN: LeaseFormat.CSV,
}


@pytest.mark.parametrize("text", SAMPLES, ids=[str(kind) for kind in SAMPLES.values()])
def test_each_sample_is_recognised_and_read(text: str) -> None:
    kind = detect(text.splitlines())
    assert kind is SAMPLES[text]
    told = list(read_leases(text.splitlines(), kind, "f", UTC))
    assert told
    assert all(isinstance(one, Lease) for one in told)


@pytest.mark.parametrize("text", ["", "\n", "hello", "address,colour\n192.0.2.1,red"])
def test_other_texts_are_not_taken_for_leases(text: str) -> None:
    assert detect(text.splitlines()) is None
