"""From the queue through a registry into the lake and out again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from headwater.domains.known import known
from headwater.lake.tables import Lake
from headwater.pipeline.domain_facts import facts_about, keep
from headwater.pipeline.follow_domains import Followed, ask_now, follow
from headwater.pipeline.look_up_domain import Doors
from headwater.records.domain import DomainFact, Standing
from headwater.records.errors import RemoteFault
from headwater.sources.rdap_client import Reply
from headwater.sources.registry_queue import Pace, RegistryQueue
from headwater.wire.rdap_bootstrap import Bootstrap

WHOIS = "whois.registry.example"
FULL = b"Domain Name: shop.test\nCreation Date: 2003-09-26\nName Server: a.example.net\n"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Door:
    """A registry whose answers are set by the test."""

    def __init__(self) -> None:
        self.answer: bytes | None = FULL
        self.asked = 0

    def __call__(self, server: str, line: bytes) -> bytes:
        self.asked += 1
        if self.answer is None:
            raise RemoteFault(f"{server}: silent")
        return self.answer.replace(b"shop.test", line.strip())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def doors(door: Door) -> Doors:
    return Doors(
        rdap=lambda url: Reply(code=404, body=b"", host=url),
        whois=door,
        bootstrap=Bootstrap(published="", bases={}),
        may_ask_whois=lambda host: False,
        whois_server=lambda name: WHOIS,
    )


@pytest.fixture
def queue(tmp_path: Path) -> RegistryQueue:
    return RegistryQueue(tmp_path / "queue.sqlite", Pace(between=2, first_refusal=300))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def test_a_round_asks_and_keeps(
    queue: RegistryQueue, doors: Doors, lake: Lake, clock: Clock
) -> None:
    queue.add([("shop.test", WHOIS), ("other.test", WHOIS)], clock().timestamp())
    assert follow(queue, doors, lake, clock) == Followed(asked=1, answered=1, refused=0)
    assert follow(queue, doors, lake, clock).asked == 0  # the pace
    names = {fact.name for fact in facts_about(lake, ["shop.test", "other.test"])}
    assert len(names) == 1


def test_the_facts_come_back(
    queue: RegistryQueue, doors: Doors, lake: Lake, clock: Clock
) -> None:
    ask_now("shop.test", queue, doors, lake, clock)
    found = known("shop.test", facts_about(lake, ["shop.test"]))
    assert found.standing is Standing.REGISTERED
    assert found.registered is not None
    assert (found.registered.value, found.registered.source) == ("2003-09-26", f"whois:{WHOIS}")
    assert found.nameservers == ("a.example.net",)
    assert facts_about(lake, ["elsewhere.test"]) == []


def test_nothing_is_asked_twice(
    queue: RegistryQueue, doors: Doors, lake: Lake, clock: Clock, door: Door
) -> None:
    assert ask_now("shop.test", queue, doors, lake, clock) is not None
    assert ask_now("shop.test", queue, doors, lake, clock) is None
    clock.now += timedelta(days=31)
    assert ask_now("shop.test", queue, doors, lake, clock) is not None
    assert door.asked == 2


def test_a_silent_registry_is_left_alone_and_the_name_waits(
    queue: RegistryQueue, doors: Doors, lake: Lake, clock: Clock, door: Door
) -> None:
    door.answer = None
    ask_now("shop.test", queue, doors, lake, clock)
    assert queue.waiting() == 1
    assert follow(queue, doors, lake, clock).asked == 0
    clock.now += timedelta(seconds=301)
    assert follow(queue, doors, lake, clock) == Followed(asked=1, answered=0, refused=1)
    door.answer = FULL
    clock.now += timedelta(seconds=601)
    assert follow(queue, doors, lake, clock).answered == 1
    assert queue.waiting() == 0
    assert facts_about(lake, ["shop.test"])


def test_registries_are_asked_side_by_side(lake: Lake, clock: Clock, tmp_path: Path) -> None:
    count, at_once = 72, 4
    barrier = Barrier(at_once, timeout=30)  # passed only where four ask at the same time

    def whois(server: str, line: bytes) -> bytes:
        barrier.wait()
        return FULL.replace(b"shop.test", line.strip())

    doors = Doors(
        rdap=lambda url: Reply(code=404, body=b"", host=url),
        whois=whois,
        bootstrap=Bootstrap(published="", bases={}),
        may_ask_whois=lambda host: False,
        whois_server=lambda name: f"whois.{name}",
    )
    queue = RegistryQueue(tmp_path / "many.sqlite", Pace())
    names = [f"shop{number}.test" for number in range(count)]
    queue.add([(name, f"whois.{name}") for name in names], clock().timestamp())
    told = follow(queue, doors, lake, clock, at_once=at_once)
    assert told == Followed(asked=count, answered=count, refused=0)
    assert {fact.name for fact in facts_about(lake, names)} == set(names)
    assert queue.waiting() == 0


def test_a_round_that_is_cut_off_forgets_no_name(
    queue: RegistryQueue, lake: Lake, clock: Clock, doors: Doors
) -> None:
    def broken(server: str, line: bytes) -> bytes:
        raise KeyboardInterrupt

    queue.add([("shop.test", WHOIS)], clock().timestamp())
    with pytest.raises(KeyboardInterrupt):
        follow(queue, replace(doors, whois=broken), lake, clock)
    assert queue.waiting() == 1
    assert follow(queue, doors, lake, clock).answered == 1


def test_whois_that_does_not_know_a_domain_of_rdap_does_not_end_it(
    queue: RegistryQueue, lake: Lake, clock: Clock, doors: Doors, door: Door
) -> None:
    undated = b'{"ldhName": "shop.test", "nameservers": [{"ldhName": "a.example.net"}]}'
    door.answer = b"No match for shop.test\n"
    base = {"test": ("https://rdap.registry.example/",)}
    two = replace(
        doors,
        rdap=lambda url: Reply(code=200, body=undated, host="rdap.registry.example"),
        bootstrap=Bootstrap(published="", bases=base),
    )
    lookup = ask_now("shop.test", queue, two, lake, clock)
    assert lookup is not None
    assert [str(said.answer.standing) for said in lookup.said] == ["registered", "free"]
    found = known("shop.test", facts_about(lake, ["shop.test"]))
    assert (found.standing, found.nameservers) == (Standing.REGISTERED, ("a.example.net",))


def test_an_empty_lake_knows_nothing(lake: Lake) -> None:
    assert facts_about(lake, ["shop.test"]) == []
    keep(lake, [])
    assert lake.rows("domains") == 0
    at = datetime(2026, 1, 1, tzinfo=UTC)
    row = DomainFact(name="a.test", fact="registered", value="2003-09-26", as_of=at, source="s")
    keep(lake, [row])
    assert facts_about(lake, ["a.test"]) == [row]
