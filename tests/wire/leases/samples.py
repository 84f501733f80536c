"""Small files of every format, and what reading them gives in a form easy to compare."""

from collections.abc import Iterable
from datetime import UTC, datetime

from headwater.records.intake import Refused
from headwater.records.lease import Lease
from headwater.records.window import from_us, to_us
from headwater.wire.leases.claims import Told

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def at(clock: str) -> int:
    """Microseconds of a time of day on 2026-03-01 UTC."""
    hour, minute, second = (*clock.split(":"), "0")[:3]
    return to_us(DAY.replace(hour=int(hour), minute=int(minute), second=int(second)))


def clock(instant: int | None) -> str:
    return "" if instant is None else from_us(instant).strftime("%H:%M:%S")


def brief(told: Iterable[Told]) -> list[str]:
    """Each lease on one line: held, start, sure, end, told, subscriber, session."""
    lines = []
    for one in told:
        if isinstance(one, Refused):
            lines.append(f"{one.position}: {one.reason}")
            continue
        ports = "" if one.port_from is None else f" {one.port_from}-{one.port_to}"
        times = "|".join(map(clock, (one.starts_us, one.sure_us, one.ends_us, one.told_us)))
        lines.append(f"{one.held}{ports} {times} {one.subscriber} {one.session}".strip())
    return lines


def leases(told: Iterable[Told]) -> list[Lease]:
    return [one for one in told if isinstance(one, Lease)]


ISC = """\
# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;

lease 192.0.2.10 {
  starts 0 2026/03/01 09:00:00;
  ends 0 2026/03/01 11:00:00;
  cltt 0 2026/03/01 09:00:00;
  binding state active;
  hardware ethernet 0:00:5E:00:53:01;
  uid "\\001\\000^\\000S\\001";
  client-hostname "odd } name;";
}
lease 192.0.2.10 {
  starts 0 2026/03/01 09:00:00;
  ends 0 2026/03/01 09:30:00;
  binding state free;
  hardware ethernet 00:00:5e:00:53:01;
}
lease 192.0.2.11 {
  starts epoch 1772355600; # Sun Mar 01 09:00:00 2026
  ends never;
  binding state active;
  hardware ethernet 00:00:5e:00:53:02;
  option agent.circuit-id 0:1:3:e9;
  option agent.remote-id "line-7";
}
ia-pd "\\001\\000\\000\\000\\000\\003\\000\\001\\000\\000^\\000S\\001" {
  cltt 0 2026/03/01 09:00:00;
  iaprefix 2001:db8:1::/56 {
    binding state active;
    preferred-life 300;
    max-life 600;
    ends 0 2026/03/01 09:10:00;
    on expiry { log (debug, "gone"); }
  }
}
"""

KEA4 = """\
address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
192.0.2.10,00:00:5e:00:53:01,,3600,1772359200,1,0,0,,0,,0
192.0.2.11,,01:02:03,3600,1772359800,1,0,0,a&#x2cb,0,{ "a": 1&#x2c "b": 2 },0
192.0.2.10,00:00:5e:00:53:01,,0,1772355600,1,0,0,,0,,0
"""

KEA6 = """\
address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context
2001:db8::10,00:03:00:01,600,1772356200,1,300,0,1,128,0,0,,,0,
2001:db8:1::,00:03:00:01,600,1772356200,1,300,2,1,56,0,0,,,2,
"""

DETAIL = """\
Sun Mar  1 09:00:00 2026
\tUser-Name = "alice"
\tAcct-Status-Type = Start
\tAcct-Session-Id = "s1"
\tFramed-IP-Address = 192.0.2.10
\tDelegated-IPv6-Prefix = 2001:db8:1::/56
\tEvent-Timestamp = "Mar  1 2026 09:00:00 UTC"
\tTimestamp = 1772355660

Sun Mar  1 09:10:01 2026
\tUser-Name = "alice"
\tAcct-Status-Type = Interim-Update
\tAcct-Session-Id = "s1"
\tAcct-Session-Time = 600
\tAcct-Delay-Time = 1
\tFramed-IP-Address = 192.0.2.10
\tEvent-Timestamp = "Mar  1 2026 10:10:00 CET"
\tTimestamp = 1772356201

Sun Mar  1 09:30:00 2026
\tCalling-Station-Id = "00-00-5E-00-53-01"
\tAcct-Status-Type = Stop
\tAcct-Session-Id = "s1"
\tAcct-Session-Time = 1800
\tFramed-IP-Address = 192.0.2.10
"""

RADACCT = """\
acctuniqueid,username,framedipaddress,framedipv6prefix,delegatedipv6prefix,acctstarttime,acctupdatetime,acctstoptime
u1,alice,192.0.2.10,,2001:db8:1::/56,2026-03-01 09:00:00,2026-03-01 09:20:00,2026-03-01 09:30:00
u2,bob,192.0.2.11,,,2026-03-01 09:00:00,2026-03-01 09:20:00,NULL
"""

BLOCKS = """\
address,port_from,port_to,starts,ends,subscriber
192.0.2.1,1024,2047,2026-03-01T09:00:00Z,2026-03-01T10:00:00Z,alice
192.0.2.1,2048,3071,2026-03-01T09:00:00Z,,"bob, b"
"""

PLAIN = """\
prefix;from;until;customer
2001:db8:1::/56;2026-03-01T09:00:00Z;2026-03-01T10:00:00Z;alice
192.0.2.1;1772355600;;bob
"""
