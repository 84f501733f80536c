"""For the report: what is new since an earlier hunt, and what went away."""

from collections.abc import Iterable, Iterator

from headwater.records.answer import Answer, Master, Proxy, Upstream
from headwater.records.report import Changes, Moved

Row = Proxy | Upstream | Master


def changes(now: Answer, before: Answer | None) -> Changes:
    """``now`` against ``before``; where there is no before, everything is new."""
    then = before or Answer(
        window=now.window, proxies=(), upstreams=(), masters=(), operations=(),
        counts=now.counts,
    )  # fmt: skip
    return Changes(
        before=before.window if before else None,
        proxies=_beyond(now.proxies, then.proxies),
        upstreams=_beyond(now.upstreams, then.upstreams),
        masters=_beyond(now.masters, then.masters),
        next_suspects=tuple(_unless(_suspects(now), {*_suspects(then), *_names(then.proxies)})),
        gone_proxies=_beyond(then.proxies, now.proxies),
        gone_upstreams=_beyond(then.upstreams, now.upstreams),
        gone_masters=_beyond(then.masters, now.masters),
        moved=tuple(_moved(now, then)),
    )


def _names(rows: Iterable[Row]) -> list[str]:
    return [row.address for row in rows]


def _beyond(rows: Iterable[Row], others: Iterable[Row]) -> tuple[str, ...]:
    return tuple(_unless(_names(rows), set(_names(others))))


def _unless(addresses: Iterable[str], known: set[str]) -> Iterator[str]:
    return (address for address in addresses if address not in known)


def _suspects(answer: Answer) -> list[str]:
    """Each once, in the order of the masters."""
    return list(dict.fromkeys(s.address for m in answer.masters for s in m.next_suspects))


def _moved(now: Answer, then: Answer) -> Iterator[Moved]:
    kinds = {proxy.address: proxy.kind for proxy in then.proxies}
    for proxy in now.proxies:
        before = kinds.get(proxy.address, proxy.kind)
        if before != proxy.kind:
            yield Moved(address=proxy.address, before=before, now=proxy.kind)
