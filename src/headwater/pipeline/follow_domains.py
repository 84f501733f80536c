"""Work off the queue of names: ask whoever may be asked now, keep what they say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headwater.domains.facts import facts_of
from headwater.lake.tables import Lake
from headwater.pipeline.domain_facts import keep
from headwater.pipeline.look_up_domain import Doors, Lookup, look_up, registry_of
from headwater.records.domain import DomainFact, Standing
from headwater.sources.registry_queue import RegistryQueue, Turn

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What one round did."""

    asked: int
    answered: int
    refused: int


def follow(queue: RegistryQueue, doors: Doors, lake: Lake, now: Now) -> Followed:
    """One round: each registry whose turn it is answers for one name. Run it again."""
    facts: list[DomainFact] = []
    answered = refused = 0
    for turn in queue.due(now().timestamp()):
        lookup = look_up(turn.name, doors, f"{now():%Y-%m-%d}")
        facts += kept_facts(lookup, now())
        if settle(queue, turn, lookup, now()):
            answered += 1
        else:
            refused += 1
    keep(lake, facts)
    return Followed(asked=answered + refused, answered=answered, refused=refused)


def ask_now(
    name: str, queue: RegistryQueue, doors: Doors, lake: Lake, now: Now
) -> Lookup | None:
    """Ask about one name at once; None where pace or an earlier answer forbids it.

    A name that may not be asked about now is queued.
    """
    registry = registry_of(name, doors)
    moment = now()
    if not queue.may_ask(name, registry, moment.timestamp()):
        queue.add([(name, registry)], moment.timestamp())
        return None
    lookup = look_up(name, doors, f"{moment:%Y-%m-%d}")
    keep(lake, kept_facts(lookup, now()))
    turn = Turn(name, registry)
    if not settle(queue, turn, lookup, now()):
        queue.add([turn], now().timestamp())
    return lookup


def kept_facts(lookup: Lookup, at: datetime) -> list[DomainFact]:
    """The rows of every answer."""
    return [
        fact
        for said in lookup.said
        for fact in facts_of(lookup.name, said.answer, said.source, at)
    ]


def settle(queue: RegistryQueue, turn: Turn, lookup: Lookup, at: datetime) -> bool:
    """Tell the queue how it went; whether the name was answered for."""
    if lookup.standing is Standing.ASK_AGAIN:
        queue.refused(turn, at.timestamp(), lookup.retry_after)
        return False
    queue.answered(turn, lookup.standing, at.timestamp())
    return True
