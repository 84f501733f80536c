"""Gates: outsiders' ports at which own hosts meet them from ports of their own: called there.

Of a session that was open before the records begin, and of whose ports neither is known, nobody
knows who opened it. But who opens one has a new port each time (RFC 6056 section 3), and a
service keeps its own.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from headwater.records.finding import Finding

TUNNELS: Final = ("tunnel-in", "tunnel-out")
SEVERAL: Final = 2  # own ports that meet at one port of the outsider

Ports = dict[tuple[str, int], set[tuple[str, int]]]


def dialled(found: Iterable[Finding]) -> list[Finding]:
    """The findings, where tunnels that meet others at a gate are such that the hosts dial."""
    told = list(found)
    gates: Ports = {}
    doors: Ports = {}
    for tunnel in told:
        if tunnel.kind in TUNNELS:
            near, far = _ends(tunnel)
            gates.setdefault(far, set()).add(near)
            doors.setdefault(near, set()).add(far)

    def turned(tunnel: Finding) -> bool:
        if tunnel.kind != "tunnel-in" or not tunnel.proof["guessed"]:
            return False
        near, far = _ends(tunnel)
        from_ports = {port for _, port in gates[far]}
        return len(from_ports) >= SEVERAL > len(doors[near])

    return [replace(each, kind="tunnel-out") if turned(each) else each for each in told]


def _ends(tunnel: Finding) -> tuple[tuple[str, int], tuple[str, int]]:
    """The host's endpoint and the outsider's."""
    proof = tunnel.proof
    near, far = int(proof["near_port"]), int(proof["far_port"])
    return (tunnel.subject, near), (str(proof["peer"]), far)
