"""Asking: the engine goes on with the next questions while an answer is judged."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Final

import pyarrow as pa

from headwater.records.detector import Detector

# Much of a question is done by one thread (small steps, the answer's rows): another question
# fills the time. A third would only need memory.
AT_ONCE: Final = 2
AHEAD: Final = 2  # questions asked, or answered and not yet judged


@contextmanager
def askers() -> Iterator[Executor]:
    """Threads that wait for the engine. Those that have not begun are left out in the end."""
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ask")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def answers_ahead(
    pool: Executor,
    ask: Callable[[Detector], pa.Table],
    detectors: Sequence[Detector],
    meanwhile: Sequence[Callable[[], None]] = (),
) -> Iterator[tuple[Detector, pa.Table]]:
    """Each detector's answer, in their order, while the next ones are asked.

    Answers are as large as what they tell of, so that only a few wait. ``meanwhile``: what
    else there is to do once the first are asked.
    """
    coming = iter(detectors)

    def asked(count: int) -> list[tuple[Detector, Future[pa.Table]]]:
        return [(each, pool.submit(ask, each)) for each in islice(coming, count)]

    waiting = deque(asked(AHEAD))
    for each in meanwhile:
        pool.submit(each)
    while waiting:
        detector, told = waiting.popleft()
        told.result()
        waiting.extend(asked(1))
        yield detector, told.result()
