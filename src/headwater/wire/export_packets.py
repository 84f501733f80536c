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


def dated(exported_us: int, received_us: int) -> tuple[int, str]:
    """The time of export, and why it cannot be believed (empty: it can).

    A header of zero has no clock; then the packet's arrival counts. Where that is not known
    either (zero), nothing is judged.
    """
    exported = exported_us or received_us
    if received_us <= 0 or -LATE_US <= exported - received_us <= EARLY_US:
        return exported, ""
    said, seen = (f"{from_us(t):%Y-%m-%dT%H:%M:%SZ}" for t in (exported, received_us))
    return exported, f"exporter's clock is wrong: exported {said}, received {seen}"
