"""Settings that are allowed but hardly meant."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from headwater.cli.remark import Level, Remark
from headwater.records.settings import EXAMPLE_NETWORK, Network, Settings

# Wider than any one operator holds: the largest allocations are an IPv4 /8 and an IPv6 /16.
WIDEST: Final = {4: 8, 6: 16}
MOST_COMPARED: Final = 2000


def remarks_on_settings(settings: Settings) -> Iterator[Remark]:
    """Own networks that are missing, an example, too wide or nested; accusations ruled out."""
    own = settings.own_networks
    if not own:
        yield Remark(
            level=Level.BROKEN,
            what="own_networks is empty: no host is yours, so none can be a proxy",
            do="write your prefixes into own_networks",
        )
    if own == (EXAMPLE_NETWORK,):
        yield Remark(
            level=Level.ODD,
            what=f"own_networks is still the example, {EXAMPLE_NETWORK}",
            do="write your own prefixes into own_networks",
        )
    yield from _too_wide(own)
    yield from _nested(own)
    yield from _pardoned(settings)


def _too_wide(own: tuple[Network, ...]) -> Iterator[Remark]:
    for network in own:
        if network.prefixlen < WIDEST[network.version]:
            yield Remark(
                level=Level.ODD,
                what=f"own_networks holds {network}, wider than any one operator's network",
                do="name only your own prefixes: outside drivers would count as your hosts",
            )


def _nested(own: tuple[Network, ...]) -> Iterator[Remark]:
    for one, other in combinations(own[:MOST_COMPARED], 2):
        if one.version == other.version and one.overlaps(other):
            yield Remark(
                level=Level.ODD,
                what=f"own_networks holds both {one} and {other}, which overlap",
                do="leave out the narrower one",
            )


def _pardoned(settings: Settings) -> Iterator[Remark]:
    for key in ("mail_servers", "lawful_proxies", "never_accuse"):
        for network in getattr(settings, key):
            for own in settings.own_networks:
                if network.version == own.version and network.supernet_of(own):
                    yield Remark(
                        level=Level.ODD,
                        what=f"{key} holds {network}, all of your {own}",
                        do=f"name single addresses in {key}: nothing in {own} can be found now",
                    )
