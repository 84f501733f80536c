"""Lawful business that looks like abuse: forwarded mail, a gateway, newsletters."""

from collections.abc import Iterator
from random import Random

from headwater.lab import addresses as world
from headwater.lab.acts import Act, Deed, Hop
from headwater.lab.cast import Stage
from headwater.lab.scenario import Scenario
from headwater.lab.script.rhythm import by_chance, mail_size, page_size

CORPORATE_DOMAIN = "corp.example"
FORWARDED = ("sales", "info", "club")  # mailboxes that live on at another domain
LOCAL = ("anna", "ben", "carla", "dora")
FIRST_EMPLOYEE_PORT = 9101  # loopback end of each employee's tunnel into the gateway


def write(scenario: Scenario) -> list[Act]:
    """Acts of companies and those who deal with them."""
    dice = Random(f"{scenario.seed}:companies")
    return [
        *_mail_in(scenario, dice),
        *_staff_mail(scenario, dice),
        *_newsletters(scenario, dice),
        *_bounces(scenario, dice),
        *_gateway(scenario, dice),
        *_visitors(scenario, dice),
    ]


def _mail(
    at: float, stage: Stage, src: str, dst: str, dice: Random, label: str, *recipients: str
) -> Act:
    return Act(
        at=round(at, 3),
        stage=stage,
        do=Deed.MAIL,
        src=src,
        dst=dst,
        port=25,
        label=label,
        size=mail_size(dice),
        sender=f"sender{dice.randrange(1000)}@m113-10.example",
        recipients=recipients,
    )


def _mail_in(scenario: Scenario, dice: Random) -> Iterator[Act]:
    for _ in range(scenario.mails_in):
        names = FORWARDED if dice.random() < 0.4 else LOCAL
        yield _mail(
            dice.uniform(0, scenario.seconds - 8),
            Stage.NET,
            dice.choice(world.SENDING_SERVERS),
            world.MAIL_SERVER,
            dice,
            "mail in",
            f"{dice.choice(names)}@{CORPORATE_DOMAIN}",
        )


def _staff_mail(scenario: Scenario, dice: Random) -> Iterator[Act]:
    """Staff hand mail to their server inside; only the server's own sessions are seen."""
    for _ in range(scenario.mails_in // 5):
        exchanger = dice.choice(world.EXCHANGERS)
        yield _mail(
            dice.uniform(0, scenario.seconds - 8),
            Stage.HOMES,
            world.STAFF,
            world.MAIL_SERVER,
            dice,
            "staff mail",
            f"partner@{world.mail_domain(exchanger)}",
        )


def _newsletters(scenario: Scenario, dice: Random) -> Iterator[Act]:
    for _ in range(scenario.newsletters):
        exchanger = dice.choice(world.EXCHANGERS)
        yield _mail(
            dice.uniform(0.3, 0.8) * scenario.seconds,
            Stage.HOMES,
            world.BULK_MAILER,
            exchanger,
            dice,
            "newsletter",
            f"reader{dice.randrange(1000)}@{world.mail_domain(exchanger)}",
        )


def _bounces(scenario: Scenario, dice: Random) -> Iterator[Act]:
    """Answers and bounces come back to whoever mails lawfully in bulk."""
    for _ in range(scenario.newsletters // 2):
        yield _mail(
            dice.uniform(0.05, 0.95) * scenario.seconds,
            Stage.NET,
            dice.choice(world.SENDING_SERVERS),
            world.BULK_MAILER,
            dice,
            "newsletter answer",
            "answers@news.example",
        )


def _gateway(scenario: Scenario, dice: Random) -> Iterator[Act]:
    """Employees outside read the web, inside and out, by way of the company's gateway."""
    for number, _ in enumerate(world.EMPLOYEES):
        tunnel = Hop(kind="socks5", address="127.0.0.1", port=FIRST_EMPLOYEE_PORT + number)
        for at in by_chance(dice, 5, scenario.seconds, scenario.browse_gap_s / 2):
            yield Act(
                at=at,
                stage=Stage.NET,
                do=Deed.FETCH,
                src="127.0.0.1",
                dst=dice.choice((*world.WEB_SERVERS, world.WEB_SITE)),
                port=80,
                label="gateway",
                size=dice.randint(200, 900),
                reply=page_size(dice),
                hop=tunnel,
            )


def _visitors(scenario: Scenario, dice: Random) -> Iterator[Act]:
    for at in by_chance(dice, 0, scenario.seconds, scenario.browse_gap_s / 10):
        yield Act(
            at=at,
            stage=Stage.NET,
            do=Deed.FETCH,
            src=dice.choice(world.VISITORS),
            dst=world.WEB_SITE,
            port=80,
            label="visit",
            size=dice.randint(200, 900),
            reply=page_size(dice),
        )
