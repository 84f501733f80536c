"""Ask an RDAP server over HTTP (RFC 7480), in bounded time, size and number of redirects."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from headwater.records.errors import RemoteFault
from headwater.sources.registry_guard import Guard

ACCEPT: Final = "application/rdap+json, application/json;q=0.9"  # RFC 7480 section 4.2
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
LONGEST_WAIT: Final = 7 * 86_400.0  # seconds of a Retry-After that are believed

Elapsed = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one question may cost."""

    seconds: float = 20.0
    bytes: int = 1 << 20
    redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back in the end."""

    code: int
    body: bytes
    host: str
    retry_after: float | None = None  # seconds the server asks us to wait


def make_client(user_agent: str, seconds: float = 20.0) -> httpx.Client:
    """A client that follows nothing by itself and asks no proxy of the environment."""
    headers = {"Accept": ACCEPT, "User-Agent": user_agent}
    return httpx.Client(headers=headers, timeout=seconds, trust_env=False)


def ask_rdap(
    url: str, client: httpx.Client, guard: Guard, elapsed: Elapsed, bounds: Bounds
) -> Reply:
    """The reply at ``url`` or where it leads. Raises RemoteFault."""
    until = elapsed() + bounds.seconds
    for _ in range(bounds.redirects + 1):
        host = urlsplit(url).hostname or ""
        if not guard(host):
            raise RemoteFault(f"{host or url[:80]}: not a host to ask")
        try:
            reply, onward = _once(url, host, client, elapsed, until, bounds)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as why:
            raise RemoteFault(f"{host}: {type(why).__name__}: {why}") from why
        if onward is None:
            return reply
        url = next_address(url, onward)
    raise RemoteFault(f"{host}: more than {bounds.redirects} redirects")


def _once(
    url: str, host: str, client: httpx.Client, elapsed: Elapsed, until: float, bounds: Bounds
) -> tuple[Reply, str | None]:
    body = bytearray()
    with client.stream("GET", url) as answer:
        onward = answer.headers.get("Location")
        if answer.status_code in REDIRECTS and onward:
            return Reply(code=answer.status_code, body=b"", host=host), onward
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > bounds.bytes:
                raise RemoteFault(f"{host}: more than {bounds.bytes} bytes")
            if elapsed() > until:
                raise RemoteFault(f"{host}: no whole answer in {bounds.seconds:g} s")
        wait = _seconds(answer.headers.get("Retry-After"))
        return Reply(
            code=answer.status_code, body=bytes(body), host=host, retry_after=wait
        ), None


def next_address(before: str, onward: str) -> str:
    """The next address, as strict about encryption as the one before. Raises RemoteFault."""
    try:
        url = urljoin(before, onward)
        scheme = urlsplit(url).scheme
    except ValueError as why:
        raise RemoteFault(f"redirected to no address: {onward[:80]}") from why
    if scheme != "https" and (scheme != "http" or before.startswith("https:")):
        raise RemoteFault(f"redirected to {scheme or 'no'} address: {url[:80]}")
    return url


def _seconds(text: str | None) -> float | None:
    """Retry-After in seconds (RFC 9110 section 10.2.3); its date form is not used here."""
    if text is None or not text.strip().isdecimal():
        return None
    return min(float(text.strip()), LONGEST_WAIT)
