"""Asking: two questions at a time, each asked and its answer judged."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Final, TypeVar

# Much of a question is done by one thread (small steps, the answer's rows), and judging all of
# it: another question fills the time. A third would only need memory.
AT_ONCE: Final = 2
AHEAD: Final = 3  # questions taken up whose answers are not yet heard: one waits for its turn
Asked = TypeVar("Asked")
Told = TypeVar("Told")


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
    ask: Callable[[Asked], Told],
    all_asked: Iterable[Asked],
    meanwhile: Sequence[Callable[[], None]] = (),
) -> Iterator[tuple[Asked, Told]]:
    """The answer to each, in their order, while the next ones are asked.

    What to ask is taken as late as can be, for it may come with as much as is told of it.
    ``meanwhile``: what else there is to do once the first are asked.
    """
    coming = iter(all_asked)

    def begun(count: int) -> list[tuple[Asked, Future[Told]]]:
        return [(each, pool.submit(ask, each)) for each in islice(coming, count)]

    waiting = deque(begun(AHEAD))
    for each in meanwhile:
        pool.submit(each)
    while waiting:
        asked, told = waiting.popleft()
        told.result()
        waiting.extend(begun(1))
        yield asked, told.result()
