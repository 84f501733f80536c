import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.errands import Errands

# (host, peer, instant, octets) of an errand; (host, peer, start, length) of a span.
ERRANDS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 50), st.integers(1, 9)),
    max_size=20,
)
SPANS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 50), st.integers(0, 20)),
    max_size=10,
)


def column(rows: list[tuple[int, int, int, int]], place: int) -> np.ndarray:
    return np.array([row[place] for row in rows], np.int64)


@given(ERRANDS, SPANS)
def test_every_errand_of_the_host_in_the_span_counts_but_those_to_the_peer(
    errands: list[tuple[int, int, int, int]], spans: list[tuple[int, int, int, int]]
) -> None:
    host, peer, began, octets = (column(errands, place) for place in range(4))
    amounts = (octets, np.ones(len(errands), np.int64))
    made = Errands(host=host, peer=peer, began_us=began, amounts=amounts)
    asked = [column(spans, place) for place in range(4)]
    found = made.meanwhile(asked[0], asked[1], asked[2], asked[2] + asked[3])
    for place, (whose, to, start, length) in enumerate(spans):
        met = [
            size
            for of, other, at, size in errands
            if of == whose and other != to and start <= at < start + length
        ]
        assert [int(each[place]) for each in found] == [sum(met), len(met)]
