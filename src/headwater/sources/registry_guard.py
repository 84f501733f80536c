"""Which hosts a registry may send us to: none of the operator's own, none on this machine."""

import socket
from collections.abc import Callable
from ipaddress import ip_address

Guard = Callable[[str], bool]  # whether a host may be asked


def outside_only(host: str) -> bool:
    """Whether every address of ``host`` is a public one.

    An answer of another system names the next host (a redirect, a referral, a link): it
    must not make us ask a printer in the operator's network.
    """
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return False
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    return bool(addresses) and all(a.is_global and not a.is_multicast for a in addresses)
