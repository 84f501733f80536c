"""The WHOIS client against servers of our own on loopback."""

import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from headwater.lab.registries import Manner, Registry, whois_servers
from headwater.records.errors import RemoteFault
from headwater.sources.whois_client import Patience, ask_whois

HOST: Final = "whois.registry.example"
USUAL: Final = Patience()
QUICK: Final = Patience(seconds=0.3, bytes=4096)
Ask = Callable[..., bytes]


@pytest.fixture
def registry() -> Registry:
    return Registry(otherwise=Manner(body=b"No match\r\n"))


@pytest.fixture
def ask(registry: Registry) -> Iterator[Ask]:
    with whois_servers({HOST: registry}) as connect:

        def ask(
            line: bytes = b"shop.example\r\n", host: str = HOST, patience: Patience = USUAL
        ) -> bytes:
            return ask_whois(host, line, connect, time.monotonic, patience)

        yield ask


def test_one_line_out_and_the_whole_answer_back(ask: Ask, registry: Registry) -> None:
    body = b"Domain: shop.example\r\n" * 2000
    registry.answers["-T dn shop.example"] = Manner(body=body)
    assert ask(b"-T dn shop.example\r\n") == body
    assert registry.asked == ["-T dn shop.example"]


def test_an_answer_in_pieces_is_put_together(ask: Ask, registry: Registry) -> None:
    registry.otherwise = Manner(body=b"Domain: shop.example\r\n", pause_s=0.02)
    assert ask() == b"Domain: shop.example\r\n"


def test_an_endless_answer_is_cut(ask: Ask, registry: Registry) -> None:
    registry.otherwise = Manner(body=b"x" * 100_000)
    assert ask(patience=QUICK) == b"x" * 4096


def test_a_slow_server_is_given_up(ask: Ask, registry: Registry) -> None:
    registry.otherwise = Manner(body=b"late", pause_s=5)
    with pytest.raises(RemoteFault, match=r"no whole answer in 0.3 s"):
        ask(patience=QUICK)


def test_a_server_that_drips_is_given_up(ask: Ask, registry: Registry) -> None:
    registry.otherwise = Manner(body=b"ab", pause_s=0.25)
    with pytest.raises(RemoteFault, match="no whole answer"):
        ask(patience=QUICK)


def test_silence_is_a_fault_of_theirs(ask: Ask, registry: Registry) -> None:
    registry.otherwise = Manner(body=b"")
    with pytest.raises(RemoteFault, match="empty answer"):
        ask()
    registry.otherwise = Manner(body=b"Domain", cut_after=0)
    with pytest.raises(RemoteFault, match=HOST):
        ask()


def test_nobody_there(ask: Ask) -> None:
    with pytest.raises(RemoteFault, match="nobody there"):
        ask(host="whois.elsewhere.example")
