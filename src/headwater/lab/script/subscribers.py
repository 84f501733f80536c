"""What every home does, hijacked or not: browse, hold push connections, ask the time, share."""

from collections.abc import Iterator
from random import Random

from headwater.lab import addresses as world
from headwater.lab.acts import Act, Deed
from headwater.lab.cast import Cast, Stage
from headwater.lab.scenario import Scenario
from headwater.lab.script.rhythm import by_chance, by_clock, mail_size, page_size

SHARE_PORT = 40_000  # the first peer listens here, the next one port higher
WEB_PORTS = (80, 443)


def write(scenario: Scenario, cast: Cast) -> list[Act]:
    """Acts of all homes."""
    dice = Random(f"{scenario.seed}:subscribers")
    hosts = [*cast.subscribers, *(h.address for h in cast.hijacked if h.program != "postfix")]
    acts: list[Act] = []
    for host in [*hosts, *cast.sleepers]:
        stage = cast.stage_of(host)
        acts += _browse(scenario, dice, host, stage, world.WEB_SERVERS)
        acts += _push(scenario, dice, host, stage)
        acts += _clock(scenario, dice, host, stage)
    for host in world.V6_SUBSCRIBERS:
        acts += _browse(scenario, dice, host, Stage.HOMES, world.WEB_SERVERS_V6)
    acts += _share(scenario, dice)
    acts += _provider_mail(scenario, dice)
    acts += _telemetry(scenario, dice)
    return acts


def _browse(
    scenario: Scenario, dice: Random, host: str, stage: Stage, sites: tuple[str, ...]
) -> Iterator[Act]:
    for at in by_chance(dice, 0, scenario.seconds - 1, scenario.browse_gap_s):
        if "." in host:
            yield _question(at, stage, host, world.RESOLVER, 53, "resolve")
        yield Act(
            at=at + 0.1,
            stage=stage,
            do=Deed.FETCH,
            src=host,
            dst=dice.choice(sites),
            port=dice.choice(WEB_PORTS),
            label="browse",
            size=dice.randint(200, 900),
            reply=page_size(dice),
        )


def _push(scenario: Scenario, dice: Random, host: str, stage: Stage) -> Iterator[Act]:
    """Six of ten phones stay connected to one of three push servers."""
    if dice.random() > 0.6:
        return
    begin = dice.uniform(0, 10)
    yield Act(
        at=begin,
        stage=stage,
        do=Deed.HOLD,
        src=host,
        dst=dice.choice(world.PUSH_SERVERS),
        port=world.PUSH_PORT,
        label="push",
        size=dice.randint(30, 60),
        period=scenario.keepalive_s,
        lasting=scenario.seconds - begin,
    )


def _clock(scenario: Scenario, dice: Random, host: str, stage: Stage) -> Iterator[Act]:
    if dice.random() > 0.4:
        return
    server = dice.choice(world.TIME_SERVERS)
    start = dice.uniform(0, scenario.clock_gap_s)
    for at in by_clock(dice, start, scenario.seconds, scenario.clock_gap_s, 0.01):
        yield _question(at, stage, host, server, 123, "clock")


def _question(at: float, stage: Stage, src: str, dst: str, port: int, label: str) -> Act:
    size = 48 if port == 123 else 36  # RFC 5905 section 7.3: an NTP header has 48 octets
    return Act(
        at=at, stage=stage, do=Deed.ASK, src=src, dst=dst, port=port, label=label, size=size
    )


def peer_port(peer: str) -> int:
    """Where this peer listens, TCP and UDP."""
    return SHARE_PORT + int(peer.rsplit(".", 1)[1])


def _share(scenario: Scenario, dice: Random) -> Iterator[Act]:
    """Peers open conversations with each other in both directions: many in, many out."""
    sides = ((Stage.HOMES, world.PEERS_INSIDE, world.PEERS_OUTSIDE),
             (Stage.NET, world.PEERS_OUTSIDE, world.PEERS_INSIDE))  # fmt: skip
    for stage, ours, theirs in sides:
        for peer in ours:
            for at in by_chance(dice, 0, scenario.seconds, 80.0 / len(theirs)):
                other = dice.choice(theirs)
                yield Act(
                    at=at,
                    stage=stage,
                    do=dice.choice((Deed.SWAP, Deed.ASK, Deed.ASK)),
                    src=peer,
                    dst=other,
                    port=peer_port(other),
                    label="share",
                    size=dice.randint(60, 900),
                    reply=page_size(dice),
                )


def _provider_mail(scenario: Scenario, dice: Random) -> Iterator[Act]:
    """Homes that write a few mails a day, by way of their provider."""
    for host in world.MAIL_USERS:
        for _ in range(dice.randint(3, 6)):
            yield Act(
                at=round(dice.uniform(0, scenario.seconds), 3),
                stage=Stage.HOMES,
                do=Deed.MAIL,
                src=host,
                dst=world.PROVIDER_MAIL,
                port=dice.choice((25, 587)),
                label="provider mail",
                size=mail_size(dice),
                sender="somebody@home.example",
                recipients=("friend@m113-10.example",),
            )


def _telemetry(scenario: Scenario, dice: Random) -> Iterator[Act]:
    """As regular as malware, to a place as rare as a master, and lawful."""
    for host in world.TELEMETRY_USERS:
        start = dice.uniform(0, scenario.poll_period_s)
        for at in by_clock(dice, start, scenario.seconds, scenario.poll_period_s, 0.03):
            yield Act(
                at=at,
                stage=Stage.HOMES,
                do=Deed.FETCH,
                src=host,
                dst=world.TELEMETRY,
                port=8080,
                label="telemetry",
                size=180,
                reply=220,
            )
