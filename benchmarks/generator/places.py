"""Addresses: the operator's own, and an outside world of networks that hand them out.

Everything is a number until it is written: an own host or outside server is an id, and
only `text` knows what it looks like. Outside IPv4 comes from 240.0.0.0/4, which no real
network holds; IPv6 from 2001:db8::/32 (RFC 3849).
"""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

import numpy as np

from benchmarks.generator.draws import Floats, Ints, Rng, heavy, pick, ranks, zipf_weights

KINDS = ("eyeball", "hosting", "cloud", "business", "mail")
NETWORKS_OF_KIND = (160, 120, 12, 160, 30)
COUNTRIES = (
    "AA",
    "QM",
    "QN",
    "QO",
    "QP",
    "QQ",
    "QR",
    "QS",
    "XA",
    "XB",
    "XC",
    "XD",
)  # user-assigned
NETWORK_BITS = 15  # each outside network holds a /17: half for single hosts, half in /24s
OUTSIDE_BASE = 0xF0000000
OWN_BASE = 0x0A000000
IPV6_BIT = 1 << 28  # set in the id of a host's IPv6 address
OWN_IPV6 = 0x20010DB8FF00 << 80


@dataclass(slots=True)
class Places:
    """Who is where. Own ids come first: ``0 <= id < own_size``."""

    own_size: int
    own_bits: int
    country: Ints  # per network, an index into COUNTRIES
    kind: Ints  # per network, an index into KINDS
    singles: Ints  # hosts handed out one by one, per network
    blocks: Ints  # /24s handed out, per network
    shuffle: Ints  # odd multiplier per network: single hosts are scattered
    distance_s: Floats  # round trip to each network
    outside: list[Ints] = field(default_factory=list)  # IPv4 numbers by order of handing out
    handed_out: int = 0

    def draw(self, rng: Rng, count: int, kind: str, *, network: int | None = None) -> Ints:
        """Ids of new outside hosts, in networks of that kind (big ones more often)."""
        if network is None:
            members = np.flatnonzero(self.kind == KINDS.index(kind))
            chosen = members[pick(rng, zipf_weights(len(members), 0.7), count)]
        else:
            chosen = np.full(count, network, dtype=np.int64)
        order = np.argsort(chosen, kind="stable")
        sizes = np.bincount(chosen, minlength=len(self.kind)).astype(np.int64)
        place = np.empty(count, dtype=np.int64)
        place[order] = ranks(sizes)
        place += self.singles[chosen]
        self.singles += sizes
        offset = (place * self.shuffle[chosen] + 77) % (1 << (NETWORK_BITS - 1))
        return self._hand_out((chosen << NETWORK_BITS) + offset)

    def neighbours(self, rng: Rng, count: int, network: int) -> Ints:
        """Ids of up to 250 hosts that share one /24 of their own."""
        block = (1 << (NETWORK_BITS - 1)) + ((int(self.blocks[network]) << 8) % (1 << 14))
        self.blocks[network] += 1
        hosts = rng.permutation(np.arange(2, 252, dtype=np.int64))[:count]
        return self._hand_out((np.int64(network) << NETWORK_BITS) + block + hosts)

    def any_network(self, rng: Rng, kind: str) -> int:
        """The index of one network of that kind."""
        return int(rng.choice(np.flatnonzero(self.kind == KINDS.index(kind))))

    def _hand_out(self, offsets: Ints) -> Ints:
        first = self.own_size + self.handed_out
        self.outside.append(offsets)
        self.handed_out += len(offsets)
        return np.arange(first, first + len(offsets), dtype=np.int64)

    def is_own(self, ids: Ints) -> np.typing.NDArray[np.bool_]:
        """Whether each address belongs to the operator."""
        return (ids & (IPV6_BIT - 1)) < self.own_size

    def network_of(self, ids: Ints) -> Ints:
        """The outside network of each address; -1 for own ones."""
        plain = ids & (IPV6_BIT - 1)
        own = plain < self.own_size
        every = np.concatenate([*self.outside, np.zeros(1, dtype=np.int64)])
        found = every[np.where(own, 0, plain - self.own_size)] >> NETWORK_BITS
        return np.where(own, -1, found)

    def round_trip(self, ids: Ints) -> Floats:
        """Seconds from the edge router to each host and back, without jitter."""
        network = self.network_of(ids)
        spread = ((ids * 2654435761) % 1000) / 1000.0  # each host has its own last mile
        own = 0.004 + 0.03 * spread**2
        return np.where(network < 0, own, self.distance_s[network] * (0.8 + 0.5 * spread))

    def text(self, ids: Ints) -> list[str]:
        """Canonical addresses (RFC 5952)."""
        every = np.concatenate([*self.outside, np.zeros(1, dtype=np.int64)])
        plain = (ids & (IPV6_BIT - 1)).tolist()
        six = ((ids & IPV6_BIT) != 0).tolist()
        return [
            self._one(number, is_six, every) for number, is_six in zip(plain, six, strict=True)
        ]

    def _one(self, number: int, six: bool, every: Ints) -> str:
        if number < self.own_size:
            return (
                str(IPv6Address(OWN_IPV6 | number))
                if six
                else str(IPv4Address(OWN_BASE + number))
            )
        offset = int(every[number - self.own_size])
        if six:
            network = offset >> NETWORK_BITS
            return str(IPv6Address(((0x20010DB80000 + network) << 80) | (offset & 0x7FFF)))
        return str(IPv4Address(OUTSIDE_BASE + offset))

    def own_networks(self) -> list[str]:
        """The operator's prefixes."""
        four = f"{IPv4Address(OWN_BASE)}/{32 - self.own_bits}"
        return [four, f"{IPv6Address(OWN_IPV6)}/48"]

    def networks(self) -> list[tuple[str, int, str, str]]:
        """Outside prefixes with AS number, AS name and country."""
        rows = []
        for index in range(len(self.kind)):
            number = 4_200_000_000 + index  # private use, RFC 6996
            name = f"{KINDS[self.kind[index]]}-{index}"
            country = COUNTRIES[self.country[index]]
            four = IPv4Address(OUTSIDE_BASE + (index << NETWORK_BITS))
            six = IPv6Address((0x20010DB80000 + index) << 80)
            rows.append((f"{four}/{32 - NETWORK_BITS}", number, name, country))
            rows.append((f"{six}/48", number, name, country))
        return rows


def make_places(rng: Rng, subscribers: int, dark_share: float) -> Places:
    """An outside world, and room for the subscribers and some dark addresses."""
    kinds = np.repeat(np.arange(len(KINDS)), NETWORKS_OF_KIND).astype(np.int64)
    kinds = rng.permutation(kinds)
    count = len(kinds)
    bits = int(np.ceil(np.log2(max(256, subscribers * (1 + dark_share)))))
    near = np.where(np.isin(kinds, [KINDS.index("cloud")]), 0.012, 0.06)
    return Places(
        own_size=1 << bits,
        own_bits=bits,
        country=rng.integers(0, len(COUNTRIES), count),
        kind=kinds,
        singles=np.zeros(count, dtype=np.int64),
        blocks=rng.integers(0, 8, count).astype(np.int64),
        shuffle=(rng.integers(100, 8000, count) * 2 + 1).astype(np.int64),
        distance_s=heavy(rng, near, 0.7, count, low=0.003, high=0.4),
    )
