"""A list as a plain zone file: any authoritative server can carry it."""

from collections.abc import Iterable, Iterator

from headwater.outputs.list_zone import Listed, ListZone, absolute, lines, quoted, slices


def render_zonefile(zone: ListZone, listed: Iterable[Listed]) -> Iterator[bytes]:
    """Each name and a wildcard below it, A and, where there are texts, TXT."""
    yield _head(zone)
    for whole in listed:
        for piece in slices(whole):
            names, addresses = piece.subjects, piece.addresses
            yield lines([names, " A ", addresses, "\n*.", names, " A ", addresses, "\n"])
            if piece.texts is not None:
                end = [' TXT "', quoted(piece.texts), '"\n']
                yield lines([names, *end, "*.", names, *end])


def _head(zone: ListZone) -> bytes:
    first = absolute(zone.servers[0])
    head = [
        f"$ORIGIN {absolute(zone.origin)}",
        f"$TTL {zone.ttl}",
        f"@ SOA {first} {zone.mailbox_name} {zone.timers}",
        *(f"@ NS {absolute(server)}" for server in zone.servers),
        "test A 127.0.1.1",  # RFC 5782 section 5
        'test TXT "test entry"',
    ]
    return ("\n".join(head) + "\n").encode()
