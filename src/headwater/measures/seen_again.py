"""How likely one packet more is sampled of what was sampled at all."""

from headwater.measures.coupling import Legs


def seen_again(legs: Legs, visits: slice, sampling: int) -> float:
    """Of a visit that was seen (I. J. Good, Biometrika 40, 1953): as likely as that of a visit
    both legs are seen, where these take as many packets."""
    packets = (legs.up_packets[visits] + legs.down_packets[visits]) / sampling
    once = int((packets < 1.5).sum())
    return round(max(1.0 - once / max(float(packets.sum()), 1.0), 0.0), 2)
