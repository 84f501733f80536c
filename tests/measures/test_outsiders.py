"""Who is behind a session, once his number is another's."""

from dataclasses import replace

import numpy as np
from tests.detectors.pools import Piece, pieces

from headwater.measures.outsiders import Outsiders

ROWS = [
    Piece(host=0, peer=5, conversation=9, asked=True),
    Piece(host=0, peer=6, conversation=3),
    Piece(host=1, peer=7, conversation=4, asked=True),
    Piece(host=1, peer=7, conversation=4, asked=True, at_s=900),
]


def test_each_session_that_is_asked_about_tells_whom_it_met() -> None:
    given = pieces(ROWS)
    known = Outsiders.of(given)
    assert known.conversation.tolist() == [4, 9]
    as_one = replace(given, peer=np.full(len(ROWS), 99)).only(np.array([3, 0, 2]))
    assert known.who(as_one).tolist() == [7, 5, 7]
