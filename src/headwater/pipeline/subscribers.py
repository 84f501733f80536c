"""Who held each proxy's address when it was last seen as one."""

from dataclasses import replace

import numpy as np

from headwater.lake.tables import Lake
from headwater.pipeline.subjects import NOBODY_MOVED, Subjects
from headwater.pipeline.who import LeaseBook, rows_about
from headwater.records.answer import Answer, HeldAddress, NextSuspect, Proxy, Scanner, Scanning
from headwater.records.settings import Settings
from headwater.records.window import Window, from_us, to_us


def with_subscribers(
    answer: Answer, lake: Lake, settings: Settings, subjects: Subjects = NOBODY_MOVED
) -> Answer:
    """The answer in plain addresses, with its proxies' subscribers where no doubt is left.

    Of an address that many share no port is known for sure to be the proxy's own: there
    nobody is named.
    """
    plain = _in_addresses(answer, subjects)
    asked = [_when(proxy) for proxy in plain.proxies]
    asked += [_when_scanning(one, subjects, answer.window) for one in answer.scanning]
    if not asked or not lake.manifest("leases").files:
        return plain
    addresses = [address for address, _ in asked]
    margin = settings.leases.clocks()
    book = LeaseBook(rows_about(lake, addresses), margin)
    named = book.subscribers(addresses, np.array([at for _, at in asked], np.int64))
    count = len(plain.proxies)
    proxies = zip(plain.proxies, named[:count], strict=True)
    scanning = zip(plain.scanning, named[count:], strict=True)
    return replace(
        plain,
        proxies=tuple(replace(proxy, subscriber=name) for proxy, name in proxies),
        scanning=tuple(replace(one, subscriber=name) for one, name in scanning),
    )


def _when(proxy: Proxy) -> tuple[str, int]:
    """An address and a moment at which it was the proxy's."""
    if proxy.addresses:
        return proxy.addresses[-1].address, to_us(proxy.addresses[-1].since)
    return proxy.address, to_us(proxy.last_seen)


def _when_scanning(one: Scanning, subjects: Subjects, window: Window) -> tuple[str, int]:
    held = subjects.of(one.address)
    if held:
        return held[-1].address, max(held[-1].since_us, window.start_us)
    return one.address, to_us(one.last_seen)


def _in_addresses(answer: Answer, subjects: Subjects) -> Answer:
    """Each subject by the address that it held last."""
    if not subjects.tenures:
        return answer

    def now(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(subjects.now, names)))

    def suspects(found: tuple[NextSuspect, ...]) -> tuple[NextSuspect, ...]:
        return tuple(replace(one, address=subjects.now(one.address)) for one in found)

    return replace(
        answer,
        proxies=tuple(_proxy(one, subjects, answer.window) for one in answer.proxies),
        upstreams=tuple(replace(one, proxies=now(one.proxies)) for one in answer.upstreams),
        masters=tuple(
            replace(one, proxies=now(one.proxies), next_suspects=suspects(one.next_suspects))
            for one in answer.masters
        ),
        operations=tuple(replace(one, proxies=now(one.proxies)) for one in answer.operations),
        scanning=tuple(
            replace(one, address=subjects.now(one.address)) for one in answer.scanning
        ),
        scanners=tuple(_scanner(one, subjects) for one in answer.scanners),
    )


def _scanner(scanner: Scanner, subjects: Subjects) -> Scanner:
    changed = [replace(one, address=subjects.now(one.address)) for one in scanner.changed]
    answered = dict.fromkeys(map(subjects.now, scanner.answered_by))
    return replace(scanner, answered_by=tuple(answered), changed=tuple(changed))


def _proxy(proxy: Proxy, subjects: Subjects, window: Window) -> Proxy:
    held = tuple(
        HeldAddress(
            address=one.address,
            since=from_us(max(one.since_us, window.start_us)),
            until=from_us(min(one.until_us, window.end_us)),
        )
        for one in subjects.of(proxy.address)
    )
    return replace(proxy, address=subjects.now(proxy.address), addresses=held)
