"""Spam through hijacked hosts, and their calls home."""

from collections.abc import Iterator
from random import Random

from headwater.lab import addresses as world
from headwater.lab.acts import Act, Deed, Hop
from headwater.lab.cast import MASTER_PORTS, Cast, Hijacked, Stage
from headwater.lab.scenario import Scenario
from headwater.lab.script.rhythm import by_clock, in_bursts, mail_size

AFTER_START_S = 5.0  # a new proxy has to be heard of first
BEFORE_END_S = 8.0


def write(scenario: Scenario, cast: Cast) -> list[Act]:
    """Acts of drivers, bots and everybody who calls a master."""
    dice = Random(f"{scenario.seed}:abuse")
    acts: list[Act] = []
    for host in cast.hijacked:
        acts += _spam(scenario, dice, host)
    for master in MASTER_PORTS:
        for address in cast.clients_of(master):
            acts += _poll(scenario, dice, address, cast.stage_of(address), master)
    return acts


def _moments(scenario: Scenario, dice: Random, host: Hijacked) -> list[float]:
    start = max(host.starts_at, 10.0) + AFTER_START_S
    count = int(scenario.mails_per_proxy * dice.uniform(0.95, 1.15))
    return in_bursts(dice, start, scenario.seconds - BEFORE_END_S, count)


def _spam(scenario: Scenario, dice: Random, host: Hijacked) -> Iterator[Act]:
    sender = f"offer{dice.randrange(100_000)}@m113-12.example"
    for at in _moments(scenario, dice, host):
        if host.program == "postfix":
            yield _submission(at, dice, host, sender)
        else:
            yield _spam_mail(at, dice, host, sender)


def _exchanger(dice: Random, refusing: float) -> str:
    if dice.random() < refusing:
        return dice.choice(world.STERN_EXCHANGERS)
    return dice.choice(world.EXCHANGERS)


def _recipient(dice: Random, exchanger: str) -> str:
    return f"user{dice.randrange(100_000)}@{world.mail_domain(exchanger)}"


def _spam_mail(at: float, dice: Random, host: Hijacked, sender: str) -> Act:
    """One mail to one exchanger, through the host's proxy or by the host itself."""
    exchanger = _exchanger(dice, 0.45 if host.kind == "direct-sender" else 0.2)
    inside = host.kind == "direct-sender"
    return Act(
        at=at,
        stage=host.stage if inside else Stage.NET,
        do=Deed.MAIL,
        src=_origin(dice, host),
        dst=exchanger,
        port=25,
        label=f"spam {host.address}",
        size=mail_size(dice),
        sender=sender,
        recipients=(_recipient(dice, exchanger),),
        hop=_hop(host),
    )


def _origin(dice: Random, host: Hijacked) -> str:
    if host.kind == "direct-sender":
        return host.address
    if host.tunnel_exit is not None:
        return "127.0.0.1"
    return dice.choice(host.drivers)


def _hop(host: Hijacked) -> Hop | None:
    if host.tunnel_exit is not None:
        return Hop(kind="socks5", address="127.0.0.1", port=host.tunnel_exit)
    if host.port is None:
        return None
    return Hop(
        kind="connect" if host.program == "tinyproxy" else "socks5",
        address=host.address,
        port=host.port,
        user=host.user,
        password=host.password,
    )


def _submission(at: float, dice: Random, relay: Hijacked, sender: str) -> Act:
    """One mail for several recipients, left at an open relay."""
    exchangers = {_exchanger(dice, 0.2) for _ in range(dice.randint(2, 5))}
    return Act(
        at=at,
        stage=Stage.NET,
        do=Deed.MAIL,
        src=dice.choice(relay.drivers),
        dst=relay.address,
        port=25,
        label=f"spam {relay.address}",
        size=mail_size(dice),
        sender=sender,
        recipients=tuple(_recipient(dice, exchanger) for exchanger in sorted(exchangers)),
    )


def _poll(
    scenario: Scenario, dice: Random, address: str, stage: Stage, master: str
) -> Iterator[Act]:
    start = dice.uniform(1, 1 + scenario.poll_period_s)
    for at in by_clock(dice, start, scenario.seconds, scenario.poll_period_s, 0.05):
        orders = dice.choice((220, 220, 220, 1400))  # mostly "nothing new"
        yield Act(
            at=at,
            stage=stage,
            do=Deed.FETCH,
            src=address,
            dst=master,
            port=MASTER_PORTS[master],
            label=f"poll {master}",
            size=260,
            reply=orders,
        )
