"""The RDAP client against servers of our own on loopback."""

import time
from collections.abc import Callable, Iterator

import pytest

from headwater.lab.registries import LOOPBACK, Manner, Registry, rdap_server
from headwater.records.errors import RemoteFault
from headwater.sources.rdap_client import Bounds, Reply, ask_rdap, make_client, next_address

Ask = Callable[..., Reply]
SMALL = Bounds(seconds=0.5, bytes=1000, redirects=3)


@pytest.fixture
def registry() -> Registry:
    return Registry(otherwise=Manner(code=404))


@pytest.fixture
def ask(registry: Registry) -> Iterator[Ask]:
    with rdap_server(registry) as base, make_client("test", 0.4) as client:

        def ask(path: str = "domain/shop.example", bounds: Bounds = SMALL) -> Reply:
            url = path if "://" in path else base + path
            return ask_rdap(url, client, lambda h: h == LOOPBACK, time.monotonic, bounds)

        yield ask


def to(place: str, code: int = 302) -> Manner:
    return Manner(code=code, headers={"Location": place})


def test_a_reply_with_its_code_and_body(ask: Ask, registry: Registry) -> None:
    registry.answers["domain/shop.example"] = Manner(body=b"{}")
    assert ask() == Reply(code=200, body=b"{}", host=LOOPBACK)
    assert ask("domain/free.example").code == 404


def test_redirects_are_followed_so_far(ask: Ask, registry: Registry) -> None:
    registry.answers["domain/shop.example"] = to("/a/1")
    registry.answers["a/1"] = to("2", 301)
    registry.answers["a/2"] = Manner(body=b"{}")
    assert ask().body == b"{}"
    registry.answers["a/2"] = to("/a/1", 307)
    with pytest.raises(RemoteFault, match="more than 3 redirects"):
        ask()


@pytest.mark.parametrize(
    "place", ["http://192.0.2.1/", "ftp://127.0.0.1/", "file:///etc/hosts", "http://[", "//"]
)
def test_redirects_elsewhere_are_refused(ask: Ask, registry: Registry, place: str) -> None:
    registry.answers["domain/shop.example"] = to(place)
    with pytest.raises(RemoteFault):
        ask()


@pytest.mark.parametrize(
    ("before", "onward", "after"),
    [
        ("https://a.example/x/y", "z", "https://a.example/x/z"),
        ("https://a.example/x", "//b.example/y", "https://b.example/y"),
        ("http://a.example/x", "https://b.example/", "https://b.example/"),
        ("http://a.example/x", "http://b.example/", "http://b.example/"),
        ("https://a.example/x", "http://a.example/x", None),  # what was encrypted stays so
        ("https://a.example/x", "ftp://a.example/x", None),
        ("http://a.example/x", "file:///etc/hosts", None),
        ("http://a.example/x", "http://[", None),
    ],
)
def test_where_a_redirect_may_lead(before: str, onward: str, after: str | None) -> None:
    if after is not None:
        assert next_address(before, onward) == after
        return
    with pytest.raises(RemoteFault):
        next_address(before, onward)


def test_how_long_to_wait_is_passed_on(ask: Ask, registry: Registry) -> None:
    registry.otherwise = Manner(code=429, headers={"Retry-After": "120"})
    assert (ask().code, ask().retry_after) == (429, 120.0)
    registry.otherwise = Manner(code=429, headers={"Retry-After": "99999999999"})
    assert ask().retry_after == 7 * 86_400
    for odd in ("tomorrow", "\u00b2", "-1", ""):
        registry.otherwise = Manner(code=429, headers={"Retry-After": odd})
        assert ask().retry_after is None


@pytest.mark.parametrize(
    "manner",
    [
        Manner(body=b"x" * 2000),  # too much
        Manner(body=b"{}", pause_s=3),  # too slow
        Manner(body=b"{" * 500, cut_after=20),  # broken off
    ],
)
def test_what_goes_wrong_is_a_fault_of_theirs(
    ask: Ask, registry: Registry, manner: Manner
) -> None:
    registry.otherwise = manner
    with pytest.raises(RemoteFault, match=LOOPBACK):
        ask()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://registry.example/", "http:///x"]
)
def test_nobody_there(ask: Ask, url: str) -> None:
    with pytest.raises(RemoteFault):
        ask(url)
