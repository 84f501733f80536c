"""What the headers of all templated export packets come down to."""

from typing import Final

from headwater.records.window import from_us

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
# Beyond these an exporter's clock is taken to be wrong: packets may be read long after
# they were sent (a queue, a replay), hardly before; a day forgives local time in a header.
LATE_US: Final = 31 * DAY
EARLY_US: Final = DAY


# One message of a datagram, plain because one is made per packet: observation domain,
# sequence number, time of export in microseconds, uptime in milliseconds (-1: this version
# does not say), the octet where the first set begins, and that behind the last one.
Header = tuple[int, int, int, int, int, int]


def export_time(exported_us: int, received_us: int) -> int:
    """The time of export. A header of zero has no clock; then the packet's arrival counts."""
    return exported_us or received_us


def clock_fault(exported_us: int, received_us: int) -> str:
    """Why a header's clock cannot be believed, else empty. No receipt time, no judgement."""
    if received_us <= 0 or -LATE_US <= exported_us - received_us <= EARLY_US:
        return ""
    exported, received = (
        f"{from_us(t):%Y-%m-%dT%H:%M:%SZ}" for t in (exported_us, received_us)
    )
    return f"exporter's clock is wrong: exported {exported}, received {received}"
