"""How long the lab plays, how busy it is, and which dice it throws."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One play. Times are seconds of real time; rates are per host."""

    name: str
    seconds: int  # from the first act to the last
    seed: int
    subscribers: int  # innocent ones that browse, poll push servers, set their clocks
    browse_gap_s: float  # mean pause between two fetches of one subscriber
    keepalive_s: float  # period of push connections
    clock_gap_s: float  # mean pause between two time requests of one subscriber
    poll_period_s: float  # of hijacked hosts at their master
    hijacked_from_s: float  # the first proxy appears
    hijacked_until_s: float  # the last one does
    mails_per_proxy: int
    mails_in: int  # lawful mail that arrives at the mail server
    newsletters: int
    scanned_ports: tuple[int, ...]
    active_timeout_s: int  # the exporter cuts long flows here
    idle_timeout_s: int

    def seeded(self, seed: int) -> "Scenario":
        """The same play with other dice."""
        return replace(self, seed=seed)


FULL = Scenario(
    name="full",
    seconds=540,
    seed=1,
    subscribers=80,
    browse_gap_s=15.0,
    keepalive_s=20.0,
    clock_gap_s=32.0,
    poll_period_s=20.0,
    hijacked_from_s=70.0,
    hijacked_until_s=150.0,
    mails_per_proxy=110,
    mails_in=220,
    newsletters=120,
    scanned_ports=(22, 25, 80, 443, 1080, 3128, 8080, 8888),
    active_timeout_s=60,
    idle_timeout_s=30,
)

SHORT = Scenario(
    name="short",
    seconds=100,
    seed=1,
    subscribers=60,
    browse_gap_s=8.0,
    keepalive_s=6.0,
    clock_gap_s=16.0,
    poll_period_s=5.0,
    hijacked_from_s=14.0,
    hijacked_until_s=24.0,
    mails_per_proxy=64,
    mails_in=70,
    newsletters=60,
    scanned_ports=(25, 1080, 3128, 8080),
    active_timeout_s=15,
    idle_timeout_s=12,
)
