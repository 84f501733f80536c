"""Work off the queue of names: ask whoever may be asked now, keep what they say."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from headwater.domains.facts import facts_of
from headwater.lake.tables import Lake
from headwater.pipeline.domain_facts import keep
from headwater.pipeline.look_up_domain import Doors, Lookup, look_up, registry_of
from headwater.records.domain import DomainFact, Standing
from headwater.sources.registry_queue import RegistryQueue, Turn

Now = Callable[[], datetime]
AT_ONCE: Final = 8  # registries
MOST_KEPT: Final = 64  # answers that are lost where a round is cut off


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What one round did."""

    asked: int
    answered: int
    refused: int


def follow(
    queue: RegistryQueue, doors: Doors, lake: Lake, now: Now, at_once: int = AT_ONCE
) -> Followed:
    """One round: each registry whose turn it is answers for one name. Run it again.

    Up to ``at_once`` registries are asked at the same time, none of them twice: a slow one
    keeps nobody waiting. Facts are kept before the queue forgets their names.
    """
    turns = queue.due(now().timestamp())
    asked = answered = 0
    for start in range(0, len(turns), MOST_KEPT):
        some = turns[start : start + MOST_KEPT]
        lookups = _looked_up([turn.name for turn in some], doors, now, at_once)
        at = now()
        keep(lake, [fact for lookup in lookups for fact in kept_facts(lookup, at)])
        settled = [settle(queue, *one, at) for one in zip(some, lookups, strict=True)]
        asked, answered = asked + len(settled), answered + sum(settled)
    return Followed(asked=asked, answered=answered, refused=asked - answered)


def _looked_up(names: list[str], doors: Doors, now: Now, at_once: int) -> list[Lookup]:
    today = f"{now():%Y-%m-%d}"
    pool = ThreadPoolExecutor(max_workers=at_once)
    try:
        return list(pool.map(lambda name: look_up(name, doors, today), names))
    finally:
        pool.shutdown(cancel_futures=True)  # who interrupts waits for those who speak now


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
    """The rows of every answer that agrees with what they amount to.

    Where RDAP has a domain that WHOIS does not know, "no such domain" would end it.
    """
    return [
        fact
        for said in lookup.said
        if said.answer.standing is lookup.standing or said.answer.standing is not Standing.FREE
        for fact in facts_of(lookup.name, said.answer, said.source, at)
    ]


def settle(queue: RegistryQueue, turn: Turn, lookup: Lookup, at: datetime) -> bool:
    """Tell the queue how it went; whether the name was answered for."""
    if lookup.standing is Standing.ASK_AGAIN:
        queue.refused(turn, at.timestamp(), lookup.retry_after)
        return False
    queue.answered(turn, lookup.standing, at.timestamp())
    return True
