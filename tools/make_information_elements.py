"""Write the register of IPFIX information elements that Headwater reads.

The published register is at https://www.iana.org/assignments/ipfix/; this script takes a
copy of it from inside a package that carries one, and keeps facts only: number, name,
abstract type (RFC 7012 section 3.1).

    pip download --no-deps --no-binary :all: netflow==0.12.2 && tar xzf netflow-0.12.2.tar.gz
    python tools/make_information_elements.py netflow-0.12.2/netflow/ipfix.py \
        "the list in PyPI package netflow 0.12.2" 2026-11-21
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src/headwater/wire/registers/information_elements.csv"
NEEDED = re.compile(
    r"(octet|packet)(Delta|Total)Count|post(Octet|Packet)DeltaCount"
    r"|(initiator|responder)(Octets|Packets)"
    r"|protocolIdentifier|nextHeaderIPv6|tcpControlBits|ipVersion|biflowDirection"
    r"|(source|destination)(IPv4Address|IPv6Address|TransportPort)"
    r"|(udp|tcp)(Source|Destination)Port"
    r"|bgp(Source|Destination)AsNumber|(in|e)gressInterface"
    r"|flow(Start|End)(SysUpTime|(Delta)?(Seconds|Milliseconds|Microseconds|Nanoseconds))"
    r"|flowDuration(Milliseconds|Microseconds)|systemInitTimeMilliseconds"
    r"|observationTime(Seconds|Milliseconds|Microseconds|Nanoseconds)"
    r"|sampling(Interval|PacketInterval|PacketSpace|Size|Population|Probability)"
    r"|samplerRandomInterval|samplerId|selectorId"
)


def elements(source: str) -> Iterator[tuple[int, str, str]]:
    """Every (number, name, abstract type) written as a tuple in ``source``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Tuple) and len(node.elts) == 3:
            values = [part.value for part in node.elts if isinstance(part, ast.Constant)]
            match values:
                case [int(number), str(name), str(kind)] if NEEDED.fullmatch(name):
                    yield number, name, kind


def main(copy: str, origin: str, fetched: str) -> None:
    lines = [
        "# source: IANA, IP Flow Information Export (IPFIX) Entities, Information Elements",
        f"# copied from: {origin}; cut to what Headwater reads",
        f"# fetched: {fetched}    by: tools/make_information_elements.py",
        "number,name,type",
        *(",".join(map(str, row)) for row in sorted(set(elements(Path(copy).read_text())))),
    ]
    TARGET.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
