"""rbldnsd data files (rbldnsd(8), "DATASET TYPES AND FORMAT")."""

from collections.abc import Iterable, Iterator

from headwater.outputs.list_zone import Listed, ListZone, absolute, lines, quoted, slices

TEST_V4 = "127.0.0.2"  # RFC 5782 section 5
TEST_V6 = "::ffff:7f00:2"


def render_dnset(zone: ListZone, listed: Iterable[Listed]) -> Iterator[bytes]:
    """Domains and everything below them (".name"), and the test entry TEST."""
    yield _head(zone)
    yield b".test :127.0.1.1:test entry\n"
    for whole in listed:
        for piece in slices(whole):
            texts = [] if piece.texts is None else [quoted(piece.texts)]
            yield lines([".", piece.subjects, " :", piece.addresses, ":", *texts, "\n"])


def render_ip4trie(zone: ListZone, listed: Iterable[Listed]) -> Iterator[bytes]:
    """IPv4 addresses and prefixes."""
    yield from _trie(zone, listed, TEST_V4)


def render_ip6trie(zone: ListZone, listed: Iterable[Listed]) -> Iterator[bytes]:
    """IPv6 addresses and prefixes."""
    yield from _trie(zone, listed, TEST_V6)


def _trie(zone: ListZone, listed: Iterable[Listed], test: str) -> Iterator[bytes]:
    yield _head(zone)
    yield f"{test} :127.0.0.2:test entry\n".encode()
    for whole in listed:
        for piece in slices(whole):
            texts = [] if piece.texts is None else [quoted(piece.texts)]
            yield lines([piece.subjects, " :", piece.addresses, ":", *texts, "\n"])


def _head(zone: ListZone) -> bytes:
    servers = " ".join(absolute(server) for server in zone.servers)
    first = absolute(zone.servers[0])
    soa = f"$SOA {zone.ttl} {first} {zone.mailbox_name} {zone.timers}"
    return f"{soa}\n$NS {zone.ttl} {servers}\n$TTL {zone.ttl}\n".encode()
