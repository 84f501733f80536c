"""What a mail session weighs, whoever sends it (RFC 5321), and how it goes wrong."""

from dataclasses import dataclass

import numpy as np

from benchmarks.generator.draws import Flags, Floats, Ints, Rng, heavy, odds
from benchmarks.generator.talk import FIN, REFUSED, RESET, SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Payload octets, seconds and endings of mail sessions."""

    up: Floats
    down: Floats
    span: Floats
    ending: Ints
    delivered: Flags
    up_units: Ints
    down_units: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How one sender's mail looks and is met."""

    median_size: float = 9000.0
    sigma: float = 1.1
    turned_away: float = 0.05  # at the greeting or a recipient: lists, greylisting
    unreachable: float = 0.02
    encrypted: float = 0.8  # STARTTLS
    pace_s: float = 0.9  # median length of a session


def sessions(rng: Rng, habits: Habits, size: int, refusal: Floats | None = None) -> Sessions:
    """Draw `size` sessions; `refusal` gives each its own chance of being turned away."""
    fate = rng.random(size)
    chance = habits.turned_away if refusal is None else refusal
    away = fate < chance
    at_greeting = away & odds(rng, 0.4, size)
    dead = (fate > 1.0 - habits.unreachable) & ~away
    words = rng.integers(70, 210, size) * 1.0  # EHLO, MAIL, RCPT, DATA, QUIT
    messages = heavy(rng, habits.median_size, habits.sigma, size, low=350, high=3e7)
    several = odds(rng, 0.07, size)
    messages = np.where(several, messages * rng.uniform(1.5, 4.0, size), messages)
    tls = odds(rng, habits.encrypted, size) & ~at_greeting
    up = words + np.where(away, 0.0, messages) + np.where(tls, rng.integers(600, 1900, size), 0)
    up = np.where(at_greeting, rng.choice([0, 0, 6, 25], size), up)
    down = rng.integers(230, 620, size) + np.where(tls, rng.integers(2500, 5200, size), 0)
    down = np.where(at_greeting, rng.integers(60, 240, size), down)
    span = heavy(rng, habits.pace_s, 0.9, size, low=0.25, high=300)
    cut = odds(rng, 0.04, size)
    ending = np.where(at_greeting & odds(rng, 0.5, size) | cut, RESET, FIN)
    ending = np.where(dead, np.where(odds(rng, 0.75, size), SILENT, REFUSED), ending)
    return Sessions(
        up=np.where(dead, 0.0, up),
        down=np.where(dead, 0.0, down),
        span=np.where(dead, 1.0, span),
        ending=ending.astype(np.int64),
        delivered=~away & ~dead,
        up_units=np.where(at_greeting, 1, rng.integers(4, 9, size)),
        down_units=np.where(at_greeting, 1, rng.integers(5, 10, size)),
    )
