"""Who lives where: RFC 5737 and RFC 3849 addresses, which exist only in our namespaces."""

from typing import Final

OWN_V4: Final = "192.0.2.0/24"
OWN_V6: Final = "2001:db8:100::/48"
OWN_NETWORKS: Final = (OWN_V4, OWN_V6)
OUTSIDE_V4: Final = ("198.51.100.0/24", "203.0.113.0/24")
OUTSIDE_V6: Final = "2001:db8:f000::/36"

ROUTER_V4: Final = "192.0.2.1"
ROUTER_V6: Final = "2001:db8:100::1"
# The internet-facing link and the management link are the router's own business.
UPLINK_EDGE_V4: Final = "203.0.113.253"
UPLINK_NET_V4: Final = "203.0.113.254"
UPLINK_EDGE_V6: Final = "2001:db8:ffff::1"
UPLINK_NET_V6: Final = "2001:db8:ffff::2"
EXPORTER: Final = "203.0.113.249"
COLLECTOR: Final = "203.0.113.250"
COLLECTOR_PORT: Final = 2055


def _own(last: int) -> str:
    return f"192.0.2.{last}"


def _row(prefix: str, first: int, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}.{last}" for last in range(first, first + count))


# Own side.
MAIL_SERVER: Final = _own(40)
GATEWAY: Final = _own(41)
BULK_MAILER: Final = _own(42)
STAFF: Final = _own(43)  # writes mail by way of the mail server
WEB_SITE: Final = _own(44)
SLEEPER: Final = _own(72)  # hijacked, calls home, not used yet
FIRST_SUBSCRIBER: Final = 100
PEERS_INSIDE: Final = _row("192.0.2", FIRST_SUBSCRIBER, 8)  # subscribers that share files
MAIL_USERS: Final = _row("192.0.2", FIRST_SUBSCRIBER + 10, 3)  # mail by way of their provider
TELEMETRY_USERS: Final = _row("192.0.2", FIRST_SUBSCRIBER + 20, 6)
V6_SUBSCRIBERS: Final = tuple(f"2001:db8:100::{last:x}" for last in range(0x100, 0x114))
DARK: Final = _row("192.0.2", 200, 32)  # nobody was ever here

# Outside.
WEB_SERVERS: Final = _row("198.51.100", 10, 14)
WEB_SERVERS_V6: Final = tuple(f"2001:db8:f000::{last:x}" for last in range(0x10, 0x14))
PROVIDER_MAIL: Final = "198.51.100.25"
PUSH_SERVERS: Final = _row("198.51.100", 40, 3)
PUSH_PORT: Final = 5223
TIME_SERVERS: Final = _row("198.51.100", 45, 2)
TELEMETRY: Final = "198.51.100.48"  # asked as regularly as a master, by clean hosts only
RESOLVER: Final = "198.51.100.53"
TEST_PAGE: Final = "198.51.100.60"  # where proxy testers fetch through what they try
PEERS_OUTSIDE: Final = _row("198.51.100", 100, 20)
EMPLOYEES: Final = _row("198.51.100", 150, 6)
EXCHANGERS: Final = _row("203.0.113", 10, 18)  # take mail
STERN_EXCHANGERS: Final = _row("203.0.113", 28, 6)  # refuse recipients or whole sessions
SENDING_SERVERS: Final = _row("203.0.113", 40, 25)  # lawful MTAs that write to us
STRANGERS: Final = _row("203.0.113", 120, 30)  # use any open proxy they hear of
DRIVERS: Final = ("203.0.113.80", "203.0.113.81", "198.51.100.180")
MASTER_A: Final = "203.0.113.90"
MASTER_B: Final = "198.51.100.190"
TESTERS: Final = ("203.0.113.100", "198.51.100.200")
SCANNER: Final = "203.0.113.110"
VISITORS: Final = _row("203.0.113", 160, 30)  # read the own web site


def mail_domain(exchanger: str) -> str:
    """The domain whose mail this exchanger takes; every address has its own."""
    return f"m{'-'.join(exchanger.split('.')[2:])}.example"


OUTSIDE_ADDRESSES: Final = (
    *WEB_SERVERS, PROVIDER_MAIL, *PUSH_SERVERS, *TIME_SERVERS, TELEMETRY, RESOLVER, TEST_PAGE,
    *PEERS_OUTSIDE, *EMPLOYEES, *EXCHANGERS, *STERN_EXCHANGERS, *SENDING_SERVERS, *STRANGERS,
    *DRIVERS, MASTER_A, MASTER_B, *TESTERS, SCANNER, *VISITORS,
)  # fmt: skip
