import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.endpoints import addresses, endpoints, ports, protocols

ROW = st.tuples(st.integers(0, 255), st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1))


@given(st.lists(ROW, min_size=1, max_size=20))
def test_there_and_back(rows: list[tuple[int, int, int]]) -> None:
    protocol, address, port = np.array(rows, np.int64).T
    ends = endpoints(protocol, address, port)
    assert ends.min() >= 0
    assert protocols(ends).tolist() == protocol.tolist()
    assert addresses(ends).tolist() == address.tolist()
    assert ports(ends).tolist() == port.tolist()
    assert len(set(ends.tolist())) == len(set(rows))
