"""Who held each proxy's address when it was last seen as one."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from headwater.lake.tables import Lake
from headwater.pipeline.who import LeaseBook, rows_about
from headwater.records.answer import Answer
from headwater.records.settings import Settings
from headwater.records.window import to_us


def with_subscribers(answer: Answer, lake: Lake, settings: Settings) -> Answer:
    """The answer with its proxies' subscribers, where the leases leave no doubt.

    Of an address that many share no port is known for sure to be the proxy's own: there
    nobody is named.
    """
    addresses = [proxy.address for proxy in answer.proxies]
    if not addresses or not lake.manifest("leases").files:
        return answer
    margin = timedelta(seconds=settings.leases.margin_s)
    moments = np.array([to_us(proxy.last_seen) for proxy in answer.proxies], np.int64)
    named = LeaseBook(rows_about(lake, addresses), margin).subscribers(addresses, moments)
    proxies = zip(answer.proxies, named, strict=True)
    return replace(
        answer, proxies=tuple(replace(proxy, subscriber=name) for proxy, name in proxies)
    )
