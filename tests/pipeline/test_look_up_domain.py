"""Registries of our own on loopback: who is asked, in which order, and what is made of it."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from headwater.lab.registries import LOOPBACK, Manner, Registry, rdap_server, whois_servers
from headwater.pipeline.look_up_domain import Doors, Lookup, look_up, registry_of
from headwater.records.domain import Standing
from headwater.sources.rdap_client import Bounds, Reply, ask_rdap, make_client
from headwater.sources.whois_client import Patience, ask_whois
from headwater.wire.rdap_bootstrap import Bootstrap
from headwater.wire.whois_servers import IANA

NAME: Final = "shop.example"
WHOIS: Final = "whois.registry.example"
REGISTRAR: Final = "whois.registrar.example"
THIN: Final = b"Domain Name: SHOP.EXAMPLE\nRegistrar WHOIS Server: whois.registrar.example\n"
FULL: Final = b"Domain Name: shop.example\nCreation Date: 2003-09-26\nRegistrar: One Ltd\n"


def rdap(**changes: Any) -> Manner:
    events = [{"eventAction": "registration", "eventDate": "2003-09-26T00:00:00Z"}]
    return Manner(body=json.dumps({"ldhName": NAME, "events": events, **changes}).encode())


@dataclass(slots=True)
class World:
    rdap: Registry = field(default_factory=lambda: Registry(otherwise=Manner(code=404)))
    other_rdap: Registry = field(default_factory=lambda: Registry(otherwise=Manner(code=404)))
    whois: dict[str, Registry] = field(
        default_factory=lambda: {host: Registry() for host in (WHOIS, REGISTRAR, IANA)}
    )
    bases: tuple[str, ...] = ()
    other_base: str = ""
    ask: Callable[..., Lookup] = field(default=lambda: Lookup(name="", said=()))

    def answer(self, manner: Manner) -> None:
        self.rdap.answers[f"domain/{NAME}"] = manner


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    with ExitStack() as held:
        world.bases = (held.enter_context(rdap_server(world.rdap)),)
        world.other_base = held.enter_context(rdap_server(world.other_rdap))
        connect = held.enter_context(whois_servers(world.whois))
        client = held.enter_context(make_client("test", 1))

        def by_rdap(url: str) -> Reply:
            return ask_rdap(url, client, lambda h: h == LOOPBACK, time.monotonic, Bounds())

        def by_whois(server: str, line: bytes) -> bytes:
            return ask_whois(server, line, connect, time.monotonic, Patience(seconds=1))

        def ask(
            name: str = NAME, *, with_rdap: bool = True, server: str | None = WHOIS
        ) -> Lookup:
            bases = {"example": world.bases} if with_rdap else {}
            doors = Doors(
                rdap=by_rdap,
                whois=by_whois,
                bootstrap=Bootstrap(published="", bases=bases),
                may_ask_whois=lambda host: host.endswith(".example"),
                whois_server=lambda _: server,
            )
            return look_up(name, doors, "2026-11-21")

        world.ask = ask
        yield world


def sources(lookup: Lookup) -> list[str]:
    return [said.source for said in lookup.said]


def registered(lookup: Lookup) -> str | None:
    return next((s.answer.registered for s in lookup.said if s.answer.registered), None)


def test_rdap_with_the_date_is_enough(world: World) -> None:
    world.answer(rdap())
    found = world.ask()
    assert sources(found) == [f"rdap:{LOOPBACK}"]
    assert (found.standing, registered(found)) == (Standing.REGISTERED, "2003-09-26T00:00:00Z")
    assert world.whois[WHOIS].asked == []


def test_no_such_domain_is_the_registrys_word(world: World) -> None:
    assert world.ask().standing is Standing.FREE
    assert world.whois[WHOIS].asked == []


def test_the_registrar_is_asked_where_the_registry_hides_the_date(world: World) -> None:
    link = {
        "rel": "related",
        "href": f"{world.other_base}domain/{NAME}",
        "type": "application/rdap+json",
    }
    world.answer(rdap(events=[], links=[link]))
    world.other_rdap.answers[f"domain/{NAME}"] = rdap()
    assert registered(world.ask()) == "2003-09-26T00:00:00Z"
    assert world.whois[WHOIS].asked == []


def test_a_registrar_that_lost_the_domain_does_not_make_it_free(world: World) -> None:
    link = {"rel": "related", "href": f"{world.other_base}domain/{NAME}"}
    world.answer(rdap(events=[], links=[link]))
    world.whois[WHOIS].otherwise = Manner(body=FULL)
    found = world.ask()
    assert found.standing is Standing.REGISTERED
    assert sources(found) == [f"rdap:{LOOPBACK}", f"whois:{WHOIS}"]
    assert registered(found) == "2003-09-26"


def test_whois_where_there_is_no_rdap(world: World) -> None:
    world.whois[WHOIS].otherwise = Manner(body=FULL)
    found = world.ask(with_rdap=False)
    assert sources(found) == [f"whois:{WHOIS}"]
    assert world.whois[WHOIS].asked == [NAME]


def test_a_referral_is_followed_once(world: World) -> None:
    world.whois[WHOIS].otherwise = Manner(body=THIN)
    world.whois[REGISTRAR].otherwise = Manner(body=THIN)  # refers to itself
    assert sources(world.ask(with_rdap=False)) == [f"whois:{WHOIS}", f"whois:{REGISTRAR}"]
    world.whois[REGISTRAR].otherwise = Manner(body=FULL)
    assert registered(world.ask(with_rdap=False)) == "2003-09-26"


def test_a_referral_inside_is_refused(world: World) -> None:
    world.whois[WHOIS].otherwise = Manner(
        body=THIN.replace(b"registrar.example", b"printer.lan")
    )
    found = world.ask(with_rdap=False)
    assert sources(found) == [f"whois:{WHOIS}"]
    assert (found.standing, registered(found)) == (Standing.REGISTERED, None)


def test_the_root_knows_servers_that_the_table_does_not(world: World) -> None:
    world.whois[IANA].otherwise = Manner(body=f"refer:        {WHOIS}\n\ndomain: X\n".encode())
    world.whois[WHOIS].otherwise = Manner(body=FULL)
    assert registered(world.ask(with_rdap=False, server=None)) == "2003-09-26"


def test_a_root_that_is_silent_is_asked_again(world: World) -> None:
    found = world.ask(with_rdap=False, server=None)
    assert (found.standing, sources(found)) == (Standing.ASK_AGAIN, [f"whois:{IANA}"])


@pytest.mark.parametrize(
    ("code", "body", "standing"),
    [
        (429, b"", Standing.ASK_AGAIN),
        (503, b"<html>", Standing.ASK_AGAIN),
        (200, b"<html>", Standing.CANNOT_SAY),
    ],
)
def test_what_failed_is_not_no(
    world: World, code: int, body: bytes, standing: Standing
) -> None:
    world.answer(Manner(code=code, body=body, headers={"Retry-After": "60"}))
    world.whois[WHOIS].otherwise = Manner(body=b"Invalid query\n")
    found = world.ask()
    assert found.standing is standing
    assert found.retry_after == (60.0 if code != 200 or body else None)


def test_a_refusal_by_whois_asks_again(world: World) -> None:
    world.whois[WHOIS] = Registry()
    world.whois[WHOIS].otherwise = Manner(body=b"Your query limit has been exceeded\n")
    assert world.ask(with_rdap=False, server=REGISTRAR).standing is Standing.ASK_AGAIN


def test_a_limit_is_met_while_asking(world: World) -> None:
    registry = world.whois[WHOIS]
    registry.otherwise = Manner(body=FULL)
    registry.limit, registry.refusal = 1, Manner(body=b"% Too many requests\n")
    assert world.ask(with_rdap=False).standing is Standing.REGISTERED
    assert world.ask(with_rdap=False).standing is Standing.ASK_AGAIN


def test_a_cut_connection_and_a_wrong_charset(world: World) -> None:
    text = "Domain Name: shop.example\nRegistrant: Müller & Søn\nCreation Date: 2003-09-26\n"
    world.whois[WHOIS].otherwise = Manner(body=text.encode("latin-1"))
    assert registered(world.ask(with_rdap=False)) == "2003-09-26"
    world.whois[WHOIS].otherwise = Manner(body=text.encode("latin-1"), cut_after=0)
    assert world.ask(with_rdap=False).standing is Standing.ASK_AGAIN


@pytest.mark.parametrize(("host", "asked"), [(REGISTRAR, True), ("printer.internal", False)])
def test_the_server_that_rdap_names_is_guarded(world: World, host: str, asked: bool) -> None:
    world.answer(rdap(events=[], port43=host))
    world.whois.setdefault(host, Registry()).otherwise = Manner(body=FULL)
    found = world.ask(server=None)
    assert bool(world.whois[host].asked) == asked
    assert (registered(found) == "2003-09-26") == asked


def test_an_answer_about_another_name_says_nothing(world: World) -> None:
    world.whois[WHOIS].otherwise = Manner(body=FULL.replace(b"shop.", b"other."))
    found = world.ask(with_rdap=False)
    assert found.standing is Standing.CANNOT_SAY
    assert registered(found) is None


def test_whose_pace_counts() -> None:
    doors = Doors(
        rdap=lambda url: Reply(code=404, body=b"", host=url),
        whois=lambda server, line: line,
        bootstrap=Bootstrap(published="", bases={"example": ("https://rdap.example/v1/",)}),
        may_ask_whois=lambda host: True,
        whois_server=lambda name: WHOIS if name.endswith(".test") else None,
    )
    assert registry_of("a.example", doors) == "rdap.example"
    assert registry_of("a.test", doors) == WHOIS
    assert registry_of("a.unheardof", doors) == IANA
